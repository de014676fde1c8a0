import { drawnSurvivors, independentSurvivors, siteSurvivors, unreadable } from '../statistics/survivors.ts'
import type { SeededStream } from '../cluster/seeded-stream.ts'
import type { FailureModel } from './count-failures.ts'
import type { FailureModelName } from './config.ts'

/** A slave as the failure models see it: its place in the row of all slaves, and its site. */
export interface FailingSlave {
  readonly index: number
  readonly site: string
}

/** What a model needs to draw. */
export interface FailureDraw {
  readonly model: FailureModelName
  readonly p: number
  /** All slaves of the network. */
  readonly slaves: number
}

/** Slave `index`'s own probability under the unequal model: from p / 2 to 3 p / 2 along the row, at most 1. */
function unequalP({ p, slaves }: FailureDraw, index: number): number {
  return Math.min(1, p * (0.5 + index / Math.max(1, slaves - 1)))
}

/** How many fail exactly under the drawn model. */
function drawnCount({ p, slaves }: FailureDraw): number {
  return Math.round(p * slaves)
}

/** Which of an image's holders fail in one trial. Those that hold nothing of it do not matter to its read. */
export function drawFailed(draw: FailureDraw, holders: readonly FailingSlave[], random: SeededStream): FailingSlave[] {
  switch (draw.model) {
    case 'independent':
      return holders.filter(() => random.unit() < draw.p)
    case 'unequal':
      return holders.filter(({ index }) => random.unit() < unequalP(draw, index))
    case 'sites': {
      const gone = new Map<string, boolean>()
      for (const { site } of holders) if (!gone.has(site)) gone.set(site, random.unit() < draw.p)
      return holders.filter(({ site }) => gone.get(site))
    }
    case 'drawn': {
      let left = drawnCount(draw)
      return holders.filter((_, k) => {
        const fails = random.below(draw.slaves - k) < left
        if (fails) left--
        return fails
      })
    }
  }
}

/** The exact probability that fewer than r of these holders are alive. */
export function exactFailure(draw: FailureDraw, holders: readonly FailingSlave[], r: number): number {
  switch (draw.model) {
    case 'independent':
      return unreadable(independentSurvivors(holders.map(() => draw.p)), r)
    case 'unequal':
      return unreadable(independentSurvivors(holders.map(({ index }) => unequalP(draw, index))), r)
    case 'sites':
      return unreadable(siteSurvivors(siteCounts(holders), draw.p, 0), r)
    case 'drawn':
      return unreadable(drawnSurvivors(holders.length, draw.slaves, drawnCount(draw)), r)
  }
}

/** The model for the counting mode. */
export function countingModel(draw: FailureDraw, holders: readonly FailingSlave[]): FailureModel {
  switch (draw.model) {
    case 'independent':
      return { kind: 'independent', p: holders.map(() => draw.p) }
    case 'unequal':
      return { kind: 'independent', p: holders.map(({ index }) => unequalP(draw, index)) }
    case 'sites':
      return { kind: 'sites', holders: siteCounts(holders), siteP: draw.p, slaveP: 0 }
    case 'drawn':
      return { kind: 'drawn', holders: holders.length, slaves: draw.slaves, failed: drawnCount(draw) }
  }
}

function siteCounts(holders: readonly FailingSlave[]): number[] {
  const counts = new Map<string, number>()
  for (const { site } of holders) counts.set(site, (counts.get(site) ?? 0) + 1)
  return [...counts.values()]
}
