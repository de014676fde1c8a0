import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createProgram, runVerb } from '../../cli/console/run-verb.ts'
import { register } from '../../cli/verbs/sim.ts'
import { THEOREM4_DEFAULTS } from '../../sim/theorem4/config.ts'
import { theorem4Files } from '../../sim/theorem4/report.ts'
import { runTheorem4 } from '../../sim/theorem4/run.ts'
import { ended, startCli } from './run-cli.ts'

process.stdout.setMaxListeners(0) // each run adds one, as each process does
const folder = mkdtempSync(join(tmpdir(), 'sfmedir-bad-input-'))

/** A file with this text; its path. */
function file(name: string, content: string | object): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const config = { ...THEOREM4_DEFAULTS.counting, pairs: [[2, 3]] as const, p: [0.5], trials: 32 }
const result = JSON.parse((await theorem4Files(config, await runTheorem4(config), '0'))['result.json'])
const [cell] = result.cells
const plan = { format: 1, seed: 1, masters: 2, slaves: 5, sites: 3, link: {}, skewMs: 0, actions: [] }
const action = (change: object) => ({ ...plan, actions: [{ atMs: 0, verb: 'down', peer: 3, ...change }] })
const below = join(file('file', ''), 'out') // below a file there is no folder

const HOURS = ['--trials', '10000000000'] // would take hours: what is wrong is noticed before

