// A placement of one's own: slaves of few sites that are trusted most come first. A master takes it as
// `master: { placement }` of openMaster, or of a cluster in this process as here.
// Run: node --conditions=sfmedir-source examples/own-placement.ts
import { type Candidate, drawSlaves, type SlavePlacement, site } from 'sfmedir/node'
import { CLUSTER_DEFAULTS, exampleImage, openCluster, SeededStream } from 'sfmedir/sim'

const TRUSTED = [site('site 0'), site('site 1'), site('site 2')]

const trustedFirst: SlavePlacement = {
  name: 'trusted-first',
  draw(candidates, random) {
    const isTrusted = ({ site }: Candidate): boolean => TRUSTED.includes(site)
    const first = drawSlaves(candidates.filter(isTrusted), random)
    const rest = drawSlaves(
      candidates.filter(candidate => !isTrusted(candidate)),
      random
    )
    return {
      take: bytes => first.take(bytes) ?? rest.take(bytes),
      giveBack: candidate => (isTrusted(candidate) ? first : rest).giveBack(candidate)
    }
  }
}

const cluster = await openCluster('virtual', {
  ...CLUSTER_DEFAULTS,
  slaves: 6,
  sites: 6,
  threshold: { fixed: { threshold: 2, total: 3 } },
  master: { placement: trustedFirst }
})
const { holders } = await cluster.drive(cluster.owner.store(exampleImage(new SeededStream('placement'), 500)))
const numbers = holders.map(holder => cluster.slaves.indexOf(holder)).sort()
console.log(`shadows lie on slaves ${numbers.join(', ')}, at the trusted sites 0, 1 and 2`)
await cluster.stop()
