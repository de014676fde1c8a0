"""GF(2^8) with weights, Reed-Solomon and Shamir; GF(257) with projections."""
from functools import lru_cache

P = 257


@lru_cache(maxsize=None)
def times(a, b):
    out = 0
    for bit in range(8):
        if b >> bit & 1:
            out ^= a << bit
    for bit in range(14, 7, -1):
        if out >> bit & 1:
            out ^= 0x11d << bit - 8
    return out


@lru_cache(maxsize=None)
def inverse(a):
    return next(b for b in range(1, 256) if times(a, b) == 1)


def weights(points, at):
    out = []
    for j, own in enumerate(points):
        w = 1
        for i, other in enumerate(points):
            if i != j:
                w = times(w, times(at ^ other, inverse(own ^ other)))
        out.append(w)
    return out


def value_at(rows, at):
    """Of the polynomials through rows {number: bytes}, byte by byte, the values at a point."""
    points = list(rows)
    tables = [bytes(times(w, b) for b in range(256)) for w in weights(points, at)]
    out = bytes(len(rows[points[0]]))
    for point, table in zip(points, tables):
        out = bytes(x ^ y for x, y in zip(out, rows[point].translate(table)))
    return out


def data_fragments(rows, r):
    return [rows[n] if n in rows else value_at(rows, n) for n in range(1, r + 1)]


def share(secret, coefficients, total):
    """Shares 1 to total of polynomials: at 0 the secret, then the coefficients of x, x² …"""
    shares = []
    for n in range(1, total + 1):
        row = bytearray(secret)
        power = 1
        for coefficient in coefficients:
            power = times(power, n)
            for at, byte in enumerate(coefficient):
                row[at] ^= times(byte, power)
        shares.append(bytes(row))
    return shares


def invert_matrix(matrix):
    n = len(matrix)
    rows = [list(row) + [int(i == j) for j in range(n)] for i, row in enumerate(matrix)]
    for c in range(n):
        pivot = next(i for i in range(c, n) if rows[i][c] % P)
        rows[c], rows[pivot] = rows[pivot], rows[c]
        scale = pow(rows[c][c], -1, P)
        rows[c] = [v * scale % P for v in rows[c]]
        for i in range(n):
            if i != c and rows[i][c]:
                rows[i] = [(v - rows[i][c] * w) % P for v, w in zip(rows[i], rows[c])]
    return [row[n:] for row in rows]


def projection(columns):
    gram = [[sum(x * y for x, y in zip(a, b)) % P for b in columns] for a in columns]
    inner = invert_matrix(gram)
    lines = list(zip(*columns))
    left = [[sum(x * y for x, y in zip(line, column)) % P for column in zip(*inner)] for line in lines]
    return [[sum(x * y for x, y in zip(a, b)) % P for b in lines] for a in left]
