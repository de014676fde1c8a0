import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'
import { groupOf } from './address-group.ts'
import { type Guest, WaitingRoom } from './waiting-room.ts'

/** What a {@link Door} stands on. */
export interface DoorComponents {
  readonly clock: Clock
  /** Whether a member was last seen at an address, one as `groupOf` gives it. */
  readonly isKnown: (address: string) => boolean
}

/** How long an inbound connection has from its first line to the end of its handshake, in ms. */
export const HANDSHAKE_MS = 2_000 // three round trips over the slowest line that still counts
const SILENT_MS = 1_000 // the first line comes with the packet that opens the connection, or right after
const SWEEP_MS = 250
const MOST_SILENT = 256 // a socket and some 10 KiB each
const MOST_SPEAKING = 128 // a handshake costs 2 ms of CPU time
const MOST_BYTES = 512 * 1024 // in a handshake of 1 KiB; the first requests come on its heels
const HELLO = Buffer.from('\x13/multistream/1.0.0\n') // what every libp2p dialler sends first, unasked

/**
 * Where inbound connections wait until they have proven who they are. Nothing but a socket is spent on who says nothing:
 * libp2p, whose own limits refuse members along with a flood, sees a connection when its first line has come, and none before
 * the door is opened.
 */
export class Door {
  readonly #clock: Clock
  readonly #silent: WaitingRoom
  readonly #speaking: WaitingRoom
  readonly #ready = new Set<() => void>() // those that come in once it opens
  #isOpen = false
  #trimming = false
  #sweeping = false

  constructor({ clock, isKnown }: DoorComponents) {
    this.#clock = clock
    this.#silent = new WaitingRoom({ most: MOST_SILENT, mostPerAddress: (3 * MOST_SILENT) / 4, isKnown })
    this.#speaking = new WaitingRoom({ most: MOST_SPEAKING, mostPerAddress: MOST_SPEAKING / 2, isKnown })
  }

  /** Let in whoever is ready, and from now on at once; until then all wait. */
  open(): void {
    this.#isOpen = true
    for (const enter of this.#ready) enter()
    this.#ready.clear()
  }

  /** Have a new socket wait for its first line, unread by anybody else; then `letIn`. It is closed when it says another, or nothing for 1 s. */
  knock(socket: Socket, letIn: () => void): void {
    const guest = this.#guest(socket)
    let heard: Buffer | undefined
    const leave = (): void => {
      this.#silent.remove(guest)
      this.#ready.delete(enter)
      socket.off('data', onData).off('error', leave).off('close', leave)
    }
    const enter = (): void => {
      leave()
      socket.pause().unshift(heard)
      letIn()
      socket.resume()
    }
    const onData = (bytes: Buffer): void => {
      heard = heard === undefined ? bytes : Buffer.concat([heard, bytes])
      const line = heard.subarray(0, HELLO.length)
      if (!line.equals(HELLO.subarray(0, line.length)))
        guest.turnAway() // no libp2p
      else if (line.length === HELLO.length) {
        socket.pause()
        if (this.#isOpen) enter()
        else this.#ready.add(enter)
      }
    }
    socket.on('data', onData).on('error', leave).on('close', leave)
    this.#enter(this.#silent, guest)
  }

  /** Run `upgrade` for a socket that was let in; the socket is closed when others need its place, or when too much comes over it. */
  async handshake(socket: Socket, upgrade: () => Promise<void>): Promise<void> {
    const guest = this.#guest(socket)
    const onData = (): void => {
      if (socket.bytesRead > MOST_BYTES) guest.turnAway()
    }
    this.#enter(this.#speaking, guest)
    socket.on('data', onData)
    try {
      await upgrade()
    } finally {
      socket.off('data', onData)
      this.#speaking.remove(guest)
    }
  }

  /** Turn away all who have said nothing. */
  clear(): void {
    this.#silent.expire(Number.POSITIVE_INFINITY)
  }

  #guest(socket: Socket): Guest {
    const address = groupOf(socket.remoteAddress ?? '') // undefined once it is gone: those go together
    return { address, since: this.#clock.monotonic(), turnAway: () => void socket.resetAndDestroy() }
  }

  #enter(room: WaitingRoom, guest: Guest): void {
    room.add(guest)
    void this.#trimSoon()
    if (room === this.#silent) this.#sweepSoon()
  }

  // Not at once: many are accepted in one turn of the event loop, and what they have sent is read in the next.
  async #trimSoon(): Promise<void> {
    if (this.#trimming) return
    this.#trimming = true
    await setImmediate()
    await setImmediate()
    this.#trimming = false
    this.#silent.trim()
    this.#speaking.trim()
  }

  #sweepSoon(): void {
    if (this.#sweeping) return
    this.#sweeping = true
    this.#clock.setTimer(SWEEP_MS, () => {
      this.#sweeping = false
      if (this.#isOpen) this.#silent.expire(this.#clock.monotonic() - SILENT_MS)
      if (this.#silent.size > 0) this.#sweepSoon()
    })
  }
}
