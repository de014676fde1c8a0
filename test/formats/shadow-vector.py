"""Shadows, versions 1 and 2, written a second time and on its own, to make the vectors in shadow-vector.json.
Python 3 with the package `cryptography`. Usage: python3 test/formats/shadow-vector.py > test/formats/shadow-vector.json"""
import hashlib, hmac, json, random
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

P = 257
rng = random.Random(2025)  # any generator does: these shadows guard nothing
MAC_KEY = bytes(range(100, 132))
SHARING = '00112233aabbccdd'


def inverse_mod(matrix):
    """Over the rationals of Z_257, by cofactors: slow, and nothing like the elimination of the product."""
    def det(m):
        if not m:
            return 1
        return sum((-1) ** j * m[0][j] * det([row[:j] + row[j + 1:] for row in m[1:]]) for j in range(len(m))) % P
    whole = det(matrix)
    if whole == 0:
        return None
    scale = pow(whole, -1, P)
    n = range(len(matrix))
    minor = lambda i, j: det([row[:j] + row[j + 1:] for k, row in enumerate(matrix) if k != i])
    return [[(-1) ** (i + j) * minor(j, i) * scale % P for j in n] for i in n]


def times(a, b):
    return [[sum(x * y for x, y in zip(row, column)) % P for column in zip(*b)] for row in a]


def split_block(block, m, r, s):
    """Remainder and s vectors of one block, redrawing A until everything fits bytes (no scaling)."""
    while True:
        a = [[rng.randrange(P) for _ in range(r)] for _ in range(m)]
        at = [list(column) for column in zip(*a)]
        gram = inverse_mod(times(at, a))
        if gram is None:
            continue
        projection = times(times(a, gram), at)
        rest = [(block[i * m + j] - projection[i][j]) % P for i in range(m) for j in range(m)]
        vectors = [[sum(a[i][k] * pow(x, k, P) for k in range(r)) % P for i in range(m)] for x in range(1, s + 1)]
        if 256 not in rest and all(256 not in v for v in vectors):
            return bytes(rest), [bytes(v) for v in vectors]


def gf(a, b):
    out = 0
    for bit in range(8):
        if b >> bit & 1:
            out ^= a << bit
    for bit in range(14, 7, -1):
        if out >> bit & 1:
            out ^= 0x11D << bit - 8
    return out


def gf_inverse(a):
    return next(b for b in range(256) if gf(a, b) == 1)


def through(points, x):
    """The value at x of the polynomial through (x_k, y_k)."""
    out = 0
    for xk, yk in points:
        term = yk
        for xj, _ in points:
            if xj != xk:
                term = gf(term, gf(x ^ xj, gf_inverse(xk ^ xj)))
        out ^= term
    return out


def hkdf(secret, info):
    key = hmac.new(bytes(32), secret, hashlib.sha256).digest()
    return hmac.new(key, info + b'\x01', hashlib.sha256).digest()


def mask(key, number, vectors):
    iv = bytes(4) + bytes(11) + bytes([number])
    return Cipher(algorithms.ChaCha20(hkdf(key, b'sfmedir/vectors/2'), iv), None).encryptor().update(vectors)


def padded(length):
    """Multiples of 256, and where they are larger of 2^(E-S) (Padme): E the place of the top bit, S the bits of E."""
    top = length.bit_length() - 1
    step = max(256, 1 << max(0, top - top.bit_length()))
    return -(-length // step) * step


def shadows_of(data, version, scheme, m, r, s):
    image = hashlib.sha256(data).hexdigest()
    if scheme == 1:
        stream = (len(data).to_bytes(4, 'big') if version == 1 else b'') + data
        stream += bytes(rng.randrange(256) for _ in range(-len(stream) % (m * m)))
        extent = len(stream) // (m * m)
        parts = [split_block(stream[b * m * m:(b + 1) * m * m], m, r, s) for b in range(extent)]
        plain = b''.join(rest for rest, _ in parts)
        vectors = [b''.join(v[i] for _, v in parts) for i in range(s)]
    else:
        extent, plain, vectors = len(data), data, [b''] * s
    key = bytes(rng.randrange(256) for _ in range(32))
    if version == 1:
        bound = f'sfmedir/remainder/{image}/{SHARING}'.encode()
    else:
        bound = f'sfmedir/remainder/2/{image}/{SHARING}'.encode()
        vectors = [mask(key, i + 1, vector) for i, vector in enumerate(vectors)]
        beside = 48 + len(vectors[0]) + 64
        size = padded(beside + -(-(len(plain) + 16) // r)) - beside
        plain = plain.ljust(size * r - 16, b'\0')
    sealed = ChaCha20Poly1305(key).encrypt(bytes(12), plain, bound)
    size = -(-len(sealed) // r)
    sealed = sealed.ljust(size * r, b'\0')
    rows = [sealed[j * size:(j + 1) * size] for j in range(r)]
    for x in range(r + 1, s + 1):
        rows.append(bytes(through([(j + 1, rows[j][c]) for j in range(r)], x) for c in range(size)))
    polynomials = [[byte] + [rng.randrange(256) for _ in range(r - 1)] for byte in key]
    out = []
    for i in range(s):
        share = bytearray()
        for polynomial in polynomials:
            value, power = 0, 1
            for coefficient in polynomial:
                value ^= gf(coefficient, power)
                power = gf(power, i + 1)
            share.append(value)
        declared = (m, extent.to_bytes(4, 'big')) if version == 1 else (0, b'')
        head = b'SFSH' + bytes([version, scheme, declared[0], i + 1]) + bytes.fromhex(image) + bytes.fromhex(SHARING)
        body = head + declared[1] + vectors[i] + rows[i] + bytes(share)
        out.append((body + hmac.new(MAC_KEY, body, hashlib.sha256).digest()).hex())
    return {'data': data.hex(), 'image': image, 'threshold': r, 'shadows': out}


cases = [(1, 'bai', 1, 8, 2, 3, 0), (1, 'bai', 1, 8, 2, 3, 100), (1, 'bai', 1, 8, 4, 6, 61),
         (1, 'bai', 1, 16, 2, 2, 300), (1, 'disperse', 2, 0, 2, 3, 0), (1, 'disperse', 2, 0, 3, 5, 100),
         (2, 'bai', 1, 8, 2, 3, 0), (2, 'bai', 1, 8, 2, 3, 100), (2, 'bai', 1, 8, 4, 6, 64), (2, 'bai', 1, 8, 5, 6, 1000),
         (2, 'bai', 1, 16, 7, 8, 300), (2, 'disperse', 2, 0, 2, 3, 0), (2, 'disperse', 2, 0, 3, 5, 100),
         (2, 'disperse', 2, 0, 2, 3, 9000)]
print(json.dumps({'sharing': SHARING, 'macKey': MAC_KEY.hex(), 'vectors': [
    {'version': version, 'scheme': name, 'blockSide': m, 'total': s,
     **shadows_of(bytes(i * i >> 3 & 255 for i in range(n)), version, scheme, m, r, s)}
    for version, name, scheme, m, r, s, n in cases]}, indent=1))
