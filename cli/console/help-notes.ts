/** What closes the help and the manual. */
export const HELP_NOTES: readonly string[] = Object.freeze([
  'Exit codes: 0 done, 1 failed, 2 called wrongly. SFMEDIR_DEBUG=1 prints the stack of a failure.',
  'NO_COLOR=1 leaves colours out; there are none but on a terminal.'
])
