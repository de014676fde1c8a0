"""The standard building blocks that docs/formats.md names: HKDF, ChaCha20, the AEADs, Ed25519."""
import hashlib
import hmac
import struct

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class Refused(Exception):
    """What was read is not what the page says it should be."""


def sha256(data):
    return hashlib.sha256(data).digest()


def hmac_sha256(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def hkdf(secret, salt, info, length):
    key = hmac_sha256(salt or bytes(32), secret)
    out = block = b''
    while len(out) < length:
        block = hmac_sha256(key, block + info.encode() + bytes([len(out) // 32 + 1]))
        out += block
    return out[:length]


def chacha20_stream(key, nonce12, length):
    """Key stream from block counter 0."""
    return Cipher(algorithms.ChaCha20(key, bytes(4) + nonce12), None).encryptor().update(bytes(length))


def aead_open(key, nonce, sealed, associated):
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, sealed, associated)
    except InvalidTag:
        raise Refused('the tag does not fit') from None


def aead_seal(key, nonce, plain, associated):
    return ChaCha20Poly1305(key).encrypt(nonce, plain, associated)


def hchacha20(key, nonce16):
    x = list(struct.unpack('<16I', b'expand 32-byte k' + key + nonce16))

    def add_xor_turn(a, b, d, turn):
        x[a] = (x[a] + x[b]) & 0xffffffff
        mixed = x[d] ^ x[a]
        x[d] = (mixed << turn | mixed >> (32 - turn)) & 0xffffffff

    def quarter(a, b, c, d):
        add_xor_turn(a, b, d, 16)
        add_xor_turn(c, d, b, 12)
        add_xor_turn(a, b, d, 8)
        add_xor_turn(c, d, b, 7)

    for _ in range(10):
        for at in range(4):
            quarter(at, 4 + at, 8 + at, 12 + at)
        for at in range(4):
            quarter(at, 4 + (at + 1) % 4, 8 + (at + 2) % 4, 12 + (at + 3) % 4)
    return struct.pack('<8I', *x[:4], *x[12:])


def seal_open(key, seal, associated):
    """The secret in nonce || XChaCha20-Poly1305."""
    nonce = seal[:24]
    return aead_open(hchacha20(key, nonce[:16]), bytes(4) + nonce[16:], seal[24:], associated)


def seal_make(key, nonce, secret, associated):
    return nonce + aead_seal(hchacha20(key, nonce[:16]), bytes(4) + nonce[16:], secret, associated)


def public_key(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign(seed, message):
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def verify(public, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
