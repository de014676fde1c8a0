import { renderPage, type Section, type Table } from '../report/page.ts'
import { RESULT_FORMAT, type ResultHead } from '../report/result-files.ts'
import type { PaperConfig, PaperResult } from './run.ts'

const LOAD_NOTE =
  'The paper reports 11.5, 53.2 and 105.6 queries a second achieved at 10, 50 and 100 offered: more than came in, which an open loop cannot keep up. Ours can only fall short of what is offered.'

/** Every file of a paper run, by name. */
export function paperFiles(config: PaperConfig, result: PaperResult, version: string): Record<string, string> {
  const head: ResultHead = { format: RESULT_FORMAT, kind: 'paper', version, seed: config.seed, config }
  const timing =
    config.engine === 'real'
      ? 'Real libp2p peers in one process over TCP on loopback.'
      : 'Virtual engine: times are those of the virtual network, not of any machine.'
  return {
    'result.json': `${JSON.stringify({ ...head, ...result }, undefined, 2)}\n`,
    'report.html': renderPage({
      title: "SFMedIR, the paper's simulation and fault-tolerance tables",
      headline: headline(result),
      sections: sections(result, timing),
      footer: `sfmedir ${version} sim paper --engine ${config.engine} --seed ${config.seed}`
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

function headline({ story, table13 }: PaperResult): string {
  const rows = table13?.map(({ gone, read, images }) => `${gone} gone: ${((100 * read) / images).toFixed(0)} %`)
  const fig =
    story === undefined
      ? ''
      : `With the second holder down every image came back ${story.identical ? 'bit for bit' : 'NOT identical'}.`
  return rows === undefined ? fig : `${fig} Of ten shadows with r = 6, ${rows.join(', ')}.`
}

function sections({ story, table11, table12, table13, table14 }: PaperResult, timing: string): Section[] {
  const parts: (Section | undefined)[] = [
    story && { title: 'Figs 13 and 14: storage and retrieval with a holder down', text: [timing], lines: story.lines },
    table13 && {
      title: 'Table 13: shadows gone of ten, r = 6',
      table: {
        columns: ['gone', 'images', 'read', 'ours', 'paper'],
        rows: table13.map(row => [
          row.gone,
          row.images,
          row.read,
          `${((100 * row.read) / row.images).toFixed(1)} %`,
          `${row.paperPercent} %`
        ])
      }
    },
    table11 && {
      title: 'Table 11: retrieval latency',
      text: [
        "The index alone holds as many images as the paper's largest data set; through the network each query waits for the last."
      ],
      table: {
        columns: ['queries', 'index, ms', 'network, ms', 'paper, ms'],
        rows: table11.map(row => [row.queries, row.indexMs.toFixed(2), row.networkMs.toFixed(1), row.paperMs])
      }
    },
    table12 && {
      title: 'Table 12: throughput of an open loop',
      text: [LOAD_NOTE],
      table: {
        columns: ['offered, q/s', 'achieved', 'p50, ms', 'p99, ms', 'errors', 'paper, achieved'],
        rows: table12.map(row => [
          row.offered,
          row.achieved.toFixed(1),
          row.p50Ms.toFixed(1),
          row.p99Ms.toFixed(1),
          row.errors,
          row.paperAchieved ?? ''
        ])
      }
    },
    table14 && {
      title: 'Table 14: from a failure to the next read',
      text: [
        'Medians; the read starts when the failure does. Before: the same image with all holders up. Each slave is a process of its own on the real engine: killed by SIGKILL, frozen by SIGSTOP, which closes no connection.'
      ],
      table: {
        columns: ['slaves', 'how', 'before, ms', 'after, ms', 'paper, ms'],
        rows: table14.map(row => [row.slaves, row.how, row.beforeMs.toFixed(1), row.afterMs.toFixed(1), row.paperMs])
      }
    }
  ]
  return parts.filter(part => part !== undefined)
}

function tableLines({ columns, rows }: Table): string[] {
  const widths = columns.map((column, at) => Math.max(column.length, ...rows.map(row => String(row[at]).length)))
  return [columns, ...rows].map(row => row.map((cell, at) => String(cell).padStart(widths[at])).join('  '))
}
