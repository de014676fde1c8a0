/** Somebody who has connected and has not yet proven who it is. */
export interface Guest {
  /** Where it comes from: an IP address. */
  readonly address: string
  /** When it came, in ms. */
  readonly since: number
  /** Close its connection. */
  turnAway(): void
}

/** How many guests a {@link WaitingRoom} holds. */
export interface WaitingRoomInit {
  readonly most: number
  readonly mostPerAddress: number
  /** Whether a member was last seen there; such guests are turned away last. */
  readonly isKnown: (address: string) => boolean
}

const CROWD = 4 // times the limit: so many may stand in the room for a moment

/**
 * Guests by address. Who comes is let in; when there are too many then, those go who came from addresses where no member was
 * ever seen, first from the address that has most, and there whoever has waited longest. So a flood pushes out itself.
 */
export class WaitingRoom {
  readonly #init: WaitingRoomInit
  readonly #byAddress = new Map<string, Set<Guest>>() // each in the order in which they came
  #size = 0

  constructor(init: WaitingRoomInit) {
    this.#init = init
  }

  /** Guests in the room. */
  get size(): number {
    return this.#size
  }

  /** Let a guest in; makes room at once when the room is crowded, else leaves that to {@link trim}. */
  add(guest: Guest): void {
    const there = this.#byAddress.get(guest.address) ?? new Set()
    this.#byAddress.set(guest.address, there.add(guest))
    this.#size++
    if (this.#size > CROWD * this.#init.most) this.trim()
  }

  /** Forget a guest, whether it is here or not. */
  remove(guest: Guest): void {
    const there = this.#byAddress.get(guest.address)
    if (there?.delete(guest) !== true) return
    this.#size--
    if (there.size === 0) this.#byAddress.delete(guest.address)
  }

  /** Turn away whoever is too many. */
  trim(): void {
    const { most, mostPerAddress } = this.#init
    for (const there of this.#byAddress.values()) {
      while (there.size > mostPerAddress) this.#turnAwayOldest(there)
    }
    while (this.#size > most) this.#turnAwayOldest(this.#largest())
  }

  /** Turn away whoever came before `moment`, in ms. */
  expire(moment: number): void {
    for (const there of this.#byAddress.values()) {
      for (const guest of there) {
        if (guest.since >= moment) break
        this.#turnAwayOldest(there)
      }
    }
  }

  #largest(): Set<Guest> {
    let largest: { known: boolean; there: Set<Guest> } | undefined
    for (const [address, there] of this.#byAddress) {
      const known = this.#init.isKnown(address)
      const spared = largest !== undefined && (known === largest.known ? there.size <= largest.there.size : known)
      if (!spared) largest = { known, there }
    }
    if (largest === undefined) throw new Error('an empty waiting room has too many guests')
    return largest.there
  }

  #turnAwayOldest(there: Set<Guest>): void {
    const [oldest] = there
    this.remove(oldest)
    oldest.turnAway()
  }
}
