import { checkWhole } from '../../base/options.ts'
import { residue } from './field257.ts'

/**
 * z_i = (1, x, x², …, x^(r-1)) modulo 257 with x = i (DynamicShadowsGen, step 5). Any r of them are independent, since
 * det = Π(x_j - x_i) ≠ 0. The paper asks for s independent vectors of length r, which do not exist for s > r; with
 * random ones some r of 10 are dependent in 57 % of draws at r = 6.
 */
export function vandermonde(number: number, threshold: number): number[] {
  checkWhole('number', number, 1, 255)
  checkWhole('threshold', threshold, 1, 255)
  const powers = [1]
  while (powers.length < threshold) powers.push(residue(powers[powers.length - 1] * number))
  return powers
}
