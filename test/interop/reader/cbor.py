"""CBOR in the one canonical form of docs/formats.md: unsigned numbers, bytes, texts, arrays, maps with text keys, null."""
from primitives import Refused

SIZES = {24: 1, 25: 2, 26: 4, 27: 8}


def _head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for code, size in SIZES.items():
        if n < 1 << 8 * size:
            return bytes([major << 5 | code]) + n.to_bytes(size, 'big')
    raise Refused('a number too large')


def encode(item):
    if item is None:
        return b'\xf6'
    if isinstance(item, int):
        return _head(0, item)
    if isinstance(item, bytes):
        return _head(2, len(item)) + item
    if isinstance(item, str):
        return _head(3, len(item.encode())) + item.encode()
    if isinstance(item, list):
        return _head(4, len(item)) + b''.join(map(encode, item))
    keys = sorted(item, key=lambda key: (len(key.encode()), key.encode()))
    return _head(5, len(item)) + b''.join(encode(key) + encode(item[key]) for key in keys)


def decode(data):
    item, at = _read(data, 0)
    if at != len(data) or encode(item) != data:
        raise Refused('not canonical CBOR')
    return item


def _take(data, at, count):
    if at + count > len(data):
        raise Refused('CBOR that ends early')
    return data[at:at + count], at + count


def _read(data, at):
    first, at = _take(data, at, 1)
    major, n = first[0] >> 5, first[0] & 31
    if first == b'\xf6':
        return None, at
    if n > 23:
        if n not in SIZES:
            raise Refused('no such CBOR')
        rest, at = _take(data, at, SIZES[n])
        n = int.from_bytes(rest, 'big')
    if major == 0:
        return n, at
    if major == 2:
        return _take(data, at, n)
    if major == 3:
        text, at = _take(data, at, n)
        return text.decode(), at
    if major == 4:
        items = []
        for _ in range(n):
            item, at = _read(data, at)
            items.append(item)
        return items, at
    if major == 5:
        pairs = {}
        for _ in range(n):
            key, at = _read(data, at)
            pairs[key], at = _read(data, at)
        return pairs, at
    raise Refused('no such CBOR')
