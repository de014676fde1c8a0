"""Computes the examples of docs/formats.md and compares them with what the page says."""
import json
import re

import cbor
import code_mask
import disk
import fields
import identity
import images
import merkle
import primitives
import qms2
import records
import seals
import shadows


def unhex(text):
    return bytes.fromhex(text)


def numbers(text):
    return [int(n) for n in re.split('[ ,]+', text)]


def ei_qms2(g):
    key, nonce, image = unhex(g['imageKey']), unhex(g['nonce']), unhex(g['image'])
    ei = images.encrypt(image, key, nonce, b'QMS2')
    seed = qms2.chaos_seed(key, nonce, ei[29:61])
    seeds = qms2.read_seeds(seed)
    t, o = qms2.planes(seeds, len(image))
    first = bytes(sum((image[(i + o[k]) % len(image)] >> k & 1) << t[k] for k in range(8)) for i in range(len(image)))
    if images.decrypt(ei, key) != image:
        raise primitives.Refused('it does not decrypt')
    return {'SIV': ei[29:61].hex(), 'seed': seed.hex(), 'R, ER, E2': f"{seeds['r']}, {seeds['er']}, {seeds['e2']}",
            't(0 … 7)': ' '.join(map(str, t)), 'o(0 … 7)': ' '.join(map(str, o)), 'after bit planes': first.hex(),
            'core(image)': qms2.core(image, seed, ei[29:61]).hex(), 'EI': ei.hex()}


def reed_solomon(g):
    data = [unhex(row) for row in g['data'].split(', ')]
    rows = dict(enumerate(data, 1))
    return {f'fragment {n}': fields.value_at(rows, n).hex() for n in range(len(data) + 1, int(g['total']) + 1)}


def shamir(g):
    secret, all_of_them = unhex(g['secret']), unhex(g['coefficients'])
    lines = [all_of_them[at:at + len(secret)] for at in range(0, len(all_of_them), len(secret))]
    shares = fields.share(secret, lines, int(g['total']))
    if fields.value_at(dict(list(enumerate(shares, 1))[1:]), 0) != secret:
        raise primitives.Refused('the shares do not join')
    return {f'share {n}': row.hex() for n, row in enumerate(shares, 1)}


def lengths(g):
    forms = [shadows.form(*numbers(row)) for row in g['scheme, size, r'].split(', ')]
    return {'V, F, L': ', '.join(f'{vectors} {fragment} {length}' for _, _, vectors, fragment, length in forms)}


def disperse(g):
    made = shadows.make_disperse(unhex(g['encrypted']), g['image'], g['sharing'], int(g['threshold']), int(g['total']),
                                 unhex(g['sharingKey']), unhex(g['coefficients']), unhex(g['macKey']))
    return {f'shadow {n}': row.hex() for n, row in enumerate(made, 1)}


def rebuilt(g):
    given = [unhex(row) for row in g['shadows'].split(', ')]
    asked = given, int(g['size']), int(g['threshold']), unhex(g['macKey'])
    opened = shadows.open_shadows(*asked)
    vectors = {f'vectors of {n}': v.hex() for n, v in opened['vectors'].items()}
    return {'scheme': {1: 'bai', 2: 'disperse'}[opened['first']['scheme']], 'version': str(opened['first']['version']),
            'sharing key': opened['key'].hex(), **vectors, 'remainder of block 0': opened['plain'][:opened['m'] ** 2].hex(),
            'EI': shadows.rebuild(*asked).hex()}


def key_file(g):
    keys = {name: g[name] for name in ('imageKey', 'thresholdKey', 'macKey', 'indexKey') if name in g}
    value = {'format': 'sfmedir-keys', 'version': 1, 'id': g['id'], 'epoch': int(g['epoch']), 'keys': keys}
    return {'file': json.dumps(value, separators=(',', ':'))}


def metadata(g):
    key, digest = unhex(g['imageKey']), seals.content_digest(unhex(g['plain']), unhex(g['imageKey']))
    descriptor = {'model': unhex(g['descriptorModel']), 'values': unhex(g['values'])}
    value = {'name': g['name'], 'labels': g['labels'].split(', '), 'time': int(g['time']), 'digest': digest,
             'descriptor': descriptor}
    sealed = seals.seal_metadata(value, key, g['image'], unhex(g['nonce']))
    if seals.open_metadata(sealed, key, g['image']) != value:
        raise primitives.Refused('it does not open')
    return {'digest': digest.hex(), 'sealed': sealed.hex()}


