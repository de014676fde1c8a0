"""Trains a hash net on a GPU (or any device that torch has): the same net, loss, images, class centres, schedule and variation
as `sfmedir train`, by PGD where --attack-steps is above 0. Other random draws, so other weights than Node's, of the same kind.

    node scripts/torch-run.ts export RUN DATA/t-mri            # writes RUN/task.json, views.u8, start.f32
    python3 models/torch/train.py RUN --epochs 100 --attack-steps 2
    node scripts/torch-run.ts import RUN my-model              # reads RUN/weights.f32, writes models/trained/my-model.onnx

A run that was stopped goes on from RUN/checkpoint.pt, with other draws than it would have had. Needs torch 1.13 or later,
with numpy."""
import argparse
import json
import math
import os
import random
import time

import torch
import torch.nn.functional as F

from convnext import csq, forward


def arguments():
    p = argparse.ArgumentParser(description='train a hash net that scripts/torch-run.ts has exported')
    p.add_argument('run')
    p.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    p.add_argument('--epochs', type=int, default=60)
    p.add_argument('--batch', type=int, default=64)
    p.add_argument('--learning-rate', type=float, default=1e-3)
    p.add_argument('--augment', default='full', choices=['none', 'light', 'full'])
    p.add_argument('--attack-steps', type=int, default=0, help='0: clean training')
    p.add_argument('--epsilon', type=float)
    p.add_argument('--clean-share', type=float)
    p.add_argument('--ramp-epochs', type=int)
    p.add_argument('--validate-every', type=int, default=5)
    p.add_argument('--seed', type=int, default=1)
    return p.parse_args()


class Task:
    """What was exported: images, labels, split, class centres and the net with the weights to start from."""

    def __init__(self, folder, device):
        with open(os.path.join(folder, 'task.json')) as file:
            self.__dict__.update(json.load(file))
        side = self.net['side']
        views = bytearray(open(os.path.join(folder, 'views.u8'), 'rb').read())
        self.views = torch.frombuffer(views, dtype=torch.uint8).reshape(-1, 1, side, side).to(device)
        self.label = torch.tensor(self.labels, device=device)
        self.book = {int(b): torch.tensor(rows, dtype=torch.float32, device=device) for b, rows in self.books.items()}
        self.reach = self.adversarial['steps'] * self.adversarial['stepSize']  # epsilons that all steps make together
        start = bytearray(open(os.path.join(folder, 'start.f32'), 'rb').read())
        self.start = torch.frombuffer(start, dtype=torch.float32).to(device)

    def tensors(self, flat):
        """The named tensors of a flat vector, without a copy."""
        return {p['name']: flat[p['offset']:p['offset'] + p['size']].view(p['shape']) for p in self.parameters}

    def loss(self, flat, x, labels):
        z = forward(self.net, self.tensors(flat), x)
        return sum(csq(z[bits], self.book[bits][labels]) for bits in z) / len(z)


def epoch_order(labels, images, balance, rng):
    """As models/data/epoch-order.ts: class shares n^(1-balance), no image of a class twice before all came once."""
    members = {}
    for at in images:
        members.setdefault(labels[at], []).append(at)
    weights = {c: len(m) ** (1 - balance) for c, m in members.items()}
    order = []
    for c, m in sorted(members.items()):
        count, deck = max(1, round(len(images) * weights[c] / sum(weights.values()))), []
        while len(deck) < count:
            deck += rng.sample(m, len(m))
        order += deck[:count]
    rng.shuffle(order)
    return order


