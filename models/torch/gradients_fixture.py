"""Independent oracle for the training graphs: the same net and losses in float64 with torch's own conv2d, layer_norm, gelu
and autograd. Writes test/fixtures/convnext-gradients.json. Weights and images come from sines, so the fixture holds only
results. Debian: apt-get install python3-torch; /usr/bin/python3 models/torch/gradients_fixture.py"""
import json, math, os
import torch
from convnext import csq, forward, parameters

torch.set_default_dtype(torch.float64)
NET = {'side': 32, 'widths': [8, 16, 24, 32], 'depths': [1, 1, 1, 1], 'codeBits': [8, 16]}
WIDE = {'side': 64, 'widths': [4, 4, 8, 8], 'depths': [1, 1, 1, 1], 'codeBits': [8]}  # 16x16 maps: blocks of rows
IMAGES = 3

def single(values):
    return torch.tensor(values).to(torch.float32).to(torch.float64)

def start(net):
    tensors, offset = {}, 0
    for name, shape, role in parameters(net):
        size = shape[0] * shape[1]
        rows = []
        for i in range(offset, offset + size):
            if role == 'one': rows.append(1 + 0.1 * math.sin(i))
            elif role == 'zero': rows.append(0.1 * math.sin(1.3 * i))
            else: rows.append(1.7 / math.sqrt(shape[1]) * math.sin(0.7 * i + 0.3))
        tensors[name] = single(rows).reshape(shape).requires_grad_(True)
        offset += size
    return tensors

def signs(bits, images):  # laid out [bits, images]
    return torch.tensor([1.0 if math.sin(2.1 * i + 0.5) >= 0 else -1.0 for i in range(bits * images)]).reshape(bits, images).T

def saat(z, m, alpha, sign):
    q = torch.tanh(alpha * z) * m
    return (sign * (q + 2) * q * (sign * q > -0.5)).mean()

def sample(tensor):
    flat = tensor.detach().flatten()
    step = max(1, flat.numel() // 48)
    return {'norm': float(flat.norm()), 'step': step, 'values': [float(f'{v:.9g}') for v in flat[::step].tolist()]}

def case(net):
    p = start(net)
    side = net['side']
    x = single([0.5 + 0.5 * math.sin(0.9 * i) for i in range(IMAGES * side * side)]).reshape(IMAGES, 1, side, side).requires_grad_(True)
    z = forward(net, p, x)
    loss = sum(csq(z[b], signs(b, IMAGES)) for b in z) / len(z)
    names = list(p)
    grads = torch.autograd.grad(loss, [p[n] for n in names] + [x], retain_graph=True)
    attack = sum(saat(z[b], signs(b, IMAGES), 0.7, -1.0) for b in z)
    dx = torch.autograd.grad(attack, [x])[0]
    return {'net': net, 'images': IMAGES, 'loss': float(loss), 'gradients': {n: sample(g) for n, g in zip(names, grads)}, 'dx': sample(grads[-1]),
            'outputs': {str(b): sample(z[b]) for b in z}, 'mainstay': {'alpha': 0.7, 'sign': -1, 'loss': float(attack), 'dx': sample(dx)}}

path = os.path.join(os.path.dirname(__file__), '../../test/fixtures/convnext-gradients.json')
with open(path, 'w') as f:
    json.dump({'torch': torch.__version__, 'cases': [case(NET), case(WIDE)]}, f)
    f.write('\n')
