const KIB = 1024
const MIB = 1024 * KIB

/** Largest encrypted image that travels, in bytes. A role may accept less and answers `IMAGE_TOO_LARGE`. */
export const MAX_ENCRYPTED_BYTES = 256 * MIB
/** Largest shadow, in bytes: below the image it is made of, but for a header and one padded block. */
export const MAX_SHADOW_BYTES = MAX_ENCRYPTED_BYTES + MIB
/** Largest encoded ImageClaim, in bytes: metadata, code, ids and a signature. */
export const MAX_CLAIM_BYTES = 8 * KIB
/** Most results of one search, entries of one listing, records of one exchange. */
export const MAX_ITEMS = 1000
/** Largest exchange of records between masters, in bytes: senders stop filling a batch before this. */
export const MAX_RECORDS_BYTES = 16 * MIB
/** Room for the field names, ids and lengths around the payload of a message, in bytes. */
export const ENVELOPE_BYTES = 4 * KIB