/** Arguments, code, exit code, and a word that the line must have. */
const CASES: readonly (readonly [what: string, args: readonly string[], code: string, exit: number, word: string])[] = [
  ['no such verb', ['theorem5'], 'USAGE', 2, 'theorem5'],
  ['no such option, with a suggestion', ['theorem4', '--trial', '3'], 'USAGE', 2, '--trials'],
  ['no such engine', ['theorem4', '--engine', 'quantum'], 'USAGE', 2, 'counting'],
  ['no such crypto', ['theorem4', '--crypto', 'rot13'], 'USAGE', 2, 'twin'],
  ['no such model', ['theorem4', '--models', 'weather', ...HOURS], 'SCENARIO_INVALID', 2, 'weather'],
  ['a model twice', ['theorem4', '--models', 'sites,sites', ...HOURS], 'SCENARIO_INVALID', 2, 'sites'],
  ['r > s', ['theorem4', '--pairs', '5/3', ...HOURS], 'SCENARIO_INVALID', 2, '(5, 3)'],
  ['r = 1', ['theorem4', '--pairs', '1/3', ...HOURS], 'SCENARIO_INVALID', 2, '(1, 3)'],
  ['256 shadows', ['theorem4', '--pairs', '2/256', ...HOURS], 'SCENARIO_INVALID', 2, '255'],
  ['a pair twice', ['theorem4', '--pairs', '2/3,2/3', ...HOURS], 'SCENARIO_INVALID', 2, '2/3'],
  ['a pair that is none', ['theorem4', '--pairs', '2-3'], 'USAGE', 2, 'r/s'],
  [
    'more shadows than slaves',
    ['theorem4', '--engine', 'virtual', '--pairs', '6/10', '--slaves', '9'],
    'SCENARIO_INVALID',
    2,
    '9 slaves'
  ],
  ['p = 1.5', ['theorem4', '--p', '0.1,1.5', ...HOURS], 'SCENARIO_INVALID', 2, '1.5'],
  ['p = -0.1', ['theorem4', '--p', '-0.1', ...HOURS], 'SCENARIO_INVALID', 2, '-0.1'],
  ['p = often', ['theorem4', '--p', 'often'], 'USAGE', 2, 'numbers'],
  ['p with nothing between two commas', ['theorem4', '--p', '0.1,,0.3'], 'USAGE', 2, 'numbers'],
  ['p that goes nowhere', ['theorem4', '--p', '0.6:0.1:0.1'], 'USAGE', 2, 'from:to:step'],
  ['no trials', ['theorem4', '--trials', '0'], 'USAGE', 2, '--trials'],
  ['half a trial', ['theorem4', '--trials', '0.5'], 'USAGE', 2, '--trials'],
  ['no masters', ['theorem4', '--engine', 'virtual', '--masters', '0'], 'USAGE', 2, '--masters'],
  ['masters that fail among coins', ['theorem4', '--master-p', '0.1', ...HOURS], 'SCENARIO_INVALID', 2, 'master-p'],
  ['masters that fail too often', ['theorem4', '--engine', 'virtual', '--master-p', '2'], 'SCENARIO_INVALID', 2, '2'],
  ['processes of coins', ['theorem4', '--processes', 'own', ...HOURS], 'SCENARIO_INVALID', 2, 'real'],
  ['a line without time', ['theorem4', '--engine', 'real', '--latency-ms', '-1'], 'USAGE', 2, '--latency-ms'],
  ['stores in the cloud', ['theorem4', '--stores', 'cloud'], 'USAGE', 2, 'memory, disk'],
  ['no folder named', ['theorem4', '--out'], 'USAGE', 2, '--out'],
  ['theorem4 to a folder that cannot be', ['theorem4', '--out', below, ...HOURS], 'FILE_UNWRITABLE', 1, below],
  ['theorem4 to a file', ['theorem4', '--out', join(folder, 'file'), ...HOURS], 'FILE_UNWRITABLE', 1, 'not a folder'],
  ['paper to a folder that cannot be', ['paper', '--out', below], 'FILE_UNWRITABLE', 1, below],
  ['paper: no images', ['paper', '--images', '0'], 'USAGE', 2, '--images'],
  ['paper: no peers to count coins with', ['paper', '--engine', 'counting'], 'USAGE', 2, 'virtual'],
  ['policy: target 0', ['policy', '--target', '0'], 'SCENARIO_INVALID', 2, 'target'],
  ['policy: p = 2', ['policy', '--p', '2'], 'SCENARIO_INVALID', 2, '2'],
  ['policy: p = nothing', ['policy', '--p', ''], 'USAGE', 2, '--p'],
  ['policy: 256 slaves', ['policy', '--max-slaves', '256'], 'SCENARIO_INVALID', 2, '255'],
  ['soak: no seeds', ['soak', '--seeds', '0'], 'USAGE', 2, '--seeds'],
  ['soak: a seed below 0', ['soak', '--first-seed', '-1'], 'USAGE', 2, '--first-seed'],
  ['soak to a folder that cannot be', ['soak', '--seeds', '1000000', '--out', below], 'FILE_UNWRITABLE', 1, below],
  ['replay of nothing', ['replay'], 'SCENARIO_INVALID', 2, '--seed'],
  ['replay of a seed below 0', ['replay', '--seed', '-1'], 'USAGE', 2, '--seed'],
  ['replay of no seed', ['replay', '--seed', ''], 'USAGE', 2, '--seed'],
  ['replay of a seed and a plan', ['replay', file('plan.json', plan), '--seed', '1'], 'SCENARIO_INVALID', 2, '--seed'],
  [
    'replay of a plan with other slaves',
    ['replay', file('plan.json', plan), '--slaves', '9'],
    'SCENARIO_INVALID',
    2,
    'slaves'
  ],
  ['replay to a folder that cannot be', ['replay', '--seed', '1', '--out', below], 'FILE_UNWRITABLE', 1, below],
  ['no such plan', ['replay', join(folder, 'none.json')], 'FILE_UNREADABLE', 1, 'none.json'],
  ['a plan that is no JSON', ['replay', file('half.json', '{"format": 1, "ac')], 'SCENARIO_INVALID', 2, 'JSON'],
  ['a plan of another format', ['replay', file('two.json', { ...plan, format: 2 })], 'SCENARIO_INVALID', 2, 'format'],
  [
    'a plan without a seed',
    ['replay', file('seedless.json', { ...plan, seed: undefined })],
    'SCENARIO_INVALID',
    2,
    'seed'
  ],
  ['a plan with -3 slaves', ['replay', file('fewer.json', { ...plan, slaves: -3 })], 'SCENARIO_INVALID', 2, 'slaves'],
  [
    'a plan that loses twice what it sends',
    ['replay', file('loss.json', { ...plan, link: { loss: 2 } })],
    'SCENARIO_INVALID',
    2,
    'link.loss'
  ],
  [
    'a plan with no such fault',
    ['replay', file('verb.json', action({ verb: 'explode' }))],
    'SCENARIO_INVALID',
    2,
    'explode'
  ],
  ['a plan with no such peer', ['replay', file('peer.json', action({ peer: 7 }))], 'SCENARIO_INVALID', 2, 'peer 7'],
  ['a plan before time', ['replay', file('time.json', action({ atMs: -1 }))], 'SCENARIO_INVALID', 2, 'actions.0.atMs'],
  [
    'a plan with an action that is none',
    ['replay', file('null.json', { ...plan, actions: [null] })],
    'SCENARIO_INVALID',
    2,
    'actions.0'
  ],
  ['no such result', ['report', join(folder, 'none.json')], 'FILE_UNREADABLE', 1, 'none.json'],
  ['a folder as a result', ['report', folder], 'FILE_UNREADABLE', 1, 'EISDIR'],
  [
    'a result that is no JSON',
    ['report', file('half-result.json', JSON.stringify(result).slice(0, 300))],
    'RESULT_INVALID',
    1,
    'JSON'
  ],
  ['something else', ['report', file('list.json', [1, 2])], 'RESULT_INVALID', 1, 'list.json'],
  [
    'a result of another format',
    ['report', file('later.json', { ...result, format: 2 })],
    'RESULT_INVALID',
    1,
    'format 2'
  ],
  ['a result of another verb', ['report', file('soak.json', { format: 1, kind: 'soak' })], 'RESULT_INVALID', 1, 'kind'],
  [
    'a result with a cell cut short',
    ['report', file('cell.json', { ...result, cells: [{ r: 2 }] })],
    'RESULT_INVALID',
    1,
    'cells.0'
  ],
  [
    'a result with more failures than trials',
    ['report', file('more.json', { ...result, cells: [{ ...cell, failures: 99 }] })],
    'RESULT_INVALID',
    1,
    'cells.0'
  ],
  [
    'a result to a folder that cannot be',
    ['report', file('good.json', result), '--out', below],
    'FILE_UNWRITABLE',
    1,
    below
  ]
]

