// Opens connections as fast as it is told and never says who it is, in a process of its own: its orders are the first argument, as
// JSON. Asked, it says how many it has opened.
import { connect, type Socket } from 'node:net'

/** What to do: from these loopback addresses, so many connections a second, each silent or saying a byte a second. */
export interface FloodOrders {
  readonly port: number
  readonly from: readonly string[]
  readonly perSecond: number
  readonly says: 'nothing' | 'a byte a second' | 'garbage'
}

/** What it has done. */
export interface FloodTold {
  readonly opened: number
  readonly seconds: number
}

const MOST_OPEN = 6_000
const TICK_MS = 10

const { port, from, perSecond, says }: FloodOrders = JSON.parse(process.argv[2])
const open = new Set<Socket>()
let opened = 0
let due = 0

function knock(): void {
  const socket = connect({ host: '127.0.0.1', port, localAddress: from[opened++ % from.length] })
  open.add(socket)
  if (says === 'garbage') socket.write(Buffer.alloc(4 * 1024, 0x13))
  socket.on('error', () => {}).on('close', () => open.delete(socket))
  socket.resume()
}

const started = performance.now()
setInterval(() => {
  due = Math.floor(((performance.now() - started) / 1000) * perSecond)
  for (let batch = 0; opened < due && batch < 100; batch++) {
    if (open.size >= MOST_OPEN) open.values().next().value?.destroy()
    knock()
  }
}, TICK_MS)
if (says === 'a byte a second') setInterval(() => open.forEach(socket => void socket.write('\x13')), 1000)
process.on('message', () => {
  process.send?.({ opened, seconds: (performance.now() - started) / 1000 } satisfies FloodTold)
})
process.on('disconnect', () => process.exit())
