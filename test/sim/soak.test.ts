import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FAULTS } from '../../sim/faults/faults.ts'
import { parsePlan } from '../../sim/soak/parse-plan.ts'
import { drawPlan } from '../../sim/soak/plan.ts'
import { playPlan } from '../../sim/soak/play.ts'
import { replayCommand, runSoak } from '../../sim/soak/run-soak.ts'
import { shrinkPlan } from '../../sim/soak/shrink.ts'

const SCENARIOS = join(import.meta.dirname, '../../sim/scenarios')

describe('random histories', () => {
  it('12 seeds with ten faults each break nothing', async () => {
    const { violations, stores, reads, seeds } = await runSoak({ firstSeed: 1, seeds: 12 })
    expect(violations).toEqual([])
    expect(seeds).toBe(12)
    expect(stores).toBeGreaterThan(50)
    expect(reads).toBeGreaterThan(20)
  })

  it('the same seed gives the same history line by line, another seed another', async () => {
    const [a, b, c] = [
      await playPlan(drawPlan(5), { keepLog: true }),
      await playPlan(drawPlan(5), { keepLog: true }),
      await playPlan(drawPlan(6))
    ]
    expect(a.log).toEqual(b.log)
    expect(a.log.length).toBeGreaterThan(500)
    expect(a.digest).toBe(b.digest)
    expect(a.digest).not.toBe(c.digest)
  })

  it('a planted early acknowledgement is found, replayed by one line, and shrunk to the one store that shows it', async () => {
    const planted = { shadows: { acknowledge: 'written' } } as const
    const { violations } = await runSoak({ firstSeed: 3, seeds: 1, planted })
    expect(violations[0]).toMatchObject({ seed: 3, invariant: 'durable', replay: 'sfmedir sim replay --seed 3' })
    const plan = drawPlan(3)
    const shrunk = await shrinkPlan(plan, { planted })
    expect(shrunk.actions.map(({ verb }) => verb)).toEqual(['store'])
    expect((await playPlan(shrunk, { planted })).violation?.invariant).toBe('durable')
    await expect(shrinkPlan(plan)).rejects.toMatchObject({ code: 'SCENARIO_INVALID' })
  })

  it('the replay line names what differs from the defaults', () => {
    const init = { masters: 3, slaves: 5, roughMs: 1000, faults: 10, works: 24 }
    expect(replayCommand(7, init)).toBe('sfmedir sim replay --seed 7 --masters 3 --rough-ms 1000')
  })
})

describe('scenario files', () => {
  for (const file of readdirSync(SCENARIOS)) {
    it(`${file} breaks nothing`, async () => {
      const plan = parsePlan(readFileSync(join(SCENARIOS, file), 'utf8'))
      expect((await playPlan(plan)).violation).toBeUndefined()
    })
  }

  it('not JSON, another format, an unknown fault, a peer that is not there: SCENARIO_INVALID', async () => {
    const plan = { ...drawPlan(1), actions: [{ atMs: 0, verb: 'down', peer: 1 }] }
    const broken = (change: object): string => JSON.stringify({ ...plan, ...change })
    expect(parsePlan(JSON.stringify(plan)).actions).toHaveLength(1)
    for (const text of [
      'no',
      broken({ format: 2 }),
      broken({ actions: [{ atMs: 0, verb: 'explode' }] }),
      broken({ actions: [{ atMs: -1, verb: 'down' }] }),
      broken({ actions: [{ atMs: 0, verb: 'down', peer: 99 }] })
    ]) {
      expect(() => parsePlan(text)).toThrow(expect.objectContaining({ code: 'SCENARIO_INVALID' }))
    }
  })

  it('there are the eleven faults of the design, each with its sentence', async () => {
    expect([...FAULTS.keys()]).toEqual([
      'corrupt',
      'crashAt',
      'down',
      'fillDisk',
      'forget',
      'hang',
      'heal',
      'lie',
      'partition',
      'slow',
      'up'
    ])
    for (const { about } of FAULTS.values()) expect(about.length).toBeGreaterThan(10)
  })
})