/** Run a `sim` verb in this process; what it wrote and how it would end. */
async function run(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' }
  const catching = (stream: 'stdout' | 'stderr') => (chunk: unknown) => {
    written[stream] += chunk
    return true
  }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(catching('stdout')),
    vi.spyOn(process.stderr, 'write').mockImplementation(catching('stderr')),
    vi.spyOn(console, 'error').mockImplementation(line => void catching('stderr')(`${line}\n`))
  ]
  try {
    const program = createProgram()
    register(program)
    return { code: await runVerb(program, ['node', 'sfmedir', 'sim', ...args]), ...written }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

describe('bad input: one line on stderr that begins with the code, nothing on stdout', () => {
  const before = readdirSync(folder)

  it.each(CASES)('%s', async (_, args, code, exit, word) => {
    const { stdout, stderr, code: exited } = await run(args)
    expect(stderr.split('\n')).toEqual([expect.stringMatching(`^sfmedir: ${code}: .`), ''])
    expect(stderr).toContain(word)
    expect(stdout).toBe('')
    expect(exited).toBe(exit)
  })

  it('the same as a process of its own', async () => {
    const usage = await ended(startCli(['sim', 'theorem4', '--trial', '3']))
    expect(usage).toEqual({
      code: 2,
      stdout: '',
      stderr: "sfmedir: USAGE: unknown option '--trial' (Did you mean --trials?)\n"
    })
    const failed = await ended(startCli(['sim', 'theorem4', '--out', below, ...HOURS]))
    expect(failed).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^sfmedir: FILE_UNWRITABLE: .*\n$/)
    })
  })

  afterAll(() => {
    expect(readdirSync(folder)).toEqual(before)
    expect(existsSync(below)).toBe(false)
  })
})

describe('input at its limit', () => {
  it('one trial of one cell is done', async () => {
    const args = ['theorem4', '--pairs', '2/3', '--p', '0.1', '--trials', '1']
    const { code, stderr } = await run(args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('masters that are always down leave nothing to judge', async () => {
    const args = 'theorem4 --engine virtual --pairs 2/3 --p 0.1 --master-p 1 --trials 3 --slaves 5 --images 2'
    const out = join(mkdtempSync(join(tmpdir(), 'sfmedir-out-')), 'new', 'folder')
    const { code, stderr, stdout } = await run([...args.split(' '), '--out', out])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('no master answered in 3 of 3 trials (expected 1.00)')
    expect(readdirSync(out)).toContain('report.html')
  })
})
