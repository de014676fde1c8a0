import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { NEEDED_NODE, nodeComplaint } from '../../../cli/console/needed-node.ts'

const ROOT = join(import.meta.dirname, '../../..')
const LOADED_AT_ONCE = ['cli/entry', 'cli/console/needed-node', 'cli/console/package-version']
const { version, engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

const folder = mkdtempSync(join(tmpdir(), 'sfmedir-entry-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The entry as a build has it, beside a main that no Node can load, run on a Node that says it is 20.20.2. */
function runOnOldNode(...words: string[]) {
  mkdirSync(join(folder, 'cli/console'), { recursive: true })
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
  for (const name of LOADED_AT_ONCE) {
    const source = readFileSync(join(ROOT, `${name}.ts`), 'utf8').replaceAll(/\.ts'/g, ".js'")
    writeFileSync(join(folder, `${name}.js`), stripTypeScriptTypes(source))
  }
  writeFileSync(join(folder, 'cli/main.js'), 'this is no program')
  const older = "Object.defineProperty(process.versions, 'node', { value: '20.20.2' })"
  const args = ['--import', `data:text/javascript,${encodeURIComponent(older)}`, join(folder, 'cli/entry.js'), ...words]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe('the entry', () => {
  it('of an old Node says in one line what is needed before it loads main; --version is told all the same', () => {
    const stderr = 'sfmedir needs Node 22.18 or later, this is 20.20.2\n'
    expect(runOnOldNode('store', 'x')).toEqual({ status: 1, stdout: '', stderr })
    expect(runOnOldNode('--version')).toEqual({ status: 1, stdout: `${version}\n`, stderr })
  })

  it('of this Node runs main', () => {
    const words = [join(ROOT, 'cli/entry.ts'), '--version']
    expect(execFileSync(process.execPath, words, { encoding: 'utf8' })).toBe(`${version}\n`)
  })

  it('imports at once nothing but files without further imports of ours or of packages', () => {
    const imports = LOADED_AT_ONCE.flatMap(name => [
      ...readFileSync(join(ROOT, `${name}.ts`), 'utf8').matchAll(/^import .* from '(.*)'$/gm)
    ])
    expect(imports.map(([, from]) => from).sort()).toEqual([
      './console/needed-node.ts',
      './console/package-version.ts',
      'node:fs'
    ])
  })
})

describe('nodeComplaint', () => {
  it('asks for the version that package.json asks for', () => {
    expect(engines.node).toBe(`>=${NEEDED_NODE.join('.')}`)
  })

  it('is about versions below 22.18 alone', () => {
    for (const old of ['9.0.0', '20.20.2', '22.9.0', '22.17.1']) expect(nodeComplaint(old)).toContain(`this is ${old}`)
    for (const fine of ['22.18.0', '23.0.0', '24.21.0', '100.1.0']) expect(nodeComplaint(fine)).toBeUndefined()
  })
})
