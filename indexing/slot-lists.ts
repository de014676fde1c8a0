const FIRST_CAPACITY = 2

/** Many lists of slots in one stretch of memory: to read a short list costs one look-up, not three objects. */
export class SlotLists {
  /** Slots in each list. */
  readonly counts: Int32Array
  readonly #starts: Int32Array
  readonly #capacities: Int32Array
  /** Starts of regions that a list has outgrown or left, by capacity. */
  readonly #free = new Map<number, number[]>()
  #slots = new Int32Array(1024)
  #end = 0

  /** @param lists how many there are; all empty at first */
  constructor(lists: number) {
    this.counts = new Int32Array(lists)
    this.#starts = new Int32Array(lists)
    this.#capacities = new Int32Array(lists)
  }

  /** The slot at a place of a list. */
  at(list: number, place: number): number {
    return this.#slots[this.#starts[list] + place]
  }

  /** Put a slot before what stands at a place, or at the end. */
  insert(list: number, place: number, slot: number): void {
    if (this.counts[list] === this.#capacities[list]) this.#widen(list)
    const at = this.#starts[list] + place
    this.#slots.copyWithin(at + 1, at, this.#starts[list] + this.counts[list]++)
    this.#slots[at] = slot
  }

  /** Put another slot in the place of the one there. */
  replace(list: number, place: number, slot: number): void {
    this.#slots[this.#starts[list] + place] = slot
  }

  /** Take out the slot at a place. */
  remove(list: number, place: number): void {
    const at = this.#starts[list] + place
    this.#slots.copyWithin(at, at + 1, this.#starts[list] + this.counts[list]--)
    if (this.counts[list] > 0) return
    this.#release(this.#starts[list], this.#capacities[list])
    this.#capacities[list] = 0
  }

  #widen(list: number): void {
    const old = this.#capacities[list]
    const capacity = Math.max(FIRST_CAPACITY, 2 * old)
    const start = this.#claim(capacity)
    this.#slots.copyWithin(start, this.#starts[list], this.#starts[list] + old)
    if (old > 0) this.#release(this.#starts[list], old)
    this.#starts[list] = start
    this.#capacities[list] = capacity
  }

  #claim(capacity: number): number {
    const known = this.#free.get(capacity)?.pop()
    if (known !== undefined) return known
    const start = this.#end
    this.#end += capacity
    if (this.#end > this.#slots.length) {
      const wider = new Int32Array(Math.max(this.#end, 2 * this.#slots.length))
      wider.set(this.#slots)
      this.#slots = wider
    }
    return start
  }

  #release(start: number, capacity: number): void {
    const free = this.#free.get(capacity)
    if (free === undefined) this.#free.set(capacity, [start])
    else free.push(start)
  }
}
