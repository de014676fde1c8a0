/** What the names behind `--crypto` mean; the names themselves are `CRYPTO_NAMES`. */
export const CRYPTO_HELP = "the paper's crypto, plain references of it, or cheap twins"
