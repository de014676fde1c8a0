import { absolute, add, isAbove, multiply, scale, shift, softplus, subtract, tanh } from '../graph/elementwise.ts'
import type { Graph, Tensor } from '../graph/graph.ts'
import { meanOfAll } from '../graph/shape.ts'

/** Weight of the quantisation term of {@link centralSimilarity}: 0.1 reached the best codes in the trials. */
const QUANTISATION_WEIGHT = 0.1

/**
 * Central similarity quantisation (CSQ, Yuan et al. 2020) of one head: cross-entropy between each bit of tanh z and the
 * bit of its class centre y (±1), and the pull of |tanh z| towards 1. With u = tanh z, (u+1)/2 is sigmoid(2z), so the
 * cross-entropy is softplus(2z) - z·(1+y), which neither over- nor underflows.
 */
export function centralSimilarity(graph: Graph, z: Tensor, y: Tensor): Tensor {
  const entropy = subtract(graph, softplus(graph, scale(graph, z, 2)), multiply(graph, z, shift(graph, y, 1)))
  const gap = shift(graph, absolute(graph, tanh(graph, z)), -1)
  const quantisation = scale(graph, meanOfAll(graph, multiply(graph, gap, gap)), QUANTISATION_WEIGHT)
  return add(graph, meanOfAll(graph, entropy), quantisation)
}

/**
 * How far an attack moves the bits of one head: the mean over bits of the divergence KL(clean ‖ attacked), in nats, where
 * sigmoid(2z) is the chance of a bit to be +1. It is the second term of TRADES (Zhang et al. 2019) with a code in place of
 * a class, on the scale of {@link centralSimilarity}. Unlike a squared difference of tanh it still pulls, by
 * tanh z_attacked - tanh z_clean, at bits that the attack has turned over. With s = softplus, it is
 * s(2z_attacked) - s(2z_clean) - (1 + tanh z_clean)·(z_attacked - z_clean).
 */
export function bitDivergence(graph: Graph, { clean, attacked }: { clean: Tensor; attacked: Tensor }): Tensor {
  const bound = (z: Tensor): Tensor => softplus(graph, scale(graph, z, 2))
  const rise = subtract(graph, bound(attacked), bound(clean))
  const slope = multiply(graph, shift(graph, tanh(graph, clean), 1), subtract(graph, attacked, clean))
  return meanOfAll(graph, subtract(graph, rise, slope))
}

/**
 * How far the bits of one head are on the way from one centre to another: the mean of direction ∘ tanh(alpha·z), where
 * `direction` is the sign of the other centre at the bits in which the two differ, else 0. An attack raises it.
 */
export function marginLoss(graph: Graph, z: Tensor, of: { direction: Tensor; alpha: Tensor }): Tensor {
  return meanOfAll(graph, multiply(graph, tanh(graph, multiply(graph, z, of.alpha)), of.direction))
}

/**
 * SAAT's attack loss of one head (Yuan et al. 2023; the paper's Eq. 1 with its sign put right): q = tanh(alpha·z) ∘ M for
 * the mainstay code M, and (q+2)·q summed where it still pulls. With `sign` +1 and M of the own class, minimising pushes
 * every bit away from M (while q > -0.5); with -1 and M of a target class it draws every bit to M (while q < 0.5). Rows
 * of zeros in M leave a head out.
 */
export function mainstayLoss(graph: Graph, z: Tensor, of: { code: Tensor; alpha: Tensor; sign: Tensor }): Tensor {
  const q = multiply(graph, tanh(graph, multiply(graph, z, of.alpha)), of.code)
  const pull = multiply(graph, multiply(graph, shift(graph, q, 2), q), of.sign)
  const active = isAbove(graph, multiply(graph, q, of.sign), -0.5)
  return meanOfAll(graph, multiply(graph, pull, active))
}
