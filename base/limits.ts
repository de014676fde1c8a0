const KIB = 1024
const MIB = 1024 * KIB

/** Largest owner-sealed metadata of one image, in bytes: 1000 of them still travel in one search answer. */
export const MAX_METADATA_BYTES = 4 * KIB
/** Largest encoded ImageRecord, in bytes: a claim and up to 255 holders of some 150 bytes. */
export const MAX_RECORD_BYTES = 64 * KIB
/** Largest sealed record, in bytes: a record with nonce and tag. */
export const MAX_SEALED_RECORD_BYTES = MAX_RECORD_BYTES + 40
/** Largest encrypted image that travels, in bytes. A role may accept less and answers `IMAGE_TOO_LARGE`. */
export const MAX_ENCRYPTED_BYTES = 256 * MIB
/** Largest shadow, in bytes: below the image it is made of, but for a header and one padded block. */
export const MAX_SHADOW_BYTES = MAX_ENCRYPTED_BYTES + MIB
/** Children of each inner node of the tree of digests by which masters compare their indexes. */
export const DIGEST_FAN_OUT = 16
/** Inner nodes of that tree: 1 + 16 + 256 + 4096. Node 0 is the root, the children of node n are 16 n + 1 to 16 n + 16. */
export const DIGEST_NODES = 4369
/** Bytes of a digest in it. */
export const DIGEST_BYTES = 32
