import { basename, join, resolve } from 'node:path'
import { NetError } from '../base/errors.ts'
import { seededRandom, shuffled } from '../base/random.ts'
import { centresOf, type FoundModel } from '../models/find-model.ts'
import { checkSameClasses, type ImageFolder, listFolder, listSplit } from '../models/image-folders.ts'
import { loadViews, type ViewSet } from '../models/load-views.ts'
import { withoutNearDuplicates } from '../models/near-duplicates.ts'
import type { Report } from './report.ts'

/** Where `evaluate` and `attack` take their images from. */
export interface EvaluationFlags {
  readonly data: readonly string[]
  readonly queries?: string
  readonly database?: string
  readonly limit?: number
  readonly withoutNearDuplicates?: boolean
  readonly cache: string
}

/** Query and database views, which queries to take, and which centre of the model each class has. */
export interface EvaluationInput {
  readonly queries: ViewSet
  readonly database: ViewSet
  readonly images: Int32Array
  readonly centres: { readonly classes: number; readonly index: Int32Array }
}

const LIMIT_SEED = 'queries'

/** Load the images that the flags name for this model. @throws NetError `CONFIG_INVALID`, `DATASET_INVALID` */
export async function evaluationInput(
  flags: EvaluationFlags,
  model: FoundModel,
  report: Report
): Promise<EvaluationInput> {
  const [queryFolder, databaseFolder] = await foldersOf(flags)
  checkSameClasses(queryFolder.classes, databaseFolder.classes)
  const load = async (folder: ImageFolder): Promise<ViewSet> => {
    const onProgress = (done: number, total: number): void => report.progress(`decoding ${done}/${total}`)
    const views = await loadViews(folder, { side: model.net.side, cacheDir: join(flags.cache, 'views'), onProgress })
    for (const name of views.unreadable) report.warn(`sfmedir: IMAGE_INVALID: ${name} is left out`)
    return views
  }
  const queries = await load(queryFolder)
  const database = await load(databaseFolder)
  const fresh = flags.withoutNearDuplicates === true ? withoutNearDuplicates(queries, database) : allOf(queries)
  const drawn =
    flags.limit === undefined ? [...fresh] : shuffled(seededRandom(LIMIT_SEED), [...fresh]).slice(0, flags.limit)
  if (drawn.length === 0) throw new NetError('DATASET_INVALID', 'no query is left')
  const set = basename(resolve(flags.data[0] ?? flags.queries ?? '.'))
  return {
    queries,
    database,
    images: Int32Array.from(drawn),
    centres: centresOf(model, { classes: queries.classes, set })
  }
}

async function foldersOf({ data, queries, database }: EvaluationFlags): Promise<[ImageFolder, ImageFolder]> {
  if (data.length > 0) return [await listSplit(data, 'test'), await listSplit(data, 'train')]
  if (queries === undefined || database === undefined) {
    throw new NetError('CONFIG_INVALID', 'give --data, or both --queries and --database')
  }
  return [await listFolder(queries), await listFolder(database)]
}

function allOf({ names }: ViewSet): Int32Array {
  return Int32Array.from(names.keys())
}
