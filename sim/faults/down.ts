import type { Fault } from './fault.ts'

/** SIGKILL and a lost page cache: the process is gone, and what it had not synced. */
export const down: Fault = {
  about: 'kill a peer; what it had not synced is lost',
  hits: 'any',
  value: () => 0,
  apply: ({ cluster, target }) => cluster.down(target.peer)
}
