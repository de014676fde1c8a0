"""Trains a hash net on a GPU (or any device that torch has): the same net, loss, images, class centres, schedule and variation
as `sfmedir train`, by PGD where --attack-steps is above 0. Other random draws, so other weights than Node's, of the same kind.

    node scripts/torch-run.ts export RUN DATA/t-mri            # writes RUN/task.json, views.u8, start.f32
    python3 models/torch/train.py RUN --epochs 100 --attack-steps 2
    node scripts/torch-run.ts import RUN my-model              # reads RUN/weights.f32, writes models/trained/my-model.onnx

A run that was stopped goes on from RUN/checkpoint.pt. Needs torch 1.13 or later, with numpy."""
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
    p.add_argument('--epsilon', type=float, default=8 / 255)
    p.add_argument('--clean-share', type=float, default=0.375)
    p.add_argument('--ramp-epochs', type=int, default=3)
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
        start = bytearray(open(os.path.join(folder, 'start.f32'), 'rb').read())
        self.start = torch.frombuffer(start, dtype=torch.float32).to(device)

    def tensors(self, flat):
        """The named tensors of a flat vector, without a copy."""
        return {p['name']: flat[p['offset']:p['offset'] + p['size']].view(p['shape']) for p in self.parameters}

    def loss(self, flat, x, labels):
        z = forward(self.net, self.tensors(flat), x)
        return sum(csq(z[bits], self.book[bits][labels]) for bits in z) / len(z)


def epoch_order(labels, images, balance, rng):
    """As models/epoch-order.ts: class shares n^(1-balance), no image of a class twice before all came once."""
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
    """As models/augment.ts: turn, zoom, shift about the middle (bilinear, the edge repeats), contrast, mirror."""
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


def attack(task, flat, x, labels, steps, epsilon, step_size):
    """PGD on the training loss from a random start within epsilon."""
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
            x = attack(task, flat, x, y, steps, epsilon, 2.5 * epsilon / steps)
        with torch.no_grad():
            z = forward(task.net, task.tensors(flat), x)[bits]
            right += int(((z.sign() + 1e-3 * z.tanh()) @ task.book[bits].T).argmax(1).eq(y).sum())
    return right / len(images)


def cosine_rate(step, steps, warmup, top):
    if step < warmup:
        return top * (step + 1) / warmup
    return top * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1, (step - warmup) / max(1, steps - warmup)))))


def save(path, value):
    torch.save(value, path + '.part')
    os.replace(path + '.part', path)


def main():
    a = arguments()
    task = Task(a.run, a.device)
    s, rng = task.settings, random.Random(a.seed)
    torch.manual_seed(a.seed)
    flat = task.start.clone().requires_grad_(True)
    average, best = task.start.clone(), {'score': -1.0, 'epoch': 0, 'weights': task.start.clone()}
    decays = torch.zeros_like(flat)
    for p in task.parameters:
        if p['role'] not in ('one', 'zero'):
            decays[p['offset']:p['offset'] + p['size']] = 1
    adam = torch.optim.Adam([flat], lr=a.learning_rate)  # weight decay by hand: it spares scales and offsets
    per_epoch = len(epoch_order(task.labels, task.training, s['balance'], random.Random(0))) // a.batch
    steps, first, history = per_epoch * a.epochs, 0, []
    path, identity = os.path.join(a.run, 'checkpoint.pt'), [vars(a), task.digest]
    if os.path.exists(path):
        c = torch.load(path, map_location=a.device)
        if c['identity'] != identity:
            raise SystemExit(f'{path} is of other settings or images; remove it to begin anew')
        flat.data.copy_(c['flat'])
        average.copy_(c['average'])
        adam.load_state_dict(c['adam'])
        best, first, history = c['best'], c['epoch'], c['history']
        rng.setstate(c['rng'])
    for epoch in range(first, a.epochs):
        began, total = time.time(), 0.0
        order = epoch_order(task.labels, task.training, s['balance'], rng)
        for i in range(per_epoch):
            step = epoch * per_epoch + i
            part = torch.tensor(order[i * a.batch:(i + 1) * a.batch], device=a.device)
            x, y = vary(task.views[part].float() / 255, task.augmentations[a.augment]), task.label[part]
            clean = round(a.batch * a.clean_share)
            if a.attack_steps > 0 and clean < a.batch:
                epsilon = a.epsilon * min(1, step / per_epoch / max(1e-9, a.ramp_epochs))
                moved = attack(task, flat, x[clean:], y[clean:], a.attack_steps, epsilon, 2.5 * epsilon / a.attack_steps)
                x = torch.cat([x[:clean], moved])
            loss = task.loss(flat, x, y)
            flat.grad, = torch.autograd.grad(loss, [flat])
            if not torch.isfinite(loss) or not torch.isfinite(flat.grad).all():
                raise SystemExit(f'the loss is not a number any more at step {step}; the last checkpoint stays')
            torch.nn.utils.clip_grad_norm_([flat], s['clipNorm'])
            rate = cosine_rate(step, steps, math.ceil(s['warmupShare'] * steps), a.learning_rate)
            adam.param_groups[0]['lr'] = rate
            with torch.no_grad():
                flat -= rate * s['weightDecay'] * decays * flat
            adam.step()
            with torch.no_grad():
                average.lerp_(flat, 1 - min(s['average'], (2 + step) / (11 + step)))
            total += float(loss)
        record = {'epoch': epoch + 1, 'loss': total / per_epoch, 'seconds': round(time.time() - began, 1)}
        if (epoch + 1) % a.validate_every == 0 or epoch + 1 == a.epochs:
            record['clean'] = accuracy(task, average, task.validation, 0, 0)
            if a.attack_steps > 0:
                record['robust'] = accuracy(task, average, task.validation, 10, a.epsilon)
            score = (record['clean'] + record.get('robust', record['clean'])) / 2
            if score >= best['score']:
                best = {'score': score, 'epoch': epoch + 1, 'weights': average.clone()}
        history.append(record)
        print(json.dumps(record), flush=True)
        save(path, {'identity': identity, 'flat': flat.detach(), 'average': average, 'adam': adam.state_dict(), 'best': best,
                    'epoch': epoch + 1, 'history': history, 'rng': rng.getstate()})
    with open(os.path.join(a.run, 'weights.f32'), 'wb') as file:
        file.write(best['weights'].cpu().numpy().tobytes())
    with open(os.path.join(a.run, 'result.json'), 'w') as file:
        json.dump({'settings': vars(a), 'torch': torch.__version__, 'bestEpoch': best['epoch'], 'history': history}, file)


if __name__ == '__main__':
    main()
