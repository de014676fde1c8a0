"""Peer ids and the Ed25519 keys in them."""
from primitives import Refused, public_key, verify

ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
PREFIX = bytes.fromhex('002408011220')


def peer_id(public):
    data = PREFIX + public
    n, text = int.from_bytes(data, 'big'), ''
    while n:
        n, digit = divmod(n, 58)
        text = ALPHABET[digit] + text
    return '1' * (len(data) - len(data.lstrip(b'\0'))) + text


def public_of(peer):
    n = 0
    for letter in peer:
        n = n * 58 + ALPHABET.index(letter)
    data = bytes(len(peer) - len(peer.lstrip('1'))) + n.to_bytes((n.bit_length() + 7) // 8, 'big')
    if len(data) != 38 or not data.startswith(PREFIX):
        raise Refused('the peer id is no Ed25519 key')
    return data[6:]


def own_id(seed):
    return peer_id(public_key(seed))


def signed_by(peer, message, signature):
    return verify(public_of(peer), message, signature)
