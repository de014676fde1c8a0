"""Sealed thresholds and metadata, content digests."""
import cbor
from primitives import Refused, hkdf, hmac_sha256, seal_make, seal_open


def open_threshold(sealed, key, image, sharing):
    r, s = seal_open(key, sealed, f'sfmedir/threshold/1/{image}/{sharing}'.encode())
    return r, s


def seal_threshold(r, s, key, image, sharing, nonce):
    return seal_make(key, nonce, bytes([r, s]), f'sfmedir/threshold/1/{image}/{sharing}'.encode())


def record_keys(key, image, sharing):
    label = 'sfmedir/kept-record/1'
    return hkdf(key, b'', label, 64), f'{label}/{image}/{sharing}'.encode()


def seal_record(record, key, image, sharing):
    """The keys that seal it, and the sealed record."""
    keys, context = record_keys(key, image, sharing)
    return keys, seal_make(keys[:32], hmac_sha256(keys[32:], context + record)[:24], record, context)


def open_record(sealed, key, image, sharing):
    keys, context = record_keys(key, image, sharing)
    return seal_open(keys[:32], sealed, context)


def key_check(image_key):
    return hkdf(image_key, b'', 'sfmedir/key-check/1', 8)


def open_metadata(sealed, image_key, image):
    identity = bytes.fromhex(image)
    head = sealed[:12]
    if head[:4] == b'SMD2':
        if head[4:] != key_check(image_key):
            raise Refused('sealed under another key')
        key = hkdf(image_key, identity, 'sfmedir/metadata/2', 32)
        return cbor.decode(seal_open(key, sealed[12:], head + identity))
    return cbor.decode(seal_open(hkdf(image_key, identity, 'sfmedir/metadata/1', 32), sealed, identity))


def seal_metadata(value, image_key, image, nonce):
    identity = bytes.fromhex(image)
    head = b'SMD2' + key_check(image_key)
    key = hkdf(image_key, identity, 'sfmedir/metadata/2', 32)
    return head + seal_make(key, nonce, cbor.encode(value), head + identity)


def content_digest(plain, image_key):
    return hmac_sha256(hkdf(image_key, b'', 'sfmedir/content-digest/1', 32), plain)
