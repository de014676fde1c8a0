import type { LivenessAnswer } from '../../protocols/liveness.ts'
import type { NetworkStatusAnswer } from '../../protocols/network-status.ts'
import type { HealthCheck } from '../../node/peer-health.ts'

/** What is known of a peer when its figures are asked for. */
export interface Seen {
  readonly vitals: LivenessAnswer
  readonly checks: readonly HealthCheck[]
  /** Bytes free on the disk of its data folder. */
  readonly diskFreeBytes: number
  /** The network as it sees it, when it is a master. */
  readonly status: NetworkStatusAnswer | undefined
}

/** One value of a gauge, with its labels. */
interface Sample {
  readonly value: number
  readonly labels?: Readonly<Record<string, string>>
}

/** A figure that is read when it is asked for. */
export interface GaugeRow {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  read(seen: Seen): Sample[]
}

const one = (name: string, help: string, read: (seen: Seen) => number): GaugeRow => ({
  name,
  help,
  labels: [],
  read: seen => [{ value: read(seen) }]
})

const ofMaster = (
  name: string,
  { help, labels = [] }: { readonly help: string; readonly labels?: readonly string[] },
  read: (status: NetworkStatusAnswer) => Sample[]
): GaugeRow => ({ name, help, labels, read: ({ status }) => (status === undefined ? [] : read(status)) })

const perOwner = (
  name: string,
  help: string,
  read: (owner: NetworkStatusAnswer['owners'][number]) => number | undefined
): GaugeRow =>
  ofMaster(name, { help, labels: ['owner'] }, ({ owners }) =>
    owners.flatMap(owner => {
      const value = read(owner)
      return value === undefined ? [] : [{ value, labels: { owner: owner.peer } }]
    })
  )

/** Every gauge of a peer: ids of peers and owners may be labels, never an image, a key, a code or a name. */
export const GAUGES: readonly GaugeRow[] = Object.freeze([
  one('sfmedir_ready', '1 when the peer can serve, as /readyz says', ({ checks }) =>
    Number(checks.every(({ ok }) => ok))
  ),
  one('sfmedir_requests_in_hand', 'Requests that are being answered', ({ vitals }) => vitals.load),
  one('sfmedir_disk_free_bytes', 'Free on the disk of the data folder', ({ diskFreeBytes }) => diskFreeBytes),
  one('sfmedir_shadows', 'Shadows that this slave keeps', ({ vitals }) => vitals.shadows),
  one('sfmedir_shadow_bytes', 'Their bytes', ({ vitals }) => vitals.usedBytes),
  one('sfmedir_shadow_free_bytes', 'Bytes that may still be put, by quota and disk', ({ vitals }) => vitals.freeBytes),
  one('sfmedir_trashed_shadows', 'Dropped shadows that can still be restored', ({ vitals }) => vitals.trashed),
  one('sfmedir_trash_bytes', 'Their bytes', ({ vitals }) => vitals.trashBytes),
  one(
    'sfmedir_refused_drops',
    'Drops refused in the last hour because they were too many',
    ({ vitals }) => vitals.refusedDrops
  ),
  one('sfmedir_index_images', "Images in this master's index", ({ vitals }) => vitals.images),
  ofMaster(
    'sfmedir_images',
    { help: 'Stored images: all holders alive; some lost; fewer than r alive', labels: ['state'] },
    status =>
      (['healthy', 'degraded', 'unreadable'] as const).map(state => ({ value: status[state], labels: { state } }))
  ),
  ofMaster(
    'sfmedir_audit_failures',
    { help: 'Shadows of stored images that their slaves, when asked, did not have or had wrong' },
    status => [{ value: status.auditFailures }]
  ),
  ofMaster('sfmedir_unknown_shadows', { help: 'Shadows on slaves of which the index knows nothing' }, status => [
    { value: status.unknownShadows }
  ]),
  ofMaster('sfmedir_index_behind', { help: '1 when the index must be lost or old' }, status => [
    { value: Number(status.behind) }
  ]),
  ofMaster('sfmedir_repairs_waiting', { help: 'Images that wait to be shared anew' }, ({ repair }) => [
    { value: repair.waiting }
  ]),
  ofMaster(
    'sfmedir_repairs_failing',
    { help: 'Images that could not be shared anew when it was tried' },
    ({ repair }) => [{ value: repair.failing }]
  ),
  ofMaster('sfmedir_repaired_images', { help: 'Images shared anew since the start' }, ({ repair }) => [
    { value: repair.repaired }
  ]),
  ofMaster(
    'sfmedir_shadows_to_spare',
    { help: 'Shadows that the image nearest to loss may still lose; none when none has lost any' },
    ({ repair: { nearest } }) => (nearest === undefined ? [] : [{ value: nearest }])
  ),
  ofMaster('sfmedir_peers', { help: 'Masters and slaves known here', labels: ['role', 'state'] }, peersOf),
  perOwner('sfmedir_owner_images', 'Images of an owner', ({ images }) => images),
  perOwner('sfmedir_owner_bytes', 'Encrypted bytes of an owner', ({ bytes }) => bytes),
  perOwner('sfmedir_owner_quota_images', 'Images that an owner may have', ({ quotaImages }) => quotaImages),
  perOwner('sfmedir_owner_quota_bytes', 'Bytes that an owner may have', ({ quotaBytes }) => quotaBytes)
])

function peersOf({ masters, slaves }: NetworkStatusAnswer): Sample[] {
  const count = (role: string, peers: readonly { readonly alive: boolean }[]): Sample[] =>
    [true, false].map(alive => ({
      value: peers.filter(peer => peer.alive === alive).length,
      labels: { role, state: alive ? 'alive' : 'silent' }
    }))
  return [...count('master', masters), ...count('slave', slaves)]
}
