import type { Stream, StreamCloseEvent } from '@libp2p/interface'
import { type Clock, deadline } from '../../base/clock.ts'
import { asError, NetError } from '../../base/errors.ts'
import { withSignal } from '../../base/with-signal.ts'
import { chunksOf } from './chunks.ts'
import { Incoming, type IncomingOptions } from './incoming.ts'
import { type Pace, watchPace } from './pace.ts'

/** Bytes are sent in chunks of this size, so that a slow reader holds the sender back (backpressure), not memory. */
export const CHUNK_BYTES = 256 * 1024

const READ_AHEAD_BYTES = 256 * 1024 // what may wait unread before the sender is told to pause

/** The stream ended or broke off: whatever was expected of it will not come. EOF is never success. */
export class StreamGone extends Error {
  override readonly name = 'StreamGone'
}

interface Read {
  readonly incoming: Incoming
  readonly resolve: (bytes: Uint8Array) => void
  readonly reject: (error: Error) => void
}

/**
 * A libp2p stream read to known lengths and written with backpressure. It listens to the stream's events itself, from
 * the first byte to the last: iterating a libp2p stream hangs when its end came before the loop, and ends without
 * an error when the peer dies; libp2p's `byteStream` overflows, and rejects with bare events.
 */
export class WireStream {
  readonly #stream: Stream
  readonly #clock: Clock
  #unread: Uint8Array[] = []
  #unreadBytes = 0
  #read: Read | undefined
  #gone: Error | undefined
  #dropping = false
  #received = 0
  #sent = 0
  #sending: Promise<void> = Promise.resolve()
  readonly #closed = new Set<() => void>()

