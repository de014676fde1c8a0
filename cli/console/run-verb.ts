import { inspect } from 'node:util'
import { Command, CommanderError } from 'commander'
import { asError, isNetError, systemCode } from '../../base/errors.ts'
import { missingPackage } from './missing-package.ts'
import { printable } from './printable.ts'

/** The verbs' exit codes: 0 done, 1 failed, 2 called wrongly. */
export const EXIT = Object.freeze({ ok: 0, failed: 1, usage: 2 })

/** Codes that mean the call itself was wrong: they exit with 2. */
const USAGE_CODES = ['CONFIG_INVALID', 'SCENARIO_INVALID'] as const

/** The program without its verbs: its complaints are one line each, and it leaves the process alone. */
export function createProgram(): Command {
  return new Command('sfmedir')
    .configureOutput({ outputError: (text, write) => write(usageLine(text)) })
    .configureHelp({ styleTitle: text => `\u001b[1m${text}\u001b[22m` }) // left out but on a terminal, and with NO_COLOR
    .exitOverride()
}

/**
 * Parse the command line and run its verb; returns the exit code. A failure prints one line on stderr,
 * `sfmedir: CODE: message`, and with SFMEDIR_DEBUG=1 the stack and its causes.
 */
export async function runVerb(program: Command, argv: readonly string[]): Promise<number> {
  process.stdout.once('error', endWithReader)
  try {
    await program.parseAsync(argv)
    return Number(process.exitCode ?? EXIT.ok)
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage
    const error = missingPackage(thrown) ?? asError(thrown)
    const code = isNetError(error)
      ? error.code
      : error instanceof RangeError || error instanceof TypeError
        ? 'USAGE'
        : 'INTERNAL'
    console.error(printable(`sfmedir: ${code}: ${error.message}`))
    if (process.env.SFMEDIR_DEBUG === '1') console.error(debugText(error))
    return code === 'USAGE' || isNetError(error, ...USAGE_CODES) ? EXIT.usage : EXIT.failed
  }
}

/** The parser's complaint (`error: …`, sometimes with a suggestion on a line of its own) as one line like all others. */
function usageLine(text: string): string {
  const line = text
    .replace(/^error: /, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
  return `${printable(`sfmedir: USAGE: ${line}`)}\n`
}

/** Stack and causes, each line indented: none passes for one that a verb prints. */
function debugText(error: Error): string {
  return inspect(error)
    .split('\n')
    .map(line => `  ${printable(line)}`)
    .join('\n')
}

/** Whoever read our output has seen enough (`sfmedir search … | head`): that is no failure. */
function endWithReader(error: Error): void {
  if (systemCode(error) !== 'EPIPE') throw error
  process.exit(EXIT.ok)
}
