// One peer in a process of its own: its configuration is the first argument, as JSON; prints its addresses once it runs.
import { decodeKeys } from '../../crypto/keys.ts'
import { openPeer } from '../../node/open-peer.ts'

const { keys, ...config } = JSON.parse(process.argv[2])
const peer = await openPeer({ ...config, keys: keys === undefined ? undefined : decodeKeys(keys) })
process.stdout.write(`${JSON.stringify({ addresses: peer.addresses() })}\n`)
process.stdin.on('end', () => process.exit()).resume() // a test that dies leaves no process behind
