import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { NetError } from '../../base/errors.ts'
import { prepareFolder, writeFiles } from '../../sim/report/result-files.ts'
import { parsePlan } from '../../sim/soak/parse-plan.ts'
import { drawPlan, PLAN_DEFAULTS, type Plan } from '../../sim/soak/plan.ts'
import { playPlan } from '../../sim/soak/play.ts'
import { shrinkPlan } from '../../sim/soak/shrink.ts'
import { createReport } from '../console/report.ts'
import { wholeNumber } from '../console/whole-number.ts'
import { runLong } from './run-long.ts'

/** `sfmedir sim replay`: play one history again, shrink it, keep it. */
export function register(sim: Command): void {
  sim
    .command('replay [plan]')
    .description('play the history of a seed, or of a plan file, again; the same seed gives the same history')
    .option('--seed <n>', 'the seed', wholeNumber(0, 1e12))
    .option('--masters <n>', 'masters', wholeNumber(1, 16))
    .option('--slaves <n>', 'slaves', wholeNumber(3, 1000))
    .option('--rough-ms <n>', 'virtual ms during which things go wrong', wholeNumber(1000, 1e9))
    .option('--faults <n>', 'faults', wholeNumber(0, 1e5))
    .option('--works <n>', 'stores, reads, searches and deletions', wholeNumber(1, 1e5))
    .option('--shrink', 'look for a shorter history that breaks the same promise')
    .option('--out <folder>', 'write plan.json and history.log there')
    .option('--json', 'one JSON object on stdout')
    .action(async (file: string | undefined, { seed, shrink, out, json, ...init }) => {
      const report = createReport({ json })
      if ((file === undefined) === (seed === undefined)) {
        throw new NetError('SCENARIO_INVALID', 'say either --seed N or the name of a plan file')
      }
      const [ignored] = Object.keys(init)
      if (file !== undefined && ignored !== undefined) {
        throw new NetError('SCENARIO_INVALID', `${ignored} comes from the plan file; it cannot be given beside it`)
      }
      if (out !== undefined) prepareFolder(out)
      let plan: Plan = file === undefined ? drawPlan(seed, { ...PLAN_DEFAULTS, ...init }) : parsePlan(read(file))
      if (shrink) {
        report.warn('a shorter history is looked for in at most 300 plays; how many it takes cannot be told beforehand')
        plan = await runLong(report, ({ signal }) => shrinkPlan(plan, { signal }))
      }
      const played = await playPlan(plan, { keepLog: true })
      const planText = `${JSON.stringify(plan, undefined, 2)}\n`
      if (out !== undefined) writeFiles(out, { 'plan.json': planText, 'history.log': `${played.log.join('\n')}\n` })
      const { violation, digest, virtualMs, events } = played
      const verdict = violation ? `breaks "${violation.invariant}": ${violation.message}` : 'breaks nothing'
      if (shrink) report.say(planText.split('\n'))
      report.result({ violation: violation ?? null, digest, virtualMs, events, actions: plan.actions.length }, [
        `${plan.actions.length} actions, ${(virtualMs / 1000).toFixed(0)} virtual seconds, ${events} events: ${verdict}`,
        `history ${digest}`
      ])
      if (violation !== undefined) process.exitCode = 1
    })
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new NetError('FILE_UNREADABLE', `${path} cannot be read`, { cause })
  }
}