def vary(x, by):
    """As models/data/augment.ts: turn, zoom, shift about the middle (bilinear, the edge repeats), contrast, mirror."""
    n, side = len(x), x.shape[-1]
    turn, zoom, right, down, gain, mirror = (torch.rand(6, n, device=x.device) * 2 - 1)
    angle, size = turn * by['degrees'] * math.pi / 180, 1 / (1 + zoom * by['zoom'])
    cos, sin = torch.cos(angle) * size, torch.sin(angle) * size
    flip = torch.where((mirror > 0) & bool(by['mirror']), -1.0, 1.0)
    reach = 2 * by['shift'] * side / (side - 1)  # pixels to the -1..1 of the grid
    rows = [torch.stack([cos * flip, -sin, right * reach], 1), torch.stack([sin * flip, cos, down * reach], 1)]
    grid = F.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=True)
    x = F.grid_sample(x, grid, mode='bilinear', padding_mode='border', align_corners=True)
    return (x * (1 + gain * by['gain']).view(-1, 1, 1, 1)).clamp(max=1)


def attack(task, flat, x, labels, steps, epsilon):
    """PGD on the training loss from a random start within epsilon."""
    step_size = task.reach * epsilon / steps
    delta = (torch.rand_like(x) * 2 - 1) * epsilon
    for _ in range(steps):
        seen = (x + delta).clamp(0, 1).requires_grad_(True)
        dx, = torch.autograd.grad(task.loss(flat, seen, labels), [seen])
        delta = (delta + step_size * dx.sign()).clamp(-epsilon, epsilon)
    return (x + delta).clamp(0, 1)


def accuracy(task, flat, images, steps, epsilon):
    """Share of images whose 16 bits (or the first length there is) are nearest to the centre of their own class."""
    bits, right = (16 if 16 in task.book else min(task.book)), 0
    for part in torch.tensor(images, device=flat.device).split(256):
        x, y = task.views[part].float() / 255, task.label[part]
        if steps > 0:
            x = attack(task, flat, x, y, steps, epsilon)
        with torch.no_grad():
            z = forward(task.net, task.tensors(flat), x)[bits]
            right += int(((z.sign() + 1e-3 * z.tanh()) @ task.book[bits].T).argmax(1).eq(y).sum())
    return right / len(images)


def cosine_rate(step, steps, warmup, top):
    if step < warmup:
        return top * (step + 1) / warmup
    return top * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1, (step - warmup) / max(1, steps - warmup)))))


