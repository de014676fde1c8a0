const KIB = 1024
const MIB = 1024 * KIB

/** Largest encoded ImageClaim, in bytes: metadata, code, ids and a signature. */
export const MAX_CLAIM_BYTES = 8 * KIB
/** Most results of one search, entries of one listing, records of one exchange. */
export const MAX_ITEMS = 1000
/** Largest exchange of records between masters, in bytes: senders stop filling a batch before this. */
export const MAX_RECORDS_BYTES = 16 * MIB
/** Room for the field names, ids and lengths around the payload of a message, in bytes. */
export const ENVELOPE_BYTES = 4 * KIB
