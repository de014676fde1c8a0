// One peer in a process of its own: its configuration is the first argument, as JSON; prints its addresses once it runs.
import { decodeKeys } from '../../crypto/keys.ts'
import { openPeer } from '../../node/open-peer.ts'

const { keys, ...config } = JSON.parse(process.argv[2])
const peer = await openPeer({ ...config, keys: keys === undefined ? undefined : decodeKeys(keys) })
process.stdout.write(`${JSON.stringify(peer.addresses())}\n`)
process.once('SIGTERM', () => void peer.stop().then(() => process.exit(0)))
