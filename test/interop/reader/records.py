"""Claims, records and proofs: read, verified, and deletions signed."""
import cbor
import identity
from primitives import Refused, sha256, sign


def image_id(owner, digest):
    return sha256(f'sfmedir/image/2/{owner}/'.encode() + digest)


def must(true, why):
    if not true:
        raise Refused(why)


def items_of(value, name, count, version=2):
    must(isinstance(value, list) and value[:2] == [version, name] and len(value) == count, f'no {name}')
    return value[2:]


def must_be_signed(value, peer, name):
    must(identity.signed_by(peer, cbor.encode(value[:-1]), value[-1]), f'the {name} is not signed by {peer}')


def read_claim(value):
    owner, master, time, digest, space, code, size, metadata, _ = items_of(value, 'claim', 11)
    must_be_signed(value, owner, 'claim')
    must(len(code) * 8 == space[2], 'a code of another length')
    return {'image': image_id(owner, digest), 'owner': owner, 'master': master, 'time': time, 'digest': digest,
            'model': space[0], 'view': space[1], 'bits': space[2], 'code': code, 'size': size, 'metadata': metadata}


def read_placement(value):
    scheme, sharing, total, holders, threshold = items_of(value, 'placement', 7)
    must(len(holders) == total and {h[1] for h in holders} == set(range(1, total + 1)), 'not s holders')
    must(len({h[0] for h in holders}) == total, 'a slave twice')
    return {'scheme': scheme, 'sharing': sharing, 'total': total, 'holders': holders, 'threshold': threshold}


def receipt(image, sharing, origin, holder):
    _, number, digest, length = holder[:4]
    return [2, 'receipt', image, sharing, origin, number, digest, length]


def must_have_role(roles, peer, role):
    must(role in roles.get(peer, []), f'{peer} is no {role}')


def check_second(value, counter, master, claim, roles):
    second = value[6]
    if counter == 1:
        must(master == claim['master'] and second is None, 'a first placement by another master')
        return
    must(second is not None, 'no second master')
    must(second[0] != master, 'a master that seconds itself')
    must_have_role(roles, second[0], 'master')
    message = [2, 'cosign', *value[2:6], second[0]]
    must(identity.signed_by(second[0], cbor.encode(message), second[1]), 'the cosign is not signed')


def read_record(data, roles):
    """A true record's claim and placement, or the deletion of a tombstone; `roles` is the roster, peer by peer."""
    value = cbor.decode(data)
    if value[:2] == [2, 'tombstone']:
        return {'deletion': read_deletion(items_of(value, 'tombstone', 3)[0])}
    (counter, master), time, claim_value, placement_value, _, _ = items_of(value, 'record', 8)
    must_be_signed(value, master, 'record')
    claim, placement = read_claim(claim_value), read_placement(placement_value)
    must_have_role(roles, master, 'master')
    must_have_role(roles, claim['owner'], 'owner')
    check_second(value, counter, master, claim, roles)
    origin = [claim['time'], counter, master]
    for holder in placement['holders']:
        must_have_role(roles, holder[0], 'slave')
        message = cbor.encode(receipt(claim['image'], placement['sharing'], origin, holder))
        must(identity.signed_by(holder[0], message, holder[4]), f'{holder[0]} gave no receipt')
    return {'claim': claim, 'placement': placement, 'counter': counter, 'master': master, 'time': time}


def read_deletion(value):
    owner, digest, time, _ = items_of(value, 'deletion', 6)
    must_be_signed(value, owner, 'deletion')
    return {'image': image_id(owner, digest), 'owner': owner, 'digest': digest, 'time': time}


def sign_deletion(seed, digest, time):
    value = [2, 'deletion', identity.own_id(seed), digest, time]
    return cbor.encode(value + [sign(seed, cbor.encode(value))])


def is_kept(record, master, signature):
    return identity.signed_by(master, cbor.encode([2, 'kept', sha256(record), master]), signature)
