/** Takes facts with their fields: never a pixel, key, code or anything about a patient. Wired to a logger by whoever opens a peer. */
export type Log = (fact: string, fields?: Readonly<Record<string, string | number>>) => void

/** Drops what it is told. */
export const silent: Log = () => {}
