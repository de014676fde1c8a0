import type { Command } from 'commander'
import * as paper from '../sim/paper.ts'
import * as policy from '../sim/policy.ts'
import * as replay from '../sim/replay.ts'
import * as report from '../sim/report.ts'
import * as soak from '../sim/soak.ts'
import * as theorem4 from '../sim/theorem4.ts'

/** `sfmedir sim`: many peers in one process, on real connections or on virtual time. */
export function register(program: Command): void {
  const sim = program
    .command('sim')
    .description('simulate a network: measure what it promises, break it, replay what broke it')
  for (const verb of [theorem4, policy, paper, soak, replay, report]) verb.register(sim)
}
