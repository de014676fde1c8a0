"""Reads a list of jobs as JSON from stdin and writes what becomes of each: {"ok": value} or {"refused": why}.
Bytes are hex. `python3 test/interop/reader < jobs.json`; needs the package `cryptography`, nothing else."""
import json
import sys

import cbor
import code_mask
import disk
import identity
import images
import merkle
import page
import records
import seals
import shadows
from primitives import Refused

sys.stdin.reconfigure(encoding='utf-8')
sys.stdout.reconfigure(encoding='utf-8')


def unhex(text):
    return bytes.fromhex(text)


def printable(value):
    """The value with its bytes as hex."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: printable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [printable(item) for item in value]
    return value


def check_page(job):
    with open(job['path'], encoding='utf-8') as file:
        return page.check_page(file.read())


def mask(job, way):
    order, flips = code_mask.mask_of(unhex(job['indexKey']), job['model'], job['view'], job['bits'])
    return way(unhex(job['code']), order, flips)


def own_seed(text):
    """The seed in the text of identity.key."""
    if len(text) != 65 or text[64] != '\n':
        raise Refused('no identity')
    return unhex(text[:64])


JOBS = {
    'page': check_page,
    'decrypt': lambda j: images.decrypt(unhex(j['ei']), unhex(j['imageKey'])),
    'encrypt': lambda j: images.encrypt(unhex(j['image']), unhex(j['imageKey']), unhex(j['nonce']), j['magic'].encode()),
    'rebuild': lambda j: shadows.rebuild([unhex(s) for s in j['shadows']], j['size'], j['threshold'], unhex(j['macKey'])),
    'threshold': lambda j: seals.open_threshold(unhex(j['sealed']), unhex(j['thresholdKey']), j['image'], j['sharing']),
    'metadata': lambda j: seals.open_metadata(unhex(j['sealed']), unhex(j['imageKey']), j['image']),
    'content digest': lambda j: seals.content_digest(unhex(j['plain']), unhex(j['imageKey'])),
    'mask': lambda j: mask(j, code_mask.mask),
    'unmask': lambda j: mask(j, code_mask.unmask),
    'keys': lambda j: json.loads(j['text'])['keys'],
    'record': lambda j: records.read_record(unhex(j['record']), j['roles']),
    'kept': lambda j: records.is_kept(unhex(j['record']), j['master'], unhex(j['signature'])),
    'sign deletion': lambda j: records.sign_deletion(own_seed(j['identity']), unhex(j['digest']), j['time']),
    'tombstone': lambda j: cbor.encode([2, 'tombstone', cbor.decode(unhex(j['deletion']))]),
    'index record': lambda j: disk.read_index_record(j['key'], unhex(j['value'])),
    'merkle root': lambda j: merkle.root(unhex(j['shadow'])),
    'shadow file': lambda j: disk.shadow_file(j['image'], j['sharing'], j['number'], j['digest'],
                                              (j['asked'], j['counter'], j['master'])),
    'identity': lambda j: identity.own_id(unhex(j['seed'])),
}


def run(job):
    try:
        return {'ok': printable(JOBS[job['do']](job))}
    except Refused as refused:
        return {'refused': str(refused)}
    except (ValueError, TypeError, LookupError, RecursionError) as malformed:
        return {'refused': f'malformed: {malformed}'}


json.dump([run(job) for job in json.load(sys.stdin)], sys.stdout)
