"""Names and values on the disks of slaves and masters."""
import zlib

from primitives import Refused


def base36(n):
    digits = '0123456789abcdefghijklmnopqrstuvwxyz'
    return digits[n] if n < 36 else base36(n // 36) + digits[n % 36]


def crc(key, data):
    return zlib.crc32(data, zlib.crc32(key.encode())).to_bytes(4, 'big')


def shadow_file(image, sharing, number, digest, origin):
    asked, counter, master = origin
    name = f'{image}.{sharing}.{number}.{digest}.{base36(asked)}.{base36(counter)}.{master}'
    return f'{image[:2]}/{image[2:4]}/{name}'


def shadow_entry(file, length, put, record=None):
    """Key and value for what shadow_file takes, the length, when it was put, and length and digest of the record beside it."""
    image, sharing, number, digest, (asked, counter, master) = file
    key = f'{image}/{sharing}'
    body = bytes([3, number]) + length.to_bytes(6, 'big') + bytes.fromhex(digest)
    body += b''.join(n.to_bytes(8, 'big') for n in (asked, counter, put)) + bytes([len(master)]) + master.encode()
    body += bytes(4) if record is None else record[0].to_bytes(4, 'big') + bytes.fromhex(record[1])
    return key, body + crc(key, body)


def change(sequence, image):
    key = f's/{sequence:016d}'
    return key, crc(key, bytes.fromhex(image)) + bytes.fromhex(image)


def summary(count, last_sequence):
    body = b'\x01' + count.to_bytes(6, 'big') + last_sequence.to_bytes(6, 'big')
    return crc('m', body) + body


def record_head(record, sequence, encoded):
    """What stands before a stored record in its value of the index, and its key."""
    claim = record['claim']
    owner = claim['owner'].encode()
    head = b'\x02' + sequence.to_bytes(6, 'big') + bytes([claim['bits'] // 8])
    head += claim['model'] + claim['view'] + claim['code'] + claim['size'].to_bytes(6, 'big') + bytes([len(owner)]) + owner
    key = f"r/{claim['image'].hex()}"
    return crc(key, head + encoded) + head, key


def read_index_record(key, value):
    """Sequence, code space, size, owner and encoded record of a value of the index; version 1 has neither size nor owner."""
    body = value[4:]
    if crc(key, body) != value[:4] or body[0] not in (1, 2):
        raise Refused('the value is damaged')
    version, code_bytes = body[0], body[7]
    code_end = 8 + (64 + code_bytes if code_bytes else 0)
    size, owner, at = None, '', code_end
    if version == 2 and code_bytes:
        size = int.from_bytes(body[at:at + 6], 'big')
        at += 7 + body[at + 6]
        owner = body[code_end + 7:at].decode()
    return {'sequence': int.from_bytes(body[1:7], 'big'), 'model': body[8:40], 'view': body[40:72],
            'code': body[72:code_end], 'size': size, 'owner': owner, 'record': body[at:]}
