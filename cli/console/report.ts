import { printable, printableJson } from './printable.ts'

/** For people: one line, or several. What is in a line never makes another one, nor commands a terminal. */
type Text = string | readonly string[]

/** Where a verb says what it did: people's text or one JSON object a line on stdout, progress on stderr. */
export interface Report {
  /** Whether `--json` was asked for. */
  readonly json: boolean
  /** One result: `value` as a JSON line, or `text` for people. */
  result(value: object, text: Text): void
  /** For people only, on stdout: nothing with `--json`. */
  say(text: Text): void
  /** How far it is, on stderr, over itself; nothing unless stderr is a terminal. */
  progress(text: string): void
  /** Something went wrong with one item and the verb goes on: one line on stderr. */
  warn(text: string): void
}

/** The {@link Report} on this process's streams. */
export function createReport({ json = false }: { json?: boolean }): Report {
  const live = process.stderr.isTTY === true
  let shown = false
  const clear = (): void => {
    if (shown) process.stderr.write('\r\u001b[K')
    shown = false
  }
  return {
    json,
    result: (value, text) => {
      clear()
      process.stdout.write(`${json ? printableJson(value) : linesOf(text)}\n`)
    },
    say: text => {
      clear()
      if (!json) process.stdout.write(`${linesOf(text)}\n`)
    },
    progress: text => {
      if (!live) return
      process.stderr.write(`\r\u001b[K${printable(text)}`)
      shown = true
    },
    warn: text => {
      clear()
      process.stderr.write(`${printable(text)}\n`)
    }
  }
}

function linesOf(text: Text): string {
  return (typeof text === 'string' ? [text] : text).map(printable).join('\n')
}
