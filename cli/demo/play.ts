import { equals } from 'uint8arrays/equals'
import { systemClock } from '../../base/clock.ts'
import type { ImageId, PeerId } from '../../base/ids.ts'
import { randomBelow, seededRandom } from '../../base/random.ts'
import { decodeImage } from '../../hashing/decode-image.ts'
import type { ProcessCluster } from '../../sim/processes/process-cluster.ts'
import type { Tile } from '../images/contact-sheet.ts'
import { captionOf } from '../images/search-sheet.ts'
import type { DemoImage } from './demo-images.ts'
import { perturb } from './perturb.ts'

/** What may be killed before a round. */
export const KILLS = Object.freeze(['slave', 'master', 'none'] as const)

/** One of {@link KILLS}. */
export type Kill = (typeof KILLS)[number]

/** One image that a query brought back. */
interface Retrieved {
  readonly query: string
  readonly file: string
  readonly id: ImageId
  readonly distance: number
  /** 0 to 1; null where it cannot be told. */
  readonly similarity: number | null
  readonly class: string | null
  /** Whether the decrypted bytes are those that were stored. */
  readonly identical: boolean
}

/** What a demo did, the object that `--json` prints. */
export interface DemoResult {
  readonly stored: number
  readonly masters: number
  readonly slaves: number
  readonly rounds: readonly { readonly killed: Kill; readonly retrieved: readonly Retrieved[] }[]
  /** Share of the retrieved images, the query's own original left out, that have its class; null without classes. */
  readonly precisionAtK: number | null
  readonly timingsMs: Readonly<Record<string, number>>
}

/** What {@link playDemo} plays. */
export interface DemoPlan {
  readonly images: readonly DemoImage[]
  readonly kills: readonly Kill[]
  readonly k: number
  readonly seed: string
  /** Told what happens, for people. */
  say(text: string): void
  progress(text: string): void
  /** Shown each query of the first round beside what it brought back. */
  show?(row: readonly Tile[]): void
}

interface Query {
  readonly image: DemoImage
  readonly bytes: Uint8Array
}

interface Stored {
  readonly image: DemoImage
  readonly holders: readonly PeerId[]
}

/** Store, search, kill and search again on a started network, comparing every image byte for byte. */
export async function playDemo(cluster: ProcessCluster, plan: DemoPlan): Promise<DemoResult> {
  const timingsMs: Record<string, number> = {}
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const from = systemClock.monotonic()
    const value = await work()
    timingsMs[name] = Math.round(systemClock.monotonic() - from)
    return value
  }
  const counts = { masters: cluster.running('master').length, slaves: cluster.running('slave').length }
  const stored = await timed('store', () => storeAll(cluster, plan))
  plan.say(
    `stored ${stored.size} images in ${timingsMs.store} ms: encrypted, split, each shadow fsynced on another slave, the record on ${counts.masters} masters`
  )
  const queries = await makeQueries(plan)
  const rounds: { killed: Kill; retrieved: Retrieved[] }[] = []
  for (const killed of plan.kills) {
    await killOne(cluster, killed, { stored, queries, plan })
    const round = `round ${rounds.length + 1}`
    const shown = rounds.length === 0 ? plan : { ...plan, show: undefined }
    const retrieved = await timed(round, () => retrieve(cluster, { stored, queries, plan: shown }))
    rounds.push({ killed, retrieved })
    tellRound(plan, retrieved, timingsMs[round])
  }
  return {
    stored: stored.size,
    ...counts,
    rounds,
    precisionAtK: precision(rounds[0]?.retrieved ?? [], queries),
    timingsMs
  }
}

async function storeAll(cluster: ProcessCluster, plan: DemoPlan): Promise<Map<ImageId, Stored>> {
  const stored = new Map<ImageId, Stored>()
  const items = plan.images.map(image => {
    const { file, class: label, bytes } = image
    return { image, name: file, labels: label === undefined ? [] : [label], bytes }
  })
  for await (const result of cluster.client.owner.storeMany(items)) {
    if ('error' in result) throw result.error
    const { id, holders } = result.stored
    stored.set(id, { image: result.item.image, holders })
    plan.progress(`stored ${stored.size} of ${items.length}`)
  }
  return stored
}

/** One query a class, or one in all: a stored image with noise and a small shift. */
async function makeQueries({ images, seed }: DemoPlan): Promise<Query[]> {
  const random = seededRandom(seed)
  const classes = [...new Set(images.map(image => image.class))]
  const queries: Query[] = []
  for (const label of classes) {
    const candidates = images.filter(image => image.class === label)
    const image = candidates[randomBelow(random, candidates.length)]
    queries.push({ image, bytes: await perturb(await decodeImage(image.bytes), random) })
  }
  return queries
}

interface Scene {
  readonly stored: ReadonlyMap<ImageId, Stored>
  readonly queries: readonly Query[]
  readonly plan: DemoPlan
}

async function killOne(cluster: ProcessCluster, kill: Kill, { stored, queries, plan }: Scene): Promise<void> {
  if (kill === 'none') return
  const wanted = [...stored.values()].find(({ image }) => image === queries[0].image)
  const running = cluster.running(kill)
  const victim = (kill === 'slave' && running.find(({ member }) => wanted?.holders.includes(member.peer))) || running[0]
  const told = kill === 'slave' ? `, which holds a shadow of ${queries[0].image.file}` : ''
  await cluster.kill(victim)
  plan.say('')
  plan.say(`SIGKILL: ${victim.name}${told}`)
}

async function retrieve(cluster: ProcessCluster, { stored, queries, plan }: Scene): Promise<Retrieved[]> {
  const { user } = cluster.client
  const retrieved: Retrieved[] = []
  for (const query of queries) {
    const row: Tile[] = [{ bytes: query.bytes, caption: ['query, changed', query.image.file] }]
    for (const found of await user.search(query.bytes, { k: plan.k })) {
      const { id, distance, similarity = null } = found
      const original = stored.get(id)?.image
      const bytes = await user.fetch(id)
      const identical = original !== undefined && equals(original.bytes, bytes)
      const { file = '', class: label = null } = original ?? {}
      retrieved.push({ query: query.image.file, file, id, distance, similarity, class: label, identical })
      row.push({ bytes, caption: captionOf(found) })
    }
    plan.show?.(row)
  }
  return retrieved
}

function tellRound({ say }: DemoPlan, retrieved: readonly Retrieved[], ms: number): void {
  let query = ''
  for (const { query: asked, file, distance, similarity, class: label, identical } of retrieved) {
    if (asked !== query) say(`query: ${asked}, shifted and with noise`)
    query = asked
    const same = identical ? 'identical' : 'DIFFERENT'
    const alike = similarity === null ? '' : `similarity ${similarity.toFixed(2)}  `
    say(`  distance ${String(distance).padStart(2)}  ${alike}${same}  ${file}${label === null ? '' : `  (${label})`}`)
  }
  say(`${retrieved.length} images found, gathered, rebuilt, decrypted and compared in ${ms} ms`)
}

function precision(retrieved: readonly Retrieved[], queries: readonly Query[]): number | null {
  const classOf = new Map(queries.map(({ image }) => [image.file, image.class]))
  if (queries.some(({ image }) => image.class === undefined)) return null
  const others = retrieved.filter(({ query, file }) => query !== file)
  const right = others.filter(({ query, class: label }) => classOf.get(query) === label)
  return others.length === 0 ? null : right.length / others.length
}
