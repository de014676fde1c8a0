"""Writes record-v1.json: records of version 1 and their bytes, encoded here by hand and not by the code under test.

python3 test/formats/record-v1.py > test/formats/record-v1.json
"""
import hashlib
import json


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if n < 1 << 8 * size:
            return bytes([major << 5 | extra]) + n.to_bytes(size, 'big')


def cbor(item):
    if item is None:
        return b'\xf6'
    if isinstance(item, int):
        return head(0, item)
    if isinstance(item, bytes):
        return head(2, len(item)) + item
    if isinstance(item, str):
        return head(3, len(item.encode())) + item.encode()
    return head(4, len(item)) + b''.join(map(cbor, item))


def digest(name):
    return hashlib.sha256(name.encode()).digest()


def peer(name):
    letters = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
    return '12D3KooW' + ''.join(letters[b % 58] for b in hashlib.sha512(name.encode()).digest()[:44])


def claim(image, bits, metadata, size):
    space = [digest('model'), digest('view'), bits]
    return [1, 'claim', image, peer('owner'), space, digest('code')[:bits // 8], size, metadata]


def placement(total):
    holders = [[peer(f'slave {n}'), n, digest(f'shadow {n}')] for n in range(1, total + 1)]
    return [1, 'placement', 'p257', digest('sharing')[:8], total, holders, bytes(range(48))]


def case(name, image, counter, time, stored):
    signed = [1, 'record', image, [counter, peer('master')], time, stored]
    record = signed + [hashlib.sha512(b'master signature').digest()]
    value = {
        'image': image.hex(), 'counter': counter, 'master': record[3][1], 'time': time,
        'masterSignature': record[6].hex(), 'stored': None
    }
    if stored is not None:
        c, p = stored
        value['stored'] = {
            'owner': c[3], 'model': c[4][0].hex(), 'view': c[4][1].hex(), 'bits': c[4][2], 'code': c[5].hex(),
            'size': c[6], 'metadata': c[7].hex(), 'ownerSignature': c[8].hex(), 'scheme': p[2], 'sharing': p[3].hex(),
            'total': p[4], 'holders': [[slave, n, d.hex()] for slave, n, d in p[5]], 'sealedThreshold': p[6].hex()
        }
    return {
        'name': name, 'record': value, 'bytes': cbor(record).hex(), 'recordBytes': cbor(signed).hex(),
        'claimBytes': None if stored is None else cbor(stored[0][:8]).hex()
    }


def stored(image, bits, metadata, size, total):
    signature = hashlib.sha512(b'owner signature').digest()
    return [claim(image, bits, metadata, size) + [signature], placement(total)]


images = [digest(f'image {n}') for n in range(4)]
cases = [
    case('64 bits, 3 holders', images[0], 1, 1764000000000, stored(images[0], 64, b'sealed name', 524288, 3)),
    case('8 bits, 1 holder, no metadata', images[1], 0, 0, stored(images[1], 8, b'', 1, 1)),
    case('256 bits, 255 holders, largest numbers', images[2], 2**53 - 1, 2**53 - 1,
         stored(images[2], 256, bytes(300), 2**40, 255)),
    case('tombstone', images[3], 7, 1764000000001, None)
]
print(json.dumps(cases, indent=1))
