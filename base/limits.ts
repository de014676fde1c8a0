const KIB = 1024

/** Largest owner-sealed metadata of one image, in bytes: 1000 of them still travel in one search answer. */
export const MAX_METADATA_BYTES = 4 * KIB
/** Largest encoded ImageRecord, in bytes: a claim and up to 255 holders of some 150 bytes. */
export const MAX_RECORD_BYTES = 64 * KIB