def threshold(g):
    key = unhex(g['thresholdKey'])
    sealed = seals.seal_threshold(int(g['threshold']), int(g['total']), key, g['image'], g['sharing'], unhex(g['nonce']))
    if seals.open_threshold(sealed, key, g['image'], g['sharing']) != (int(g['threshold']), int(g['total'])):
        raise primitives.Refused('it does not open')
    return {'sealed': sealed.hex()}


def mask(g):
    order, flips = code_mask.mask_of(unhex(g['indexKey']), g['model'], g['view'], int(g['bits']))
    masked = code_mask.mask(unhex(g['code']), order, flips)
    if code_mask.unmask(masked, order, flips).hex() != g['code']:
        raise primitives.Refused('it is not unmasked')
    return {'order': ' '.join(map(str, order)), 'flips': flips.hex(), 'masked': masked.hex()}


def aead_image(g):
    key, nonce = unhex(g['imageKey']), unhex(g['nonce'])
    return {'derived': primitives.hkdf(key, nonce, 'sfmedir/aead-image', 44).hex(),
            'EI': images.encrypt(unhex(g['image']), key, nonce, b'AEA1').hex()}


def shadow_entry(g):
    origin = int(g['asked']), int(g['counter']), g['master']
    held = g['image'], g['sharing'], int(g['number']), g['digest'], origin
    key, value = disk.shadow_entry(held, int(g['bytes']), int(g['put']), (int(g['recordBytes']), g['recordDigest']))
    file = disk.shadow_file(*held)
    return {'file': file, 'key': key, 'value': value.hex()}


def sealed_record(g):
    image, sharing = g['image'], g['sharing']
    keys, sealed = seals.seal_record(unhex(g['record']), unhex(g['thresholdKey']), image, sharing)
    if seals.open_record(sealed, unhex(g['thresholdKey']), image, sharing) != unhex(g['record']):
        raise primitives.Refused('it does not open')
    slave = unhex(g['slaveSeed'])
    note = cbor.encode([2, 'note', unhex(image), unhex(sharing), primitives.sha256(sealed), identity.own_id(slave)])
    return {'keys': keys.hex(), 'sealed': sealed.hex(), 'note': note.hex(),
            'note, signed': primitives.sign(slave, note).hex()}


def index_values(g):
    key, value = disk.change(int(g['sequence']), g['image'])
    return {'key': key, 'value': value.hex(), 'm': disk.summary(int(g['count']), int(g['sequence'])).hex()}


def proofs(g):
    owner, master = unhex(g['ownerSeed']), unhex(g['masterSeed'])
    image = records.image_id(identity.own_id(owner), unhex(g['digest']))
    origin = [int(g['asked']), 1, identity.own_id(master)]
    held = [None, int(g['number']), unhex(g['shadowDigest']), int(g['bytes'])]
    deletion = records.sign_deletion(owner, unhex(g['digest']), int(g['time']))
    abort = [2, 'abort', image, unhex(g['sharing']), origin, int(g['time'])]
    tombstone = cbor.encode([2, 'tombstone', cbor.decode(deletion)])
    kept = cbor.encode([2, 'kept', primitives.sha256(tombstone), identity.own_id(master)])
    return {'owner': identity.own_id(owner), 'master': identity.own_id(master), 'image id': image.hex(),
            'receipt': cbor.encode(records.receipt(image, unhex(g['sharing']), origin, held)).hex(),
            'deletion': deletion.hex(),
            'abort': cbor.encode(abort + [primitives.sign(master, cbor.encode(abort))]).hex(),
            'tombstone': tombstone.hex(), 'kept': kept.hex(), 'kept, signed': primitives.sign(master, kept).hex()}


def signed(seed, value):
    return value + [primitives.sign(seed, cbor.encode(value))]


