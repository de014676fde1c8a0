import { NetError } from '../../base/errors.ts'

/**
 * What draws charts. A peer never does, so it is not installed with one.
 * @throws NetError `FILE_UNREADABLE` saying what to install
 */
export async function loadVega() {
  try {
    const [{ parse, resetSVGDefIds, View }, { compile }] = await Promise.all([import('vega'), import('vega-lite')])
    return { parse, resetSVGDefIds, View, compile }
  } catch (cause) {
    throw new NetError('FILE_UNREADABLE', 'the packages that draw charts are missing: npm install vega vega-lite', {
      cause
    })
  }
}
