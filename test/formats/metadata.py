"""Writes metadata.json: sealed metadata of versions 1 and 2, made here and not by the code under test. Needs `cryptography`.

python3 test/formats/metadata.py > test/formats/metadata.json
"""
import hashlib
import hmac
import json
import struct

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if n < 1 << 8 * size:
            return bytes([major << 5 | extra]) + n.to_bytes(size, 'big')


def cbor(item):
    if isinstance(item, int):
        return head(0, item)
    if isinstance(item, bytes):
        return head(2, len(item)) + item
    if isinstance(item, str):
        return head(3, len(item.encode())) + item.encode()
    if isinstance(item, list):
        return head(4, len(item)) + b''.join(map(cbor, item))
    keys = sorted(item, key=lambda key: (len(key), key))
    return head(5, len(item)) + b''.join(cbor(key) + cbor(item[key]) for key in keys)


def hkdf(secret, salt, info, length=32):
    key = hmac.new(salt or bytes(32), secret, hashlib.sha256).digest()
    return hmac.new(key, info + b'\x01', hashlib.sha256).digest()[:length]


def hchacha20(key, nonce):
    x = list(struct.unpack('<16I', b'expand 32-byte k' + key + nonce))

    def quarter(a, b, c, d):
        for to, by, turn in ((a, d, 16), (c, b, 12), (a, d, 8), (c, b, 7)):
            other = b if to == a else d
            x[to] = (x[to] + x[other]) & 0xffffffff
            mixed = x[by] ^ x[to]
            x[by] = (mixed << turn | mixed >> 32 - turn) & 0xffffffff

    for _ in range(10):
        for at in range(4):
            quarter(at, 4 + at, 8 + at, 12 + at)
        for at in range(4):
            quarter(at, 4 + (at + 1) % 4, 8 + (at + 2) % 4, 12 + (at + 3) % 4)
    return struct.pack('<8I', *x[:4], *x[12:])


def seal(key, nonce, plain, associated):
    inner = ChaCha20Poly1305(hchacha20(key, nonce[:16]))
    return nonce + inner.encrypt(bytes(4) + nonce[16:], plain, associated)


def digest(text):
    return hashlib.sha256(text.encode()).digest()


def case(name, version, plain):
    image, key, nonce = digest('image ' + name), digest('image key'), digest('nonce ' + name)[:24]
    start = b'' if version == 1 else b'SMD2' + hkdf(key, b'', b'sfmedir/key-check/1', 8)
    own = hkdf(key, image, f'sfmedir/metadata/{version}'.encode())
    value = {field: item.hex() if isinstance(item, bytes) else item for field, item in plain.items()}
    return {
        'name': name, 'version': version, 'image': image.hex(), 'imageKey': key.hex(), 'metadata': value,
        'nonce': nonce.hex(), 'sealed': (start + seal(own, nonce, cbor(plain), start + image)).hex()
    }


def content_digest(data):
    return hmac.new(hkdf(digest('image key'), b'', b'sfmedir/content-digest/1'), data, hashlib.sha256).digest()


# draft-irtf-cfrg-xchacha-03, 2.2.1
key = bytes(range(32))
assert hchacha20(key, bytes.fromhex('000000090000004a0000000031415927')).hex().startswith('82413b4227b27bfed30e42508a877d73')

plain = {'name': 'Schädel.dcm', 'labels': ['head', 'm r']}
print(json.dumps([
    case('version 1', 1, plain),
    case('version 1 without words', 1, {'name': '', 'labels': []}),
    case('version 2 with all fields', 2, {**plain, 'time': 1790000000000, 'digest': content_digest(b'plain bytes')}),
    case('version 2 with the least', 2, {'name': '', 'labels': []})
], indent=2, ensure_ascii=False))
