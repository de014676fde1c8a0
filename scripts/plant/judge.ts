import type { PlantedBug } from './planted-bug.ts'

/** What is read of the test runner's JSON report. */
export interface TestReport {
  readonly testResults: readonly {
    readonly name: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

/** What a test that looked and saw something wrong fails with; another error may only mean that nothing ran any more. */
const SEEN_WRONG = /^(?:AssertionError|NetError|Error: promise (?:resolved|rejected)|Error: Property failed after)/
/** What a source that is merely broken fails with, wherever in the message it stands. */
const BROKEN =
  /\b(?:ReferenceError|SyntaxError)\b|is not (?:a function|defined|a constructor)\b|Cannot find (?:module|package)/

/** Why tests without a bug in the sources are no measure of it; undefined when they ran and passed. */
export function whyNotGreen({ testResults }: TestReport, only = ''): string | undefined {
  const broken = testResults.find(({ message }) => message !== '')
  if (broken !== undefined) return `not green without the bug: ${broken.message.split('\n')[0]}`
  const tests = testResults.flatMap(each => each.assertionResults).filter(({ fullName }) => fullName.includes(only))
  const failed = tests.find(({ status }) => status === 'failed')
  if (failed !== undefined) return `not green without the bug: ${failed.fullName}: ${firstLine(failed.failureMessages)}`
  return tests.some(({ status }) => status === 'passed') ? undefined : 'not green without the bug: no test ran'
}

/** Why a bug does not count as killed; undefined when a test saw it. */
export function whyNotKilled(
  { testResults }: TestReport,
  { failsWith }: Pick<PlantedBug, 'failsWith'>
): string | undefined {
  const broken = testResults.find(({ message }) => message !== '')
  if (broken !== undefined) return `red for another reason: ${broken.message.split('\n')[0]}`
  const failed = testResults.flatMap(each => each.assertionResults).filter(({ status }) => status === 'failed')
  if (failed.length === 0) return 'survived: every test stayed green'
  const messages = failed.flatMap(({ failureMessages }) => failureMessages)
  const saw = (message: string): boolean =>
    failsWith === undefined ? SEEN_WRONG.test(message) && !BROKEN.test(message) : message.includes(failsWith)
  return messages.some(saw) ? undefined : `red for another reason: ${firstLine(messages)}`
}

function firstLine(messages: readonly string[]): string {
  return (messages[0] ?? 'no message').split('\n')[0]
}
