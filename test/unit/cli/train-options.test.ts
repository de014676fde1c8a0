import { afterEach, describe, expect, it, vi } from 'vitest'
import { createProgram, runVerb } from '../../../cli/console/run-verb.ts'
import { register } from '../../../cli/verbs/train.ts'

/** What `sfmedir train` writes on stderr, and its exit code. */
async function refused(...flags: string[]): Promise<{ code: number; line: string }> {
  const written: string[] = []
  vi.spyOn(console, 'error').mockImplementation(text => void written.push(String(text)))
  vi.spyOn(process.stderr, 'write').mockImplementation(text => written.push(String(text)) > 0)
  const program = createProgram()
  register(program)
  const code = await runVerb(program, ['node', 'sfmedir', 'train', '--data', 'nowhere', '--name', 'none', ...flags])
  return { code, line: written.join('') }
}

describe('options of adversarial training', () => {
  afterEach(() => vi.restoreAllMocks())

  it.each([
    ['--attack-steps', '3'],
    ['--clean-share', '0.5'],
    ['--beta', '2'],
    ['--replays', '4'],
    ['--warmup-epochs', '2'],
    ['--ramp-epochs', '10']
  ])('%s without --adversarial or --method: CONFIG_INVALID, before any image is read', async (flag, value) => {
    const { code, line } = await refused(flag, value)
    expect(line).toMatch(new RegExp(`^sfmedir: CONFIG_INVALID: ${flag} needs --adversarial or --method`))
    expect(code).toBe(2)
  })

  it.each([
    ['fgsm', '--attack-steps', '3'],
    ['trades', '--clean-share', '0.5'],
    ['free', '--beta', '2'],
    ['pgd', '--replays', '4']
  ])('--method %s has no %s', async (method, flag, value) => {
    const { line } = await refused('--method', method, flag, value)
    expect(line).toMatch(new RegExp(`CONFIG_INVALID: ${flag} is not an option of this way to train`))
  })

  it('an amount of augmentation that does not exist is refused', async () => {
    expect((await refused('--augment', 'wild')).line).toContain('--augment is none, light, full or framing')
  })
})