def record(g):
    owner, master = unhex(g['ownerSeed']), unhex(g['masterSeed'])
    slaves = [unhex(seed) for seed in g['slaveSeeds'].split(', ')]
    ids = [identity.own_id(seed) for seed in slaves]
    asked, master_id, code = int(g['asked']), identity.own_id(master), unhex(g['code'])
    claim = signed(owner, [2, 'claim', identity.own_id(owner), master_id, asked, unhex(g['digest']),
                           [unhex(g['model']), unhex(g['view']), 8 * len(code)], code, int(g['size']), unhex(g['metadata'])])
    image, sharing, holders = records.image_id(claim[2], claim[5]), unhex(g['sharing']), []
    for number, seed in enumerate(slaves, 1):
        held = [ids[number - 1], number, unhex(g['shadowDigest']), int(g['bytes'])]
        message = records.receipt(image, sharing, [asked, 1, master_id], held)
        holders.append(held + [primitives.sign(seed, cbor.encode(message))])
    placement = [2, 'placement', g['scheme'], sharing, len(slaves), holders, unhex(g['sealedThreshold'])]
    made = cbor.encode(signed(master, [2, 'record', [1, master_id], int(g['time']), claim, placement, None]))
    roles = {claim[2]: ['owner'], master_id: ['master'], **{peer: ['slave'] for peer in ids}}
    head, key = disk.record_head(records.read_record(made, roles), 1, made)
    return {'claim': cbor.encode(claim).hex(), 'placement': cbor.encode(placement).hex(), 'record': made.hex(), 'key': key,
            'value before the record, at sequence 1': head.hex()}


def merkle_tree(g):
    shadow, index = bytes(at % 251 for at in range(int(g['bytes']))), int(g['leaf'])
    leaves = merkle.leaves_of(shadow)
    path, root = merkle.path(index, leaves), merkle.root(shadow)
    if merkle.proven_root(leaves[index], index, len(shadow), path) != root:
        raise primitives.Refused('the path does not give the root')
    return {'root': root.hex(), 'path': ', '.join(each.hex() for each in path)}


EXAMPLES = {
    'hkdf': lambda g: {'key': primitives.hkdf(unhex(g['secret']), unhex(g['salt']), g['info'], int(g['length'])).hex()},
    'cbor': lambda g: {'bytes': cbor.encode([2, 'kept', b'\0\xff', 1764000000000, None]).hex()},
    'key-file': key_file, 'ei-aead': aead_image, 'ei-qms2': ei_qms2,
    'gf256': lambda g: {'a b': f"{fields.times(int(g['a'], 16), int(g['b'], 16)):02x}",
                        '1 / a': f"{fields.inverse(int(g['a'], 16)):02x}",
                        'weights': bytes(fields.weights(numbers(g['points']), int(g['at']))).hex()},
    'reed-solomon': reed_solomon, 'shamir': shamir,
    'gf257': lambda g: {'P': ', '.join(' '.join(map(str, row)) for row in fields.projection(
        [numbers(column) for column in g['columns'].split(', ')]))},
    'merkle-tree': merkle_tree, 'shadow-lengths': lengths, 'shadow-disperse': disperse, 'shadow-bai': rebuilt, 'shadow-v1': rebuilt,
    'shadow-entry': shadow_entry, 'sealed-record': sealed_record, 'index-values': index_values,
    'proofs': proofs, 'record': record,
    'threshold': threshold, 'metadata': metadata, 'code-mask': mask,
    'identity': lambda g: {'public key': primitives.public_key(unhex(g['seed'])).hex(),
                           'peer id': identity.own_id(unhex(g['seed']))},
}


def read_page(text):
    """Name, given values and results of every example."""
    for name, body in re.findall(r'^```example ([a-z0-9-]+)\n(.*?)^```$', text, re.M | re.S):
        lines = body.replace('\n  ', '').rstrip('\n').split('\n')
        results = [line.split(' -> ', 1) for line in lines if re.match('[^:]+ -> ', line)]
        given = [line.split(': ', 1) for line in lines if not re.match('[^:]+ -> ', line)]
        yield name, dict(given), dict(results)


def check_page(text):
    """For every example whether this reader computes what the page says."""
    return [{'name': name, 'same': name in EXAMPLES and EXAMPLES[name](given) == results}
            for name, given, results in read_page(text)]
