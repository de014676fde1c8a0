import { basename, resolve } from 'node:path'
import { NetError } from '../../base/errors.ts'
import { seededRandom, shuffled } from '../../base/random.ts'
import { centresOf, type FoundModel } from '../../models/weights/find-model.ts'
import { withoutCopies } from '../../models/data/copies.ts'
import { type FileSource, fileSources } from '../../models/data/file-source.ts'
import { checkSameClasses, type ImageFolder, listFolder, listSplit } from '../../models/data/image-folders.ts'
import type { SplitFolder } from '../../models/data/listed-split.ts'
import type { ViewSet } from '../../models/data/load-views.ts'
import { withoutNearDuplicates } from '../../models/data/near-duplicates.ts'
import { chooseSplit, type SplitFlags } from './choose-split.ts'
import { loadImages } from './load-images.ts'
import type { Report } from '../console/report.ts'

/** Where `evaluate` and `attack` take their images from. */
export interface EvaluationFlags extends SplitFlags {
  readonly queries?: string
  readonly database?: string
  readonly limit?: number
  readonly withoutNearDuplicates?: boolean
  readonly withoutCopies?: boolean
}

/** Query and database views, which queries to take, and which centre of the model each class has. */
export interface EvaluationInput {
  readonly queries: ViewSet
  readonly database: ViewSet
  readonly images: Int32Array
  /** How the file of each query image has its pixels. */
  readonly sources: readonly FileSource[]
  readonly centres: { readonly classes: number; readonly index: Int32Array }
}

const LIMIT_SEED = 'queries'

/** Load the images that the flags name for this model. @throws NetError `CONFIG_INVALID`, `DATASET_INVALID` */
export async function evaluationInput(
  flags: EvaluationFlags,
  model: FoundModel,
  report: Report
): Promise<EvaluationInput> {
  warnOfOtherSplit(flags, model, report)
  const { test, train } = await foldersOf(flags, report)
  checkSameClasses(test.classes, train.classes)
  const queries = await loadImages(test, { side: model.net.side, cache: flags.cache, report })
  const database = await loadImages(train, { side: model.net.side, cache: flags.cache, report })
  const fresh = freshOf(flags, queries, database)
  const drawn = flags.limit === undefined ? fresh : shuffled(seededRandom(LIMIT_SEED), fresh).slice(0, flags.limit)
  if (drawn.length === 0) throw new NetError('DATASET_INVALID', 'no query is left')
  const set = basename(resolve(flags.data[0] ?? flags.queries ?? '.'))
  return {
    queries,
    database,
    images: Int32Array.from(drawn),
    sources: await fileSources(pathsOf(test, queries)),
    centres: centresOf(model, { classes: queries.classes, set })
  }
}

async function foldersOf(flags: EvaluationFlags, report: Report): Promise<SplitFolder> {
  const { data, queries, database, split } = flags
  if (split !== undefined) return await chooseSplit({ ...flags, split }, report)
  if (data.length > 0) return { test: await listSplit(data, 'test'), train: await listSplit(data, 'train') }
  if (queries === undefined || database === undefined) {
    throw new NetError('CONFIG_INVALID', 'give --data, or both --queries and --database')
  }
  return { test: await listFolder(queries), train: await listFolder(database) }
}

/** With another split than the training's, the model may have been trained on the queries. */
function warnOfOtherSplit({ split, splitSeed }: EvaluationFlags, model: FoundModel, report: Report): void {
  const asked = split === undefined ? undefined : basename(split)
  const isSame = asked === model.split && (model.splitSeed ?? splitSeed) === splitSeed
  if (isSame || model.classes === undefined) return // of a file in no manifest nothing is known
  const trained = [model.split ?? 'the folders', ...(model.splitSeed === undefined ? [] : [`seed ${model.splitSeed}`])]
  report.warn(`the model was trained on another split (${trained.join(', ')}): it may have seen these queries`)
}

/** The queries that the flags leave. */
function freshOf(flags: EvaluationFlags, queries: ViewSet, database: ViewSet): readonly number[] {
  const all = [...queries.names.keys()]
  const apart = flags.withoutNearDuplicates === true ? new Set(withoutNearDuplicates(queries, database)) : undefined
  const uncopied = flags.withoutCopies === true ? new Set(withoutCopies(queries, database)) : undefined
  return all.filter(at => apart?.has(at) !== false && uncopied?.has(at) !== false)
}

/** The files of the images that were read, in the order of `views`. */
function pathsOf({ files }: ImageFolder, { names }: ViewSet): readonly string[] {
  const paths = new Map(files.map(file => [file.name, file.path]))
  return names.flatMap(name => paths.get(name) ?? [])
}
