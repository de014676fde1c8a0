import { asError, isNetError } from '../../base/errors.ts'
import { type ImageId, imageId } from '../../base/ids.ts'
import type { Report } from './report.ts'
import { EXIT } from './run-verb.ts'

/** The image ids that a verb was called with. @throws RangeError for one that is none: a usage error */
export function readIds(given: readonly string[]): ImageId[] {
  return given.map(text => {
    try {
      return imageId(text)
    } catch (cause) {
      throw new RangeError(`${JSON.stringify(text.slice(0, 100))}: ${asError(cause).message}`, { cause })
    }
  })
}

/** Do something to each image; one that fails is said on stderr, the others go on, and the exit code becomes 1. */
export async function forEachId(
  ids: readonly ImageId[],
  report: Report,
  work: (id: ImageId) => Promise<void>
): Promise<void> {
  for (const id of ids) {
    try {
      await work(id)
    } catch (thrown) {
      const error = asError(thrown)
      report.warn(`sfmedir: ${isNetError(error) ? error.code : 'INTERNAL'}: ${id}: ${error.message}`)
      process.exitCode = EXIT.failed
    }
  }
}
