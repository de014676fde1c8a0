const FIRST_CAPACITY = 64 // a power of two, as every capacity

/**
 * Finds the slot of a key without keeping keys: 8 bytes for an entry where a Map of id strings takes some 150. Open
 * addressing with linear probing; the hash is part of an image id, which is a SHA-256 and so evenly spread.
 */
export class IdTable {
  /** Slot + 1 of the key that hashes near here; 0 where there is none. */
  #slots = new Int32Array(FIRST_CAPACITY)
  #hashes = new Uint32Array(FIRST_CAPACITY)
  #size = 0

  /** The slot with this hash for which `isKey` holds, or -1. */
  find(hash: number, isKey: (slot: number) => boolean): number {
    const mask = this.#slots.length - 1
    for (let at = hash & mask; this.#slots[at] !== 0; at = (at + 1) & mask) {
      if (this.#hashes[at] === hash && isKey(this.#slots[at] - 1)) return this.#slots[at] - 1
    }
    return -1
  }

  /** Note a slot whose key is not in the table yet. */
  insert(hash: number, slot: number): void {
    if (2 * ++this.#size > this.#slots.length) this.#grow()
    this.#place(hash, slot)
  }

  /** Note that the key of slot `from` is now at slot `to`. */
  move(hash: number, from: number, to: number): void {
    this.#slots[this.#positionOf(hash, from)] = to + 1
  }

  /** Forget a slot. */
  remove(hash: number, slot: number): void {
    const mask = this.#slots.length - 1
    let hole = this.#positionOf(hash, slot)
    // Close the gap: pull back every later entry of the run that may stand at the hole.
    for (let at = (hole + 1) & mask; this.#slots[at] !== 0; at = (at + 1) & mask) {
      const home = this.#hashes[at] & mask
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      this.#slots[hole] = this.#slots[at]
      this.#hashes[hole] = this.#hashes[at]
      hole = at
    }
    this.#slots[hole] = 0
    this.#size--
  }

  #positionOf(hash: number, slot: number): number {
    const mask = this.#slots.length - 1
    let at = hash & mask
    while (this.#slots[at] !== slot + 1) {
      if (this.#slots[at] === 0) throw new RangeError('slot is not in the table')
      at = (at + 1) & mask
    }
    return at
  }

  #place(hash: number, slot: number): void {
    const mask = this.#slots.length - 1
    let at = hash & mask
    while (this.#slots[at] !== 0) at = (at + 1) & mask
    this.#slots[at] = slot + 1
    this.#hashes[at] = hash
  }

  #grow(): void {
    const [slots, hashes] = [this.#slots, this.#hashes]
    this.#slots = new Int32Array(2 * slots.length)
    this.#hashes = new Uint32Array(2 * slots.length)
    for (let at = 0; at < slots.length; at++) if (slots[at] !== 0) this.#place(hashes[at], slots[at] - 1)
  }
}