class Training:
    """A run between its first and its last step: weights, their average, what the optimiser remembers, the best so far."""

    def __init__(self, task, a):
        self.task, self.a, self.rng = task, a, random.Random(a.seed)
        torch.manual_seed(a.seed)
        self.flat, self.average = task.start.clone().requires_grad_(True), task.start.clone()
        self.adam = torch.optim.Adam([self.flat])  # weight decay by hand: it spares scales and offsets
        self.decays = torch.zeros_like(task.start)
        for p in task.parameters:
            if p['role'] not in ('one', 'zero'):
                self.decays[p['offset']:p['offset'] + p['size']] = 1
        self.best = {'score': -1.0, 'epoch': 0, 'weights': task.start.clone()}
        self.epoch, self.history = 0, []
        self.steps_per_epoch = len(self.order(random.Random(0))) // a.batch
        self.path = os.path.join(a.run, 'checkpoint.pt')
        self.identity = [vars(a), task.digest]

    def resume(self):
        if not os.path.exists(self.path):
            return
        kept = torch.load(self.path, map_location=self.a.device)
        if kept['identity'] != self.identity:
            raise SystemExit(f'{self.path} is of other settings or images; remove it to begin anew')
        self.flat.data.copy_(kept['flat'])
        self.adam.load_state_dict(kept['adam'])
        self.average, self.best, self.epoch, self.history = (kept[k] for k in ('average', 'best', 'epoch', 'history'))
        self.rng.setstate(kept['rng'])

    def save(self):
        kept = {k: getattr(self, k) for k in ('identity', 'average', 'best', 'epoch', 'history')}
        kept.update(flat=self.flat.detach(), adam=self.adam.state_dict(), rng=self.rng.getstate())
        torch.save(kept, self.path + '.part')
        os.replace(self.path + '.part', self.path)

    def order(self, rng):
        return epoch_order(self.task.labels, self.task.training, self.task.settings['balance'], rng)

    def run_epoch(self):
        began, total, order = time.time(), 0.0, self.order(self.rng)
        for i in range(self.steps_per_epoch):
            part = order[i * self.a.batch:(i + 1) * self.a.batch]
            total += self.learn(torch.tensor(part, device=self.a.device), self.epoch * self.steps_per_epoch + i)
        self.epoch += 1
        record = {'epoch': self.epoch, 'loss': total / self.steps_per_epoch, 'seconds': round(time.time() - began, 1)}
        if self.epoch % self.a.validate_every == 0 or self.epoch == self.a.epochs:
            record.update(self.validate())
        self.history.append(record)
        return record

    def learn(self, part, step):
        """One step: vary the images, attack all but the clean share, learn. Returns the loss."""
        a, task = self.a, self.task
        x, y = vary(task.views[part].float() / 255, task.augmentations[a.augment]), task.label[part]
        clean = round(a.batch * a.clean_share)
        if a.attack_steps > 0 and clean < a.batch:
            epsilon = a.epsilon * min(1, step / self.steps_per_epoch / max(1e-9, a.ramp_epochs))
            x = torch.cat([x[:clean], attack(task, self.flat, x[clean:], y[clean:], a.attack_steps, epsilon)])
        loss = task.loss(self.flat, x, y)
        self.flat.grad, = torch.autograd.grad(loss, [self.flat])
        if not torch.isfinite(loss) or not torch.isfinite(self.flat.grad).all():
            raise SystemExit(f'the loss is not a number any more at step {step}; the last checkpoint stays')
        self.change(step)
        return float(loss)

    def change(self, step):
        """AdamW by the cosine schedule, and the running average: as models/train/adamw.ts."""
        s, steps = self.task.settings, self.steps_per_epoch * self.a.epochs
        torch.nn.utils.clip_grad_norm_([self.flat], s['clipNorm'])
        rate = cosine_rate(step, steps, math.ceil(s['warmupShare'] * steps), self.a.learning_rate)
        self.adam.param_groups[0]['lr'] = rate
        with torch.no_grad():
            self.flat -= rate * s['weightDecay'] * self.decays * self.flat
        self.adam.step()
        with torch.no_grad():
            self.average.lerp_(self.flat, 1 - min(s['average'], (2 + step) / (11 + step)))

    def validate(self):
        """Accuracy on the validation images, clean and under PGD-10; keeps the averaged weights when they are the best."""
        a, images = self.a, self.task.validation
        measured = {'clean': accuracy(self.task, self.average, images, 0, 0)}
        if a.attack_steps > 0:
            measured['robust'] = accuracy(self.task, self.average, images, 10, a.epsilon)
        score = sum(measured.values()) / len(measured)
        if score >= self.best['score']:
            self.best = {'score': score, 'epoch': self.epoch, 'weights': self.average.clone()}
        return measured


def main():
    a = arguments()
    task = Task(a.run, a.device)
    for name, key in (('epsilon', 'epsilon'), ('clean_share', 'cleanShare'), ('ramp_epochs', 'rampEpochs')):
        if getattr(a, name) is None:
            setattr(a, name, task.adversarial[key])  # as `sfmedir train` has it
    training = Training(task, a)
    training.resume()
    while training.epoch < a.epochs:
        print(json.dumps(training.run_epoch()), flush=True)
        training.save()
    with open(os.path.join(a.run, 'weights.f32'), 'wb') as file:
        file.write(training.best['weights'].cpu().numpy().tobytes())
    with open(os.path.join(a.run, 'result.json'), 'w') as file:
        settings = {'torch': torch.__version__, **{k: v for k, v in vars(a).items() if k != 'run'}}
        json.dump({'settings': settings, 'bestEpoch': training.best['epoch'], 'history': training.history}, file)


if __name__ == '__main__':
    main()
