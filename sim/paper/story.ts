import { equals } from 'uint8arrays/equals'
import type { ImageId, PeerId } from '../../base/ids.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { exampleImage } from '../cluster/cluster.ts'
import type { SeededStream } from '../cluster/seeded-stream.ts'

/** What Figs 13 and 14 show, step by step. */
export interface Story {
  readonly lines: readonly string[]
  /** Whether every image was read back bit for bit with its second holder down. */
  readonly identical: boolean
}

/** Figs 13 and 14: two masters, five slaves, (2, 3); images are stored, the second holder goes down, a user searches. */
export async function tellStory(cluster: Cluster, random: SeededStream, imageBytes: number): Promise<Story> {
  const lines: string[] = []
  const beganAt = cluster.clock.monotonic()
  const tell = (line: string): void => {
    lines.push(`${(cluster.clock.monotonic() - beganAt).toFixed(1).padStart(8)} ms  ${line}`)
  }
  const nameOf = (peer: PeerId): string => `slave ${cluster.slaves.indexOf(peer) + 1}`
  tell(`${cluster.masters.length} masters and ${cluster.slaves.length} slaves are up, the policy is (2, 3)`)
  const stored: { image: ImageId; bytes: Uint8Array; holders: readonly PeerId[] }[] = []
  for (let k = 1; k <= 3; k++) {
    const bytes = exampleImage(random, imageBytes)
    const { id: image, holders, masters } = await cluster.drive(cluster.owner.store(bytes))
    stored.push({ image, bytes, holders })
    tell(
      `image ${k} (${image.slice(0, 8)}…) is encrypted and split: shadows on ${holders.map(nameOf).join(', ')}; ${masters} masters have its record`
    )
  }
  const [target] = stored
  await cluster.drive(cluster.down(target.holders[1]))
  tell(`${nameOf(target.holders[1])}, the second holder of image 1, is killed`)
  const found = await cluster.drive(cluster.user.search(target.bytes, { k: 3 }))
  tell(
    `a user shows image 1: a master ranks ${found.length}, nearest ${found[0]?.id.slice(0, 8)}… at distance ${found[0]?.distance}`
  )
  let identical = found[0]?.id === target.image
  for (const { id } of found) {
    const original = stored.find(({ image }) => image === id)
    const got = await cluster.drive(cluster.user.fetch(id))
    const same = original !== undefined && equals(got, original.bytes)
    identical &&= same
    tell(`image ${id.slice(0, 8)}… is rebuilt from two shadows and decrypted: ${same ? 'identical' : 'DIFFERENT'}`)
  }
  await cluster.drive(cluster.up(target.holders[1]))
  tell(`${nameOf(target.holders[1])} is back`)
  return { lines, identical }
}
