"""The hash net and its loss in plain torch: the same ConvNeXt as models/net/convnext.ts, written apart from it, with torch's own
conv2d, layer_norm and gelu. A net is a dict with side, widths, depths and codeBits; its weights a dict of tensors of the
shapes that models/net/net-config.ts gives them."""
import torch
import torch.nn.functional as F


def parameters(net):
    """Name, shape and role of every weight, in the order of the flat vector."""
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


def layer_norm(x, p, name):
    return F.layer_norm(x, (x.shape[-1],), p[name + '.scale'].flatten(), p[name + '.offset'].flatten(), 1e-6)


def forward(net, p, x):
    """Outputs [images, bits] of every head, for images [images, 1, side, side] in 0..1."""
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


def csq(z, y):
    """Central similarity quantisation of one head: z and the signs y are [images, bits]; sigmoid(2z) is (tanh z + 1)/2."""
    entropy = F.binary_cross_entropy_with_logits(2 * z, (y + 1) / 2)
    return entropy + 0.1 * ((torch.tanh(z).abs() - 1) ** 2).mean()