  constructor(stream: Stream, clock: Clock) {
    this.#stream = stream
    this.#clock = clock
    stream.addEventListener('end', () => this.#end(new StreamGone('the stream ended')))
    stream.addEventListener('close', event => this.#close(event))
    stream.addEventListener('message', event => this.#take(event.data))
    if (stream.readableEnded || stream.status !== 'open') this.#end(new StreamGone('the stream had ended'))
  }

  /** Bytes received so far. */
  get received(): number {
    return this.#received
  }

  /** Whether nothing can be written any more. */
  get dead(): boolean {
    return this.#stream.writeStatus !== 'writable'
  }

  /** Whether another message can go and come: both directions are open, and the peer has not said more than it should. */
  get reusable(): boolean {
    return !this.dead && this.#gone === undefined && this.#unreadBytes === 0
  }

  /** Call `listener` once both directions are closed, by whomever; returns the way to forget it. */
  onClose(listener: () => void): () => void {
    if (this.#stream.status === 'open' || this.#stream.status === 'closing') this.#closed.add(listener)
    else listener()
    return () => this.#closed.delete(listener)
  }

  /**
   * The next `length` bytes. One read at a time.
   * @throws StreamGone when the stream ends first
   * @throws NetError `REQUEST_TIMEOUT`, and aborts the stream, when they come too slowly; or what `reserve` throws
   */
  read(length: number, { stallMs, limitMs, ...options }: IncomingOptions & Partial<Pace> = {}): Promise<Uint8Array> {
    return new Promise<Uint8Array>((resolve, reject) => {
      const stopWatch = stallMs === undefined ? undefined : this.#watch({ stallMs, limitMs }, () => this.#received)
      this.#read = {
        incoming: new Incoming(length, options),
        resolve: bytes => {
          stopWatch?.()
          resolve(bytes)
        },
        reject: error => {
          stopWatch?.()
          reject(error)
        }
      }
      this.#feed()
    })
  }

  /**
   * Send these parts, one after the other and never mixed with another write.
   * @throws StreamGone
   * @throws NetError `REQUEST_TIMEOUT`, and aborts the stream, when the peer takes them too slowly
   */
  write(parts: readonly Uint8Array[], stallMs: number, limitMs = Number.POSITIVE_INFINITY): Promise<void> {
    const until = this.#clock.monotonic() + limitMs // what waits in line counts too
    const sent = this.#sending.then(() => this.#send(parts, stallMs, until))
    this.#sending = sent.catch(() => {}) // told to the writer; the next write finds the stream gone by itself
    return sent
  }

  /**
   * Send the last words, and wait until the peer has gone too. It may still be sending: what comes is read and dropped
   * meanwhile, since a reset would throw the last words away with it. Never throws; to be aborted afterwards.
   */
  async leave(parts: readonly Uint8Array[], stallMs: number): Promise<void> {
    this.#drop()
    try {
      await this.write(parts, stallMs, stallMs)
      const limit = deadline(this.#clock, stallMs)
      const closed = new Promise<void>(resolve => this.onClose(resolve))
      try {
        await this.#stream.close({ signal: limit.signal })
        await withSignal(closed, limit.signal)
      } finally {
        limit.clear()
      }
    } catch {
      // the peer is gone: there is nobody to tell
    }
  }

  /** Break the stream off at both ends. */
  abort(error: Error): void {
    this.#end(error)
    this.#stream.abort(error)
  }

  async #send(parts: readonly Uint8Array[], stallMs: number, until: number): Promise<void> {
    for (const chunk of chunksOf(parts, CHUNK_BYTES)) {
      if (this.dead) throw this.#gone ?? new StreamGone('the stream was closed')
      this.#sent += chunk.length
      if (!this.#stream.send(chunk)) await this.#drained(stallMs, until)
    }
  }

  // 'drain' with bytes left is only another window update: wait until at most one chunk is queued.
  async #drained(stallMs: number, until: number): Promise<void> {
    const pace = { stallMs, limitMs: until - this.#clock.monotonic() }
    const stopWatch = this.#watch(pace, () => this.#sent - this.#stream.writeBufferLength)
    try {
      do {
        await new Promise<void>(resolve => {
          for (const type of ['drain', 'idle', 'close'] as const) {
            this.#stream.addEventListener(type, () => resolve(), { once: true })
          }
        })
      } while (this.#stream.writeBufferLength > CHUNK_BYTES && !this.dead)
    } finally {
      stopWatch()
    }
    if (this.dead) throw this.#gone ?? new StreamGone('the stream was closed')
  }

  // Half a frame and silence, or a byte now and then.
  #watch(pace: Pace, progress: () => number): () => void {
    const onSlow = (bytes: number): void => {
      const detail = { stallMs: pace.stallMs, bytes }
      this.abort(new NetError('REQUEST_TIMEOUT', 'the peer was too slow in a message', { detail }))
    }
    return watchPace(pace, { clock: this.#clock, progress, onSlow })
  }

  #take(data: Uint8Array | Iterable<Uint8Array>): void {
    for (const part of data instanceof Uint8Array ? [data] : data) {
      this.#received += part.length
      if (this.#dropping) continue
      this.#unread.push(part)
      this.#unreadBytes += part.length
      this.#feed()
    }
    if (this.#unreadBytes > READ_AHEAD_BYTES && this.#stream.readStatus === 'readable') this.#stream.pause()
  }

  #feed(): void {
    const read = this.#read
    if (read === undefined) return
    try {
      this.#fill(read.incoming)
    } catch (error) {
      this.#fail(asError(error)) // no memory may be taken for it
      return
    }
    const { whole } = read.incoming
    if (whole !== undefined) {
      this.#read = undefined
      read.resolve(whole)
      return
    }
    this.#resume()
    if (this.#gone !== undefined) this.#fail(this.#gone)
  }

  #fill(incoming: Incoming): void {
    while (incoming.whole === undefined && this.#unread.length > 0) {
      const first = this.#unread[0]
      const taken = incoming.take(first)
      this.#unreadBytes -= taken
      if (taken === first.length) this.#unread.shift()
      else this.#unread[0] = first.subarray(taken)
    }
  }

  #drop(): void {
    this.#dropping = true
    this.#unread = []
    this.#unreadBytes = 0
    this.#resume()
  }

  // It delivers what has come, then tells the peer to send more, which throws when the connection is gone.
  #resume(): void {
    if (this.#stream.readStatus !== 'paused') return
    try {
      this.#stream.resume()
    } catch (error) {
      this.#end(new StreamGone('the stream broke off', { cause: error }))
    }
  }

  #close(event: StreamCloseEvent): void {
    if (this.#stream.readBufferLength === 0) this.#end(new StreamGone('the stream broke off', { cause: event.error }))
    else this.#resume() // its end follows the bytes left
    for (const listener of this.#closed) listener()
    this.#closed.clear()
  }

  #end(error: Error): void {
    this.#gone ??= error
    if (this.#unreadBytes === 0 || !(error instanceof StreamGone)) this.#fail(this.#gone)
  }

  #fail(error: Error): void {
    const read = this.#read
    this.#read = undefined
    read?.reject(error)
  }
}
