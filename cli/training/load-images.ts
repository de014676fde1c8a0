import { join } from 'node:path'
import type { ImageFolder } from '../../models/data/image-folders.ts'
import { loadViews, type ViewSet } from '../../models/data/load-views.ts'
import type { Report } from '../console/report.ts'

/** Where {@link loadImages} reports to, and what it may be told. */
export interface LoadImagesInit {
  readonly side: number
  /** Folder for decoded views, among other things. */
  readonly cache: string
  readonly report: Report
  readonly signal?: AbortSignal
}

/** The views of a folder; images that cannot be read are named in warnings. @throws NetError `DATASET_INVALID` */
export async function loadImages(folder: ImageFolder, init: LoadImagesInit): Promise<ViewSet> {
  const { side, cache, report, signal } = init
  const onProgress = (done: number, total: number): void => report.progress(`decoding ${done}/${total}`)
  const views = await loadViews(folder, { side, cacheDir: join(cache, 'views'), signal, onProgress })
  for (const name of views.unreadable) report.warn(`sfmedir: IMAGE_INVALID: ${name} is left out`)
  if (views.unreadable.length > 0) report.warn(`${views.unreadable.length} images cannot be read`)
  return views
}
