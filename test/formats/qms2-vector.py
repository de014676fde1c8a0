"""QMS-2, version 1, written a second time and on its own, to make the vector in qms2-vector.json.
Python 3 with the package `cryptography`. Usage: python3 test/formats/qms2-vector.py > test/formats/qms2-vector.json"""
import hashlib, hmac, json
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

W = 2 ** 32
MASK = W - 1


def hkdf(secret, salt, info, length):
    prk = hmac.new(salt, secret, hashlib.sha256).digest()
    out, block, n = b'', b'', 1
    while len(out) < length:
        block = hmac.new(prk, block + info.encode() + bytes([n]), hashlib.sha256).digest()
        out, n = out + block, n + 1
    return out[:length]


def fmix(h):
    h = (h ^ (h >> 16)) * 0x85EBCA6B & MASK
    h = (h ^ (h >> 13)) * 0xC2B2AE35 & MASK
    return h ^ (h >> 16)


def hi(a, b):
    return a * b >> 32


def his(a, s):
    return hi(a, s) if s >= 0 else -hi(a, -s)


def i32(v):
    return (v + 2 ** 31) % W - 2 ** 31


def qlm(R, ER, E2, X, Y, Z, prg):
    while True:
        X ^= next(prg)
        n = MASK - X
        X, Y, Z = (
            (hi(R, 4 * hi(X, n)) - his(R, 4 * Y)) % W,
            i32(his(ER, 2 * (his(n, Y) - his(X, Z))) - his(E2, Y)),
            i32(his(ER, 2 * (his(n, Z) - his(X, Y))) - hi(ER, X) - his(E2, Z)),
        )
        z = Z & MASK
        yield fmix((X ^ (Y * 0x9E3779B1) ^ (z << 13 | z >> 19)) & MASK)


def lss(R, X, prg):
    while True:
        X ^= next(prg)
        u = hi(X, MASK - X)
        S = min(MASK, (u << 20) // ((5 * W - 4 * u) // 65536))
        X = (hi(R, 4 * u) + hi(W - R, S)) % W
        yield fmix(X)


def take(words, count):
    for _ in range(256):
        next(words)
    return [next(words) for _ in range(count)]


def q_layer(n, b):
    for i in range(4):
        control, target = (i, i + 4) if n >> i & 1 else (i + 4, i)
        b ^= (b >> control & 1) << target
    for i in range(8):
        b ^= (b >> (i + 1) % 8 & b >> (i + 3) % 8 & 1) << i
    return b


RULES = ['0123', '0213', '1032', '1302', '2031', '2301', '3120', '3210']


def dna(w, byte):
    a, b, op, g = RULES[w >> 8 & 7], RULES[w >> 11 & 7], (w >> 14 & 3) % 3, RULES[w >> 16 & 7]
    out = 0
    for s in (0, 2, 4, 6):
        x, y = a.index(str(byte >> s & 3)), b.index(str(w >> s & 3))
        out |= int(g[[(x + y) % 4, (x - y) % 4, x ^ y][op]]) << s
    return out


def encrypt(key, nonce, aad, P):
    siv_key, chaos, aead = (hkdf(key, nonce, 'QMS2/' + use, 32) for use in ('siv', 'chaos', 'aead'))
    aead_nonce = hkdf(key, nonce, 'QMS2/nonce', 12)
    siv = hmac.new(siv_key, aad + P, hashlib.sha256).digest()
    seed = hkdf(chaos, siv, 'QMS2/seed', 96)
    at = [32]

    def between(least, most):
        word = int.from_bytes(seed[at[0]:at[0] + 4], 'little')
        at[0] += 4
        return least + hi(word, most - least + 1)

    def state():
        return between(429496730, 3865470565), between(0, 42949671), between(0, 85899345)

    R, E = between(4187593113, 4294859921), between(1440801, 10646160)
    ER, E2 = hi(R, 4 * E), hi(E, E)
    first, second = state(), state()
    sine_x, sine_r = between(429496730, 3865470565), between(536870912, 4294967295)
    hx, hy = between(0, 53687090) - 26843545, between(0, 26843544) - 13421772
    iv1, iv2 = seed[at[0]], seed[at[0] + 1]

    stream = Cipher(algorithms.ChaCha20(seed[:32], bytes(4) + siv[:12]), None).encryptor()
    prg = iter(stream.update(bytes(3 * len(P) + 768)))
    N = len(P)
    w1 = take(qlm(R, ER, E2, *first, prg), max(0, N - 1))
    w2 = take(qlm(R, ER, E2, *second, prg), N)
    w3 = take(lss(sine_r, sine_x, prg), N)

    samples = []
    for step in range(272):
        hx, hy = i32(2 ** 28 - (375809638 * (hx * hx >> 28) >> 28) + hy), i32(80530636 * hx >> 28)
        samples.append(hx)
    planes, offsets = samples[256:264], [hi(fmix(x & MASK), N) for x in samples[264:]]
    rank = [sorted(range(8), key=lambda k: planes[k]).index(k) for k in range(8)]
    A = [sum((P[(i + offsets[k]) % N] >> k & 1) << rank[k] for k in range(8)) for i in range(N)]

    for i, w in zip(range(N - 1, 0, -1), w1):
        j = hi(w, i + 1)
        A[i], A[j] = A[j], A[i]
    last = iv1
    for i in range(N):
        last = A[i] = q_layer(w2[i] >> 8 & 15, (A[i] + last) % 256 ^ w2[i] & 255)
    last = iv2
    for i in range(N - 1, -1, -1):
        last = A[i] = q_layer(w2[i] >> 12 & 15, ((A[i] ^ last) + (w2[i] >> 16)) % 256)
    body = bytes(dna(w, byte) for w, byte in zip(w3, A))
    header = b'QMS2\x01' + nonce + siv
    return header + ChaCha20Poly1305(aead).encrypt(aead_nonce, body, header + aad)


key, nonce, aad = bytes(range(32)), bytes(range(100, 124)), b'\x07'
vectors = []
for length in (0, 1, 2, 65, 5000):
    image = bytes((i * i >> 3) % 256 for i in range(length))
    encrypted = encrypt(key, nonce, aad, image)
    vectors.append({'length': length, 'sha256': hashlib.sha256(encrypted).hexdigest()})
    if length == 65:
        vectors[-1]['encrypted'] = encrypted.hex()
print(json.dumps({'key': key.hex(), 'nonce': nonce.hex(), 'associated': aad.hex(), 'vectors': vectors}, indent=2))
