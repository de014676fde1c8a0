/** What is read of the test runner's JSON report. */
export interface TestReport {
  readonly testResults: readonly {
    readonly name: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

/** Tests that may be skipped: a part of the name and why. */
export const MAY_SKIP: ReadonlyMap<string, string> = new Map([
  ['a read-only folder: FILE_UNWRITABLE', 'root may write anywhere: needs another user'],
  ['a real file system of 4 MiB fills up with STORE_FULL', 'mounts a small disk: needs root'],
  ['a real read-only file system gives STORE_READ_ONLY', 'mounts a small disk: needs root'],
  ['a full disk gives STORE_FULL', 'mounts a small disk: needs root'],
  ['a read-only disk gives STORE_READ_ONLY', 'mounts a small disk: needs root'],
  ['at a checkpoint: FILE_UNWRITABLE', 'mounts a small disk: needs root'],
  ['a full disk gives FILE_UNWRITABLE', 'mounts a small disk: needs root'],
  ['on a full disk: FILE_UNWRITABLE', 'mounts a small disk: needs root'],
  ['promtool accepts the rules', 'needs promtool'],
  ['training by torch', 'needs python3-torch']
])

/** Every test of a report that neither passed nor failed and may not be skipped; a report without tests. */
export function checkSkips({ testResults }: TestReport): string[] {
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(test => ({ file: name, ...test }))
  )
  if (tests.length === 0) return ['no test ran']
  return tests
    .filter(({ status }) => status !== 'passed' && status !== 'failed')
    .filter(({ fullName }) => !MAY_SKIP.keys().some(name => fullName.includes(name)))
    .map(({ file, fullName }) => `${file}: skipped: ${fullName}`)
}
