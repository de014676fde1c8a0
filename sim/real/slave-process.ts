// A slave in a process of its own, so that it can be killed and stopped as an operating system does it. Takes a
// `SlaveProcessInit` as JSON, prints its addresses once it serves, and ends with its standard input.
import { fromString } from 'uint8arrays/from-string'
import { systemClock } from '../../base/clock.ts'
import { systemRandom } from '../../base/random.ts'
import { createSigner } from '../../crypto/ed25519-signer.ts'
import { listRoster } from '../../node/peers/list-roster.ts'
import { Slave } from '../../node/slave/slave.ts'
import { openNetwork } from '../../protocols/transport/open-network.ts'
import { DiskShadowStore } from '../../storage/disk-shadow-store.ts'
import type { SlaveProcessInit } from './spawn-slave.ts'

const { seed, members, folder, ...init }: SlaveProcessInit = JSON.parse(process.argv[2]) // written by spawn-slave.ts
const ports = { roster: listRoster(members), clock: systemClock, random: systemRandom }
const key = fromString(seed, 'hex')
const open = await openNetwork({ ...init, ...ports, seed: key })
const { network, directory } = open
const signer = createSigner(key)
await new Slave({ ...ports, network, directory, signer, shadows: new DiskShadowStore(folder) }).start()
process.stdout.write(`${JSON.stringify({ addresses: open.addresses() })}\n`)
process.stdin.on('end', () => process.exit()).resume() // a simulator that dies leaves no process behind
