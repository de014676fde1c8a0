import { commandLine } from '../report/command-line.ts'
import { renderPage, type Section, type Table } from '../report/page.ts'
import { RESULT_FORMAT, type ResultHead } from '../report/result-files.ts'
import { PAPER_DEFAULTS, type PaperConfig, type PaperResult } from './run.ts'
import type { LatencyRow, LoadRow, ReadableRow, RecoveryRow } from './tables.ts'

const LOAD_NOTE =
  'The paper reports 11.5, 53.2 and 105.6 queries a second achieved at 10, 50 and 100 offered: more than came in, which an open loop cannot keep up. Ours can only fall short of what is offered.'

/** The fields of the configuration that the verb has options for. */
const OPTIONS = ['engine', 'crypto', 'images', 'imageBytes', 'seconds', 'kills', 'seed'] as const

/** Every file of a paper run, by name. `machine` is said where times were measured. */
export function paperFiles(
  config: PaperConfig,
  result: PaperResult,
  { version, machine }: { version: string; machine: string }
): Record<string, string> {
  const head: ResultHead = { format: RESULT_FORMAT, kind: 'paper', version, seed: config.seed, config }
  const complete = isComplete(result)
  const timing =
    config.engine === 'real'
      ? 'Real libp2p peers in one process over TCP on loopback.'
      : 'Virtual engine: times are those of the virtual network, not of any machine.'
  return {
    'result.json': `${JSON.stringify({ ...head, ...(config.engine === 'real' ? { machine } : {}), complete, ...result }, undefined, 2)}\n`,
    'report.html': renderPage({
      title: "SFMedIR, the paper's simulation and fault-tolerance tables",
      headline: `${complete ? '' : 'Interrupted, with the parts that were done: '}${headline(result)}`,
      sections: sections(result, timing),
      command: commandLine('paper', { config, defaults: PAPER_DEFAULTS, options: OPTIONS }),
      made: [
        ['version', version],
        ['seed', String(config.seed)],
        ['crypto', config.crypto],
        ...(config.engine === 'real' ? ([['machine', machine]] as const) : [])
      ]
    })
  }
}

/** The result as text for a terminal. */
export function paperText(result: PaperResult): string {
  return sections(result, '')
    .map(({ title, text = [], lines = [], table }) =>
      [
        `\n${title}`,
        ...text.filter(line => line !== ''),
        ...lines,
        ...(table === undefined ? [] : tableLines(table))
      ].join('\n')
    )
    .join('\n')
}

function isComplete({ story, table11, table12, table13, table14 }: PaperResult): boolean {
  return [story, table11, table12, table13, table14].every(part => part !== undefined)
}

function headline({ story, table13 }: PaperResult): string {
  const parts = [
    story && `With the second holder down every image came back ${story.identical ? 'bit for bit' : 'NOT identical'}.`,
    table13 && judgeTable13(table13)
  ]
  return parts.filter(part => part !== undefined).join(' ')
}

function judgeTable13(rows: readonly ReadableRow[]): string {
  const percent = ({ read, images }: ReadableRow): number => (100 * read) / images
  const other = rows.filter(row => percent(row) !== row.paperPercent)
  if (other.length === 0)
    return 'Table 13 is confirmed: with r = 6 of 10, every image is read with up to four shadows gone and none with five.'
  return `Table 13 is not confirmed: ${other.map(row => `with ${row.gone} gone ${percent(row).toFixed(1)} % are read, not ${row.paperPercent} %`).join('; ')}.`
}

function sections({ story, table11, table12, table13, table14 }: PaperResult, timing: string): Section[] {
  const parts: (Section | undefined)[] = [
    story && { title: 'Figs 13 and 14: storage and retrieval with a holder down', text: [timing], lines: story.lines },
    table13 && { title: 'Table 13: shadows gone of ten, r = 6', table: readable(table13) },
    table11 && {
      title: 'Table 11: retrieval latency',
      text: [
        "The index alone holds as many images as the paper's largest data set; through the network each query waits for the last."
      ],
      table: latency(table11)
    },
    table12 && { title: 'Table 12: throughput of an open loop', text: [LOAD_NOTE], table: load(table12) },
    table14 && {
      title: 'Table 14: from a failure to the next read',
      text: [
        'Medians; the read starts when the failure does. Before: the same image with all holders up. Each slave is a process of its own on the real engine: killed by SIGKILL, frozen by SIGSTOP, which closes no connection.'
      ],
      table: recovery(table14)
    }
  ]
  return parts.filter(part => part !== undefined)
}

function readable(rows: readonly ReadableRow[]): Table {
  return {
    columns: ['gone', 'images', 'read', 'ours', 'paper'],
    rows: rows.map(row => [
      row.gone,
      row.images,
      row.read,
      `${((100 * row.read) / row.images).toFixed(1)} %`,
      `${row.paperPercent} %`
    ])
  }
}

function latency(rows: readonly LatencyRow[]): Table {
  return {
    columns: ['queries', 'index, ms', 'network, ms', 'paper, ms'],
    rows: rows.map(row => [row.queries, row.indexMs.toFixed(2), row.networkMs.toFixed(1), row.paperMs])
  }
}

function load(rows: readonly LoadRow[]): Table {
  return {
    columns: ['offered, q/s', 'achieved', 'p50, ms', 'p99, ms', 'errors', 'paper, achieved'],
    rows: rows.map(row => [
      row.offered,
      row.achieved.toFixed(1),
      row.p50Ms.toFixed(1),
      row.p99Ms.toFixed(1),
      row.errors,
      row.paperAchieved ?? ''
    ])
  }
}

function recovery(rows: readonly RecoveryRow[]): Table {
  return {
    columns: ['slaves', 'how', 'before, ms', 'after, ms', 'paper, ms'],
    rows: rows.map(row => [row.slaves, row.how, row.beforeMs.toFixed(1), row.afterMs.toFixed(1), row.paperMs])
  }
}

function tableLines({ columns, rows }: Table): string[] {
  const widths = columns.map((column, at) => Math.max(column.length, ...rows.map(row => String(row[at]).length)))
  return [columns, ...rows].map(row => row.map((cell, at) => String(cell).padStart(widths[at])).join('  '))
}
