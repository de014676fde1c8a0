/** The least version of Node that runs sfmedir, as major and minor. */
export const NEEDED_NODE: readonly [number, number] = [22, 18]

/** What to say to a Node of this version (`20.20.2`) that is too old to load anything else; undefined when it is not. */
export function nodeComplaint(version: string): string | undefined {
  const [major, minor] = version.split('.').map(Number)
  if (major > NEEDED_NODE[0] || (major === NEEDED_NODE[0] && minor >= NEEDED_NODE[1])) return undefined
  return `sfmedir needs Node ${NEEDED_NODE.join('.')} or later, this is ${version}`
}
