/** Whether a name matches a pattern of `*` (any characters) and `?` (one), upper and lower case alike. */
export function namePattern(pattern: string): (name: string) => boolean {
  const parts = [...pattern].map(char => (char === '*' ? '.*' : char === '?' ? '.' : escaped(char)))
  const regex = new RegExp(`^${parts.join('').replaceAll(/(?:\.\*)+/g, '.*')}$`, 'isu')
  return name => regex.test(name)
}

function escaped(char: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char
}
