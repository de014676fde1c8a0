import { expect, it } from 'vitest'
import { drawPlan } from '../../sim/soak/plan.ts'
import { playPlan } from '../../sim/soak/play.ts'

const SEEDS = 40

// The soak as a test of its own: bugs in role code are planted under it (test/planted/soak.ts), and it says after how many
// histories it finds each.
it(`the first ${SEEDS} histories break nothing`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { violation } = await playPlan(drawPlan(seed))
    expect(violation, `seed ${seed}`).toBeUndefined()
  }
}, 300_000)
