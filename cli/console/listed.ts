const LIST = new Intl.ListFormat('en-GB', { type: 'disjunction' })

/** Choices for people: `real, plain or twin`. */
export function listed(choices: Iterable<string>): string {
  return LIST.format(choices)
}
