import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { AnswerWatch } from '../../protocols/answerer.ts'
import { GAUGES, type Seen } from './gauges.ts'

const SECONDS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30]
const LOOP_MS = 100 // how finely the delay of the event loop is measured: finer costs an idle peer its CPU

/** The figures of one peer, as Prometheus reads them. */
export class PeerMetrics {
  readonly #registry = new Registry()
  readonly #outcomes: Counter<'protocol' | 'outcome'>
  readonly #seconds: Histogram<'protocol'>

  constructor() {
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: LOOP_MS })
    this.#outcomes = new Counter({
      name: 'sfmedir_requests_total',
      help: 'Requests answered, by protocol and by OK or error code',
      labelNames: ['protocol', 'outcome'],
      registers
    })
    this.#seconds = new Histogram({
      name: 'sfmedir_request_seconds',
      help: 'From the header of a request to its answer, of those that ended OK',
      labelNames: ['protocol'],
      buckets: SECONDS,
      registers
    })
  }

  /** Counts requests; give it to the peer. */
  readonly watch: AnswerWatch = (id, outcome, ms) => {
    const protocol = id.split('/')[2] ?? id // `/sfmedir/put-image/1.0.0`
    this.#outcomes.inc({ protocol, outcome })
    if (outcome === 'OK') this.#seconds.observe({ protocol }, ms / 1000)
  }

  /** MIME type of {@link page}. */
  get contentType(): string {
    return this.#registry.contentType
  }

  /** All figures in Prometheus's text format; those of process and requests alone while nothing else is known. */
  async page(seen: Seen | undefined): Promise<string> {
    const counted = await this.#registry.metrics()
    return seen === undefined ? counted : `${counted}\n${await gaugesOf(seen)}`
  }
}

async function gaugesOf(seen: Seen): Promise<string> {
  const registry = new Registry() // a fresh one: a label that is gone is gone
  for (const { name, help, labels, read } of GAUGES) {
    const samples = read(seen)
    if (samples.length === 0) continue
    const gauge = new Gauge({ name, help, labelNames: [...labels], registers: [registry] })
    for (const { value, labels: of = {} } of samples) gauge.set({ ...of }, value)
  }
  return await registry.metrics()
}
