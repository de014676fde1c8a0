"""Shadows of both schemes and versions: read, check, rebuild; and make (disperse, version 2)."""
from fields import P, data_fragments, projection, share, value_at
from primitives import Refused, aead_open, aead_seal, chacha20_stream, hkdf, hmac_sha256


def form(scheme, size, r):
    """m, blocks, bytes of vectors, of a fragment, of a shadow (version 2)."""
    m = 0 if scheme == 2 else 8 if r <= 6 else 16 if r <= 14 else 32
    blocks = -(-size // (m * m)) if m else 0
    vectors, sealed = blocks * m, blocks * m * m if m else size
    least = 48 + vectors + -(-(sealed + 16) // r) + 64
    e = least.bit_length() - 1
    b = e.bit_length()
    step = max(256, 2 ** max(0, e - b))
    length = -(-least // step) * step
    return m, blocks, vectors, length - 112 - vectors, length


def read(shadow, mac_key):
    if shadow[:4] != b'SFSH' or shadow[4] not in (1, 2):
        raise Refused('no shadow')
    if hmac_sha256(mac_key, shadow[:-32]) != shadow[-32:]:
        raise Refused('the MAC does not fit')
    old = shadow[4] == 1
    return {'version': shadow[4], 'scheme': shadow[5], 'm': shadow[6], 'number': shadow[7],
            'image': shadow[8:40].hex(), 'sharing': shadow[40:48].hex(),
            'extent': int.from_bytes(shadow[48:52], 'big') if old else None,
            'content': shadow[52 if old else 48:-64], 'share': shadow[-64:-32]}


def parts_of(shadow, size, r):
    """m, blocks, vectors and fragment of a shadow, and how many bytes are sealed without the tag."""
    if shadow['version'] == 2:
        m, blocks, vectors, fragment, _ = form(shadow['scheme'], size, r)
        sealed = r * fragment - 16
    else:
        m = shadow['m']
        blocks = shadow['extent'] if m else 0
        vectors, sealed = blocks * m, blocks * m * m if m else shadow['extent']
        fragment = -(-(sealed + 16) // r)
    if len(shadow['content']) != vectors + fragment:
        raise Refused('a shadow of another size or r')
    return m, blocks, shadow['content'][:vectors], shadow['content'][vectors:], sealed


def unmask(key, number, vectors):
    stream = chacha20_stream(hkdf(key, b'', 'sfmedir/vectors/2', 32), bytes(11) + bytes([number]), len(vectors))
    return bytes(x ^ y for x, y in zip(vectors, stream))


def open_shadows(shadows, size, r, mac_key):
    """The sharing key, vectors by number and what is sealed, from r shadows."""
    read_ones = [read(shadow, mac_key) for shadow in shadows][:r]
    first = read_ones[0]
    key = value_at({s['number']: s['share'] for s in read_ones}, 0)
    cut = {s['number']: parts_of(s, size, r) for s in read_ones}
    m, blocks, _, _, sealed = cut[first['number']]
    data = b''.join(data_fragments({n: part[3] for n, part in cut.items()}, r))
    version = '' if first['version'] == 1 else '2/'
    bound = f"sfmedir/remainder/{version}{first['image']}/{first['sharing']}".encode()
    plain = aead_open(key, bytes(12), data[:sealed + 16], bound)
    vectors = {n: part[2] if first['version'] == 1 else unmask(key, n, part[2]) for n, part in cut.items()}
    return {'key': key, 'vectors': vectors, 'plain': plain, 'm': m, 'blocks': blocks, 'first': first}


def rebuild(shadows, size, r, mac_key):
    opened = open_shadows(shadows, size, r, mac_key)
    m, plain = opened['m'], opened['plain']
    if m == 0:
        return plain[:size]
    out = bytearray()
    for block in range(opened['blocks']):
        p = projection([list(v[block * m:(block + 1) * m]) for v in opened['vectors'].values()])
        rest = plain[block * m * m:(block + 1) * m * m]
        out += bytes((rest[i * m + j] + p[i][j]) % P for i in range(m) for j in range(m))
    if opened['first']['version'] == 2:
        return bytes(out[:size])
    if int.from_bytes(out[:4], 'big') != size:
        raise Refused('another length inside')
    return bytes(out[4:4 + size])


def make_disperse(ei, image, sharing, r, s, key, coefficients, mac_key):
    _, _, _, fragment, _ = form(2, len(ei), r)
    plain = ei.ljust(r * fragment - 16, b'\0')
    sealed = aead_seal(key, bytes(12), plain, f'sfmedir/remainder/2/{image}/{sharing}'.encode())
    rows = {n: sealed[(n - 1) * fragment:n * fragment] for n in range(1, r + 1)}
    shares = share(key, [coefficients[at:at + 32] for at in range(0, len(coefficients), 32)], s)
    out = []
    for n in range(1, s + 1):
        body = b'SFSH' + bytes([2, 2, 0, n]) + bytes.fromhex(image + sharing)
        body += (rows[n] if n <= r else value_at(rows, n)) + shares[n - 1]
        out.append(body + hmac_sha256(mac_key, body))
    return out
