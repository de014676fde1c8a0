/** How long an unanswered dial is waited for, in ms. A peer whose line is slower than that counts as down. */
export const DIAL_LIMIT_MS = 5_000
