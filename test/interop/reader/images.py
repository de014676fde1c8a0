"""Encrypted images, by either cipher."""
import qms2
from primitives import Refused, aead_open, aead_seal, hkdf, hmac_sha256


def decrypt(ei, image_key):
    magic, version, nonce = ei[:4], ei[4:5], ei[5:29]
    if version != b'\x01':
        raise Refused('another version')
    if magic == b'AEA1':
        derived = hkdf(image_key, nonce, 'sfmedir/aead-image', 44)
        return aead_open(derived[:32], derived[32:], ei[29:], ei[:29])
    if magic != b'QMS2':
        raise Refused('no encrypted image')
    siv = ei[29:61]
    key, aead_nonce = hkdf(image_key, nonce, 'QMS2/aead', 32), hkdf(image_key, nonce, 'QMS2/nonce', 12)
    scrambled = aead_open(key, aead_nonce, ei[61:], ei[:61])
    image = qms2.undo_core(scrambled, qms2.chaos_seed(image_key, nonce, siv), siv)
    if hmac_sha256(hkdf(image_key, nonce, 'QMS2/siv', 32), image) != siv:
        raise Refused('the SIV is another')
    return image


def encrypt(image, image_key, nonce, magic):
    if magic == b'AEA1':
        derived = hkdf(image_key, nonce, 'sfmedir/aead-image', 44)
        head = magic + b'\x01' + nonce
        return head + aead_seal(derived[:32], derived[32:], image, head)
    siv = hmac_sha256(hkdf(image_key, nonce, 'QMS2/siv', 32), image)
    head = b'QMS2\x01' + nonce + siv
    scrambled = qms2.core(image, qms2.chaos_seed(image_key, nonce, siv), siv)
    return head + aead_seal(hkdf(image_key, nonce, 'QMS2/aead', 32), hkdf(image_key, nonce, 'QMS2/nonce', 12),
                            scrambled, head)
