"""Independent oracle for the training graphs: the same net and losses in float64 with torch's own conv2d, layer_norm, gelu
and autograd. Writes test/fixtures/convnext-gradients.json. Weights and images come from sines, so the fixture holds only
results. Debian: apt-get install python3-torch; /usr/bin/python3 models/oracle/convnext-gradients.py"""
import json, math, os
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
NET = {'side': 32, 'widths': [8, 16, 24, 32], 'depths': [1, 1, 1, 1], 'codeBits': [8, 16]}
WIDE = {'side': 64, 'widths': [4, 4, 8, 8], 'depths': [1, 1, 1, 1], 'codeBits': [8]}  # 16x16 maps: blocks of rows
IMAGES = 3

def parameters(net):
    out, widths = [], net['widths']
    def norm(name, width):
        out.append((name + '.scale', (1, width), 'one')); out.append((name + '.offset', (width, 1), 'zero'))
    def linear(name, rows, columns):
        out.append((name + '.weight', (rows, columns), 'matrix')); out.append((name + '.bias', (rows, 1), 'zero'))
    linear('stem', widths[0], 16); norm('stem.norm', widths[0])
    for s, width in enumerate(widths):
        if s > 0:
            norm(f'down{s}.norm', widths[s - 1]); linear(f'down{s}', width, 4 * widths[s - 1])
        for b in range(net['depths'][s]):
            n = f'stage{s}.block{b}'
            linear(n + '.depthwise', width, 49); norm(n + '.norm', width)
            linear(n + '.widen', 4 * width, width); linear(n + '.narrow', width, 4 * width)
            out.append((n + '.layerScale', (width, 1), 'one'))
    norm('head.norm', widths[-1])
    for bits in net['codeBits']:
        linear(f'code{bits}', bits, widths[-1])
    return out

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

def layer_norm(x, p, name):
    return F.layer_norm(x, (x.shape[-1],), p[name + '.scale'].flatten(), p[name + '.offset'].flatten(), 1e-6)

def forward(net, p, x):
    widths = net['widths']
    a = F.conv2d((x - 0.25) / 0.25, p['stem.weight'].reshape(-1, 1, 4, 4), p['stem.bias'].flatten(), stride=4)
    a = layer_norm(a.permute(0, 2, 3, 1), p, 'stem.norm').permute(0, 3, 1, 2)
    for s, width in enumerate(widths):
        if s > 0:
            a = layer_norm(a.permute(0, 2, 3, 1), p, f'down{s}.norm').permute(0, 3, 1, 2)
            a = F.conv2d(a, p[f'down{s}.weight'].reshape(width, widths[s - 1], 2, 2), p[f'down{s}.bias'].flatten(), stride=2)
        for b in range(net['depths'][s]):
            n = f'stage{s}.block{b}'
            y = F.conv2d(a, p[n + '.depthwise.weight'].reshape(width, 1, 7, 7), p[n + '.depthwise.bias'].flatten(), padding=3, groups=width)
            y = layer_norm(y.permute(0, 2, 3, 1), p, n + '.norm')
            y = F.gelu(F.linear(y, p[n + '.widen.weight'], p[n + '.widen.bias'].flatten()))
            y = F.linear(y, p[n + '.narrow.weight'], p[n + '.narrow.bias'].flatten()) * p[n + '.layerScale'].flatten()
            a = a + y.permute(0, 3, 1, 2)
    features = layer_norm(a.mean((2, 3)), p, 'head.norm')
    return {bits: F.linear(features, p[f'code{bits}.weight'], p[f'code{bits}.bias'].flatten()) for bits in net['codeBits']}

def signs(bits, images):  # laid out [bits, images]
    return torch.tensor([1.0 if math.sin(2.1 * i + 0.5) >= 0 else -1.0 for i in range(bits * images)]).reshape(bits, images).T

def csq(z, y):
    u = torch.tanh(z)
    entropy = F.binary_cross_entropy((u + 1) / 2, (y + 1) / 2)
    return entropy + 0.1 * ((u.abs() - 1) ** 2).mean()

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
