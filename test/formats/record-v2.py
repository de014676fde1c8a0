"""Writes record-v2.json: claims, records, tombstones and proofs of version 2, encoded by hand and signed with real keys,
by none of the code under test.

python3 test/formats/record-v2.py > test/formats/record-v2.json     (needs Debian's python3-cryptography)
"""
import hashlib
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


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


def sha(data):
    return hashlib.sha256(data).digest()


def digest(name):
    return sha(name.encode())


LETTERS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'


class Peer:
    def __init__(self, name):
        self.key = Ed25519PrivateKey.from_private_bytes(digest('seed of ' + name))
        raw = bytes.fromhex('002408011220') + self.key.public_key().public_bytes_raw()
        n, text = int.from_bytes(raw, 'big'), ''
        while n:
            n, rest = divmod(n, 58)
            text = LETTERS[rest] + text
        self.id = '1' + text  # one zero byte leads

    def sign(self, items):
        return self.key.sign(cbor(items))

    def signed(self, items):
        return items + [self.sign(items)]


owner, first, second = Peer('owner'), Peer('first'), Peer('second')
slaves = [Peer(f'slave {n}') for n in range(1, 256)]


def image_id(image):
    return sha(f'sfmedir/image/2/{owner.id}/'.encode() + image)


def record(name, bits, metadata, size, total, time, counter=1):
    image = digest(name)
    sharing = digest('sharing of ' + name)[:8]
    claim = owner.signed([2, 'claim', owner.id, first.id, time, image, [digest('model'), digest('view'), bits],
                          digest('code')[:bits // 8], size, metadata])
    master, other = (first, second) if counter == 1 else (second, first)
    holders = []
    for number, slave in enumerate(slaves[:total], 1):
        shadow, length = digest(f'shadow {number}'), 1000 + number
        receipt = [2, 'receipt', image_id(image), sharing, [time, counter, master.id], number, shadow, length]
        holders.append([slave.id, number, shadow, length, slave.sign(receipt)])
    placement = [2, 'placement', 'bai', sharing, total, holders, bytes(range(42))]
    body = [[counter, master.id], time + 1, claim, placement]
    cosign = None if counter == 1 else [other.id, other.sign([2, 'cosign'] + body + [other.id])]
    encoded = cbor(master.signed([2, 'record'] + body + [cosign]))
    kept = second.sign([2, 'kept', sha(encoded), second.id])
    return {
        'name': name, 'id': image_id(image).hex(), 'digest': image.hex(), 'asked': time, 'counter': counter,
        'master': master.id, 'bits': bits, 'size': size, 'metadata': metadata.hex(), 'sharing': sharing.hex(),
        'holders': [[s, n, d.hex(), b, r.hex()] for s, n, d, b, r in holders], 'claim': cbor(claim).hex(),
        'bytes': encoded.hex(), 'kept': {'master': second.id, 'signature': kept.hex()}
    }


records = [
    record('64 bits, 3 holders', 64, b'sealed name', 524288, 3, 1764000000000),
    record('8 bits, 2 holders, no metadata', 8, b'', 1, 2, 0),
    record('256 bits, 255 holders, largest size and time', 256, bytes(4096), 2**28, 255, 8_640_000_000_000_000 - 1),
    record('shared anew by the second master, seconded by the first', 16, b'x', 77, 3, 1764000000000, counter=2)
]
gone = digest('gone')
deletion = owner.signed([2, 'deletion', owner.id, gone, 1764000000002])
abort = first.signed([2, 'abort', image_id(gone), bytes(range(8)), [5, 1, first.id], 6])
print(json.dumps({
    'owner': owner.id, 'masters': [first.id, second.id], 'slaves': [slave.id for slave in slaves], 'records': records,
    'tombstone': {'id': image_id(gone).hex(), 'digest': gone.hex(), 'time': 1764000000002,
                  'deletion': cbor(deletion).hex(), 'bytes': cbor([2, 'tombstone', deletion]).hex()},
    'abort': {'image': image_id(gone).hex(), 'sharing': bytes(range(8)).hex(), 'asked': 5, 'time': 6,
              'bytes': cbor(abort).hex()}
}, indent=1))
