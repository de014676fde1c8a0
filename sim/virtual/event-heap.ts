/** Something that will happen at a virtual time. Cancelled by taking its action away. */
export interface FutureEvent {
  /** Virtual ms since the start of the run. */
  readonly time: number
  /** Orders events of one time: first scheduled, first run. */
  readonly sequence: number
  action: (() => void) | undefined
}

/** A binary heap of events by (time, sequence). Cancelled events stay until they reach the top. */
export class EventHeap {
  readonly #events: FutureEvent[] = []

  /** Events held, cancelled ones included. */
  get size(): number {
    return this.#events.length
  }

  /** Add an event. */
  push(event: FutureEvent): void {
    const events = this.#events
    let at = events.length
    events.push(event)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(event, events[parent])) break
      events[at] = events[parent]
      at = parent
    }
    events[at] = event
  }

  /** Take the earliest event out, or undefined when there is none. */
  pop(): FutureEvent | undefined {
    const events = this.#events
    const top = events[0]
    const last = events.pop()
    if (last === undefined || events.length === 0) return top
    let at = 0
    for (let child = 1; child < events.length; child = 2 * at + 1) {
      if (child + 1 < events.length && before(events[child + 1], events[child])) child++
      if (!before(events[child], last)) break
      events[at] = events[child]
      at = child
    }
    events[at] = last
    return top
  }
}

function before(a: FutureEvent, b: FutureEvent): boolean {
  return a.time !== b.time ? a.time < b.time : a.sequence < b.sequence
}
