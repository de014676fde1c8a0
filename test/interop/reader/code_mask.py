"""The mask that hash codes wear outside owners and users."""
from primitives import chacha20_stream, hkdf, sha256


def mask_of(index_key, model, view, bits):
    secret = hkdf(index_key, b'', f'sfmedir/code-mask/1/{model}/{view}/{bits}', 32 + bits // 8)
    key = sha256(f'sfmedir/random/{secret[:32].hex()}'.encode())
    stream = chacha20_stream(key, bytes(12), 1 << 16)
    order, at = list(range(bits)), 0
    for i in range(bits - 1, 0, -1):
        while True:
            draw = int.from_bytes(stream[at:at + 4], 'little')
            at += 4
            if draw < 2 ** 32 - 2 ** 32 % (i + 1):
                break
        j = draw % (i + 1)
        order[i], order[j] = order[j], order[i]
    return order, secret[32:]


def bit(code, k):
    return code[k // 8] >> 7 - k % 8 & 1


def pack(bits):
    out = bytearray(len(bits) // 8)
    for k, value in enumerate(bits):
        out[k // 8] |= value << 7 - k % 8
    return bytes(out)


def mask(code, order, flips):
    return pack([bit(code, order[k]) ^ bit(flips, k) for k in range(len(order))])


def unmask(masked, order, flips):
    bits = [0] * len(order)
    for k, place in enumerate(order):
        bits[place] = bit(masked, k) ^ bit(flips, k)
    return pack(bits)
