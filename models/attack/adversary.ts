/** How training images are attacked before the net learns from them. Lengths are shares of epsilon. */
export interface Adversary {
  /** Largest change of a pixel in 0..1. */
  readonly epsilon: number
  /** Gradient steps: 1 is a fast-gradient step, more is PGD. */
  readonly steps: number
  /** Length of a step, as a share of epsilon. */
  readonly stepSize: number
  /** The start is drawn evenly from this many epsilons around the image. */
  readonly noise: number
  /** Whether the change is cut back to epsilon (PGD); a noisy fast-gradient step (N-FGSM) leaves it. */
  readonly cut: boolean
  /** Share of each batch that stays clean. */
  readonly cleanShare: number
  /** How else the net learns than from the mix of clean and attacked images; `cleanShare` does not count then. */
  readonly method?: TradesMethod | FreeMethod
}

/** TRADES (Zhang et al. 2019): learn from the clean images, and pull the codes of their attacked twins to theirs. */
export interface TradesMethod {
  readonly name: 'trades'
  /** Weight of that pull. */
  readonly beta: number
}

/** Free adversarial training (Shafahi et al. 2019): one pass gives the weights' and the attack's next step. */
interface FreeMethod {
  readonly name: 'free'
  /** Times that a batch is learnt from, the attack going on in between. */
  readonly replays: number
}
