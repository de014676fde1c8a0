/** The parts of a paper run, in the order in which they are played. */
export const PAPER_STEPS = Object.freeze(['Figs 13 and 14', 'Table 11', 'Table 12', 'Table 13', 'Table 14'] as const)

/** One of {@link PAPER_STEPS}. */
export type PaperStep = (typeof PAPER_STEPS)[number]

/** What of a paper run's configuration its length depends on. */
interface Sizes {
  readonly engine: 'virtual' | 'real'
  readonly images: number
  readonly seconds: number
  readonly kills: number
}

/**
 * What each part costs beside the others. On virtual time: thousands of searches (Tables 11 and 12 make 1,600 and some
 * 12,460 a second that is offered; an image of Table 13 takes as long as 60 of them). On real peers: seconds, most of which are waited.
 */
function costs({ engine, images, seconds, kills }: Sizes): Readonly<Record<PaperStep, number>> {
  if (engine === 'virtual') {
    return {
      'Figs 13 and 14': 0.1,
      'Table 11': 1.6,
      'Table 12': 12.46 * seconds,
      'Table 13': 0.06 * images,
      'Table 14': 0.04 * kills
    }
  }
  return {
    'Figs 13 and 14': 8,
    'Table 11': 3,
    'Table 12': 8 * seconds,
    'Table 13': 10 + 0.1 * images,
    'Table 14': 20 + 16 * kills
  }
}

/** The share of a whole run that is done when so much of one part is. */
export function shareDone(sizes: Sizes, step: PaperStep, part: number): number {
  const all = costs(sizes)
  const sum = PAPER_STEPS.reduce((total, each) => total + all[each], 0)
  const before = PAPER_STEPS.slice(0, PAPER_STEPS.indexOf(step)).reduce((total, each) => total + all[each], 0)
  return (before + part * all[step]) / sum
}
