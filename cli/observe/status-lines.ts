import type { NetworkStatusAnswer } from '../../protocols/network-status.ts'
import { shownBytes } from '../console/shown-bytes.ts'
import { tableLines } from '../console/table.ts'

/** The network as a page: how images stand, what to do next, and a table of peers and one of owners. */
export function statusLines(status: NetworkStatusAnswer): string[] {
  const { ageMs, images, healthy, degraded, unreadable } = status
  const age = ageMs < 1000 ? '' : `, ${(ageMs / 1000).toFixed(0)} s ago`
  const advice = adviceOn(status).map(line => `! ${line}`)
  return [
    `${images} images: ${healthy} healthy, ${degraded} degraded, ${unreadable} unreadable${age}`,
    ...advice,
    '',
    ...peersOf(status),
    ...(status.owners.length === 0 ? [] : ['', ...ownersOf(status)])
  ]
}

/** What somebody has to look at, the most urgent first, each with what to do. */
export function adviceOn(status: NetworkStatusAnswer): string[] {
  const { unreadable, unknownShadows, behind, coverage, auditFailures, masters, slaves } = status
  const down = slaves.filter(({ alive }) => !alive).length
  const said: string[] = []
  if (unreadable > 0)
    said.push(`${unreadable} images cannot be read: bring slaves back before anything else; sfmedir verify names them`)
  for (const { peer, refusedDrops } of slaves) {
    if (refusedDrops > 0)
      said.push(`slave ${peer} refused ${refusedDrops} drops in an hour: a master runs away; stop it`)
  }
  if (coverage !== undefined)
    said.push(`this master has ${coverage / 10} % of the index so far: it is catching up, nothing to do`)
  if (behind)
    said.push(
      'this master is behind: slaves hold much that its index does not know; it has nothing of it dropped. ' +
        'Let it catch up, or sfmedir rebuild-index'
    )
  else if (unknownShadows > 0)
    said.push(`${unknownShadows} shadows are of images that this master's index does not know; they are left alone`)
  if (auditFailures > 0)
    said.push(
      `${auditFailures} shadows failed their audit: sfmedir verify says which, on which slave; look at its disk`
    )
  said.push(...repairsOf(status))
  if (down > 0) said.push(`${down} slaves are down: start them, or let repair move their images`)
  for (const { peer } of masters.filter(({ alive }) => !alive)) said.push(`master ${peer} is down: start it`)
  for (const { peer, leaving, images } of slaves.filter(each => each.leaving)) {
    if (leaving && images > 0) said.push(`slave ${peer} leaves: ${images} images still lie on it; do not stop it yet`)
    else said.push(`slave ${peer} may go: no image lies on it`)
  }
  return said
}

function repairsOf({ repair: { waiting, nearest, failing, repaired, alone } }: NetworkStatusAnswer): string[] {
  if (waiting === 0) return []
  const left = nearest === undefined ? '' : `, the one nearest to loss may lose ${nearest} more shadows`
  const failed = failing === 0 ? '' : `, ${failing} failed and are tried again: the masters' logs say why`
  const said = [`${waiting} images wait to be shared anew${left}; ${repaired} are done${failed}`]
  if (alone) said.push('nothing is shared anew without a second master: add or start one')
  return said
}

function peersOf({ masters, slaves }: NetworkStatusAnswer): string[] {
  const state = (alive: boolean, leaving = false): string => (alive ? (leaving ? 'leaves' : 'up') : 'down')
  return tableLines(
    ['role', 'peer', 'state', 'site', 'images>', 'shadows>', 'free>', 'trash>'],
    [
      ...masters.map(({ peer, alive, images }) => ['master', peer, state(alive), '', `${images}`, '', '', '']),
      ...slaves.map(({ peer, alive, leaving, site, images, shadows, freeBytes, trashed }) => {
        const numbers = [`${images}`, `${shadows}`, shownBytes(freeBytes), `${trashed}`]
        return ['slave', peer, state(alive, leaving), site, ...numbers]
      })
    ]
  )
}

function ownersOf({ owners }: NetworkStatusAnswer): string[] {
  return tableLines(
    ['owner', 'images>', 'of>', 'stored>', 'of>'],
    owners.map(({ peer, images, bytes, quotaImages, quotaBytes }) => {
      const most = quotaBytes === undefined ? 'no limit' : shownBytes(quotaBytes)
      return [peer, `${images}`, `${quotaImages ?? 'no limit'}`, shownBytes(bytes), most]
    })
  )
}
