"""The core of QMS-2, both ways, as docs/formats.md describes it."""
from primitives import chacha20_stream, hkdf

TWO32 = 2 ** 32
WORD = TWO32 - 1
RULES = ['0123', '0213', '1032', '1302', '2031', '2301', '3120', '3210']


def hi(a, b):
    return a * b >> 32 if b >= 0 else -(a * -b >> 32)


def i32(v):
    v %= TWO32
    return v - TWO32 if v >= TWO32 // 2 else v


def fmix(h):
    h ^= h >> 16
    h = h * 0x85ebca6b % TWO32
    h ^= h >> 13
    h = h * 0xc2b2ae35 % TWO32
    return h ^ h >> 16


def read_seeds(seed):
    at = 32
    numbers = []
    state = [(429496730, 3865470565), (0, 42949671), (0, 85899345)]
    ranges = [(4187593113, 4294859921), (1440801, 10646160), *state, *state, state[0], (536870912, WORD),
              (0, 53687090), (0, 26843544)]
    for least, most in ranges:
        word = int.from_bytes(seed[at:at + 4], 'little')
        numbers.append(least + hi(word, most - least + 1))
        at += 4
    r, e = numbers[:2]
    return {'r': r, 'er': hi(r, 4 * e), 'e2': hi(e, e), 'permutation': numbers[2:5], 'diffusion': numbers[5:8],
            'X': numbers[8], 'S': numbers[9], 'henon': (numbers[10] - 26843545, numbers[11] - 13421772),
            'iv1': seed[at], 'iv2': seed[at + 1]}


def quantum_logistic(seeds, start, disturb, count):
    r, er, e2 = seeds['r'], seeds['er'], seeds['e2']
    x, y, z = start
    words = []
    for byte in disturb:
        x ^= byte
        n = WORD - x
        x, y, z = ((hi(r, 4 * hi(x, n)) - hi(r, 4 * y)) % TWO32,
                   i32(hi(er, 2 * (hi(n, y) - hi(x, z))) - hi(e2, y)),
                   i32(hi(er, 2 * (hi(n, z) - hi(x, y))) - hi(er, x) - hi(e2, z)))
        zw = z % TWO32
        words.append(fmix(x ^ y * 0x9e3779b1 % TWO32 ^ (zw << 13 | zw >> 19) % TWO32))
    return words[256:256 + count]


def logistic_sine(seeds, disturb):
    x, s = seeds['X'], seeds['S']
    words = []
    for byte in disturb:
        x ^= byte
        u = hi(x, WORD - x)
        q = min(WORD, (u << 20) // ((5 * TWO32 - 4 * u) // 65536))
        x = (hi(s, 4 * u) + hi(TWO32 - s, q)) % TWO32
        words.append(fmix(x))
    return words[256:]


def key_streams(seed, siv, length):
    seeds = read_seeds(seed)
    first = 256 + max(0, length - 1)
    stream = chacha20_stream(seed[:32], siv[:12], first + 2 * (256 + length))
    second = first + 256 + length
    return (seeds, quantum_logistic(seeds, seeds['permutation'], stream[:first], max(0, length - 1)),
            quantum_logistic(seeds, seeds['diffusion'], stream[first:second], length),
            logistic_sine(seeds, stream[second:]))


def planes(seeds, length):
    x, y = seeds['henon']
    samples = []
    for _ in range(272):
        x, y = i32(2 ** 28 - (375809638 * (x * x >> 28) >> 28) + y), i32(80530636 * x >> 28)
        samples.append(x)
    order = sorted(range(8), key=lambda k: (samples[256 + k], k))
    return [order.index(k) for k in range(8)], [hi(fmix(h % TWO32), length) for h in samples[264:]]


def layer(n, b):
    for p in range(4):
        if n >> p & 1:
            b ^= (b >> p & 1) << p + 4
        else:
            b ^= (b >> p + 4 & 1) << p
    for i in range(8):
        b ^= (b >> (i + 1) % 8 & b >> (i + 3) % 8 & 1) << i
    return b


LAYERS = [[layer(n, b) for b in range(256)] for n in range(16)]
BACK = [[table.index(b) for b in range(256)] for table in LAYERS]


def confuse_byte(word, byte, undo=False):
    data, key, result = RULES[word >> 8 & 7], RULES[word >> 11 & 7], RULES[word >> 16 & 7]
    operation = (word >> 14 & 3) % 3
    out = 0
    for shift in (0, 2, 4, 6):
        y = key.index(str(word >> shift & 3))
        given = str(byte >> shift & 3)
        if undo:
            base = result.index(given)
            out |= int(data[[(base - y) % 4, (base + y) % 4, base ^ y][operation]]) << shift
        else:
            x = data.index(given)
            out |= int(result[[(x + y) % 4, (x - y) % 4, x ^ y][operation]]) << shift
    return out


def core(image, seed, siv):
    """Bit planes, permutation, diffusion, confusion."""
    n = len(image)
    seeds, w1, w2, w3 = key_streams(seed, siv, n)
    t, o = planes(seeds, n)
    a = [sum((image[(i + o[k]) % n] >> k & 1) << t[k] for k in range(8)) for i in range(n)]
    for i, w in zip(range(n - 1, 0, -1), w1):
        j = hi(w, i + 1)
        a[i], a[j] = a[j], a[i]
    c = seeds['iv1']
    for i, w in enumerate(w2):
        c = a[i] = LAYERS[w >> 8 & 15][(a[i] + c) % 256 ^ w & 255]
    d = seeds['iv2']
    for i in range(n - 1, -1, -1):
        d = a[i] = LAYERS[w2[i] >> 12 & 15][((a[i] ^ d) + (w2[i] >> 16)) % 256]
    return bytes(confuse_byte(w, b) for w, b in zip(w3, a))


def undo_core(scrambled, seed, siv):
    n = len(scrambled)
    seeds, w1, w2, w3 = key_streams(seed, siv, n)
    a = [confuse_byte(w, b, undo=True) for w, b in zip(w3, scrambled)]
    for i in range(n):
        after = a[i + 1] if i + 1 < n else seeds['iv2']
        a[i] = (BACK[w2[i] >> 12 & 15][a[i]] - (w2[i] >> 16)) % 256 ^ after
    for i in range(n - 1, -1, -1):
        before = a[i - 1] if i > 0 else seeds['iv1']
        a[i] = ((BACK[w2[i] >> 8 & 15][a[i]] ^ w2[i] & 255) - before) % 256
    for i, w in reversed(list(zip(range(n - 1, 0, -1), w1))):
        j = hi(w, i + 1)
        a[i], a[j] = a[j], a[i]
    t, o = planes(seeds, n)
    image = bytearray(n)
    for i in range(n):
        for k in range(8):
            image[(i + o[k]) % n] |= (a[i] >> t[k] & 1) << k
    return bytes(image)


def chaos_seed(image_key, nonce, siv):
    return hkdf(hkdf(image_key, nonce, 'QMS2/chaos', 32), siv, 'QMS2/seed', 96)
