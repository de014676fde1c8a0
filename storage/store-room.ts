import { storeFull } from './shadow-key.ts'
import type { StoreUsage } from './shadow-store.ts'

/** What limits a store, and what gives way. */
export interface RoomPorts {
  /** Most bytes of shadows, with those in the trash. */
  readonly quotaBytes: number
  /** Bytes that may still be written to the disk. */
  diskFreeBytes(): Promise<number>
  /** What is in the trash now, and gives way. */
  readonly trash: {
    readonly shadows: number
    readonly bytes: number
    forget(isWanted: () => Promise<boolean>): unknown
  }
}

/** Counts what a store holds, and keeps room for puts that go on: the trash counts last. */
export class StoreRoom {
  readonly #ports: RoomPorts
  #shadows = 0
  #usedBytes = 0
  /** Bytes of puts that are going on. */
  #pendingBytes = 0

  constructor(ports: RoomPorts) {
    this.#ports = ports
  }

  /** Begin with what a start found. */
  reset({ shadows, usedBytes }: Pick<StoreUsage, 'shadows' | 'usedBytes'>): void {
    this.#shadows = shadows
    this.#usedBytes = usedBytes
  }

  /** Shadows came, or went when below 0, and bytes with them. */
  count(shadows: 1 | 0 | -1, bytes: number): void {
    this.#shadows += shadows
    this.#usedBytes += bytes
  }

  /** Do a put's work with its bytes reserved. @throws NetError `STORE_FULL` when they do not fit even without the trash */
  async reserved(bytes: number, work: () => Promise<void>): Promise<void> {
    const diskBytes = await this.#ports.diskFreeBytes()
    // No wait between this check and the reservation, so puts that run together cannot pass it together.
    const freeBytes = Math.min(this.#quotaFreeBytes(), diskBytes + this.#ports.trash.bytes - this.#pendingBytes)
    if (bytes > freeBytes) throw storeFull(bytes, Math.max(0, freeBytes))
    this.#pendingBytes += bytes
    try {
      await work()
    } finally {
      this.#pendingBytes -= bytes
    }
  }

  /** Let the trash give way, oldest first, until the puts that go on fit beside it. */
  async makeRoom(): Promise<void> {
    if (await this.#lacks()) await this.#ports.trash.forget(() => this.#lacks())
  }

  async #lacks(): Promise<boolean> {
    const { trash } = this.#ports
    if (trash.shadows === 0) return false
    if (trash.bytes > this.#quotaFreeBytes()) return true
    return (await this.#ports.diskFreeBytes()) < this.#pendingBytes
  }

  /** How full the store is. */
  async usage(): Promise<StoreUsage> {
    const { shadows: trashed, bytes: trashBytes } = this.#ports.trash
    const diskBytes = (await this.#ports.diskFreeBytes()) + trashBytes
    const freeBytes = Math.max(0, Math.min(this.#quotaFreeBytes(), diskBytes))
    return { shadows: this.#shadows, usedBytes: this.#usedBytes, freeBytes, trashed, trashBytes }
  }

  #quotaFreeBytes(): number {
    return this.#ports.quotaBytes - this.#usedBytes - this.#pendingBytes
  }
}
