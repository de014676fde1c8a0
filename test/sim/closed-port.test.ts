import { describe, expect, it } from 'vitest'
import { openCluster } from '../../sim/engines/open-cluster.ts'
import { storeImages } from '../../sim/theorem4/read-trials.ts'
import { SeededStream } from '../../sim/cluster/seeded-stream.ts'

describe('a closed port', () => {
  // With handshakes that outlived the closing, 14 of 3,000 such reads came back through a slave that was gone.
  it('r=6 s=10 p=0.3, seed x: each of 1,000 reads succeeds exactly when 6 holders or more are open', async () => {
    const [threshold, total] = [6, 10]
    const fixed = { threshold, total }
    const cluster = await openCluster('virtual', {
      masters: 2,
      slaves: 40,
      sites: 10,
      seed: '1',
      crypto: 'twin',
      threshold: { fixed }
    })
    const images = await storeImages(cluster, { images: 40, imageBytes: 64 }, new SeededStream('i'))
    const random = new SeededStream('x')
    for (let trial = 0; trial < 1_000; trial++) {
      const { image, holders } = random.pick(images)
      const gone = holders.filter(() => random.unit() < 0.3)
      for (const peer of gone) cluster.close(peer)
      const read = await cluster.drive(
        cluster.user.fetch(image).then(
          () => true,
          () => false
        )
      )
      for (const peer of gone) cluster.open(peer)
      expect(read, `trial ${trial}`).toBe(holders.length - gone.length >= threshold)
    }
    await cluster.stop()
  })
})
