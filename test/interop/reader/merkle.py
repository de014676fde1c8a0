"""The digest of a shadow: the root of a Merkle tree over its leaves, and the path that proves one of them."""
from primitives import Refused, sha256

LEAF = 4096


def leaves_of(data):
    return [data[at:at + LEAF] for at in range(0, len(data), LEAF)]


def split(count):
    """The largest power of two below the count."""
    return 1 << (count - 1).bit_length() - 1


def tree(leaves):
    if len(leaves) == 1:
        return sha256(b'\0' + leaves[0])
    left = split(len(leaves))
    return sha256(b'\1' + tree(leaves[:left]) + tree(leaves[left:]))


def root(data):
    return tree(leaves_of(data))


def path(index, leaves):
    """The neighbours of a leaf on the way to the root, the lowest first."""
    if len(leaves) == 1:
        return []
    left = split(len(leaves))
    if index < left:
        return path(index, leaves[:left]) + [tree(leaves[left:])]
    return path(index - left, leaves[left:]) + [tree(leaves[:left])]


def proven_root(leaf, index, length, neighbours):
    """The root that a leaf and its path give in a tree over so many bytes."""
    if len(leaf) != min(LEAF, length - index * LEAF):
        raise Refused('the leaf has not its length')
    return climb(sha256(b'\0' + leaf), index, -(-length // LEAF), neighbours)


def climb(node, index, count, neighbours):
    if count == 1:
        if neighbours:
            raise Refused('the path is too long')
        return node
    if not neighbours:
        raise Refused('the path is too short')
    left = split(count)
    if index < left:
        return sha256(b'\1' + climb(node, index, left, neighbours[:-1]) + neighbours[-1])
    return sha256(b'\1' + neighbours[-1] + climb(node, index - left, count - left, neighbours[:-1]))
