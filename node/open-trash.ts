import { join } from 'node:path'
import type { ImageId } from '../base/ids.ts'
import { DiskShadowStore } from '../storage/disk-shadow-store.ts'
import type { TrashedShadow } from '../storage/shadow-store.ts'

export type { TrashedShadow }

/** What a slave dropped and still has. */
export interface Trash {
  /** The dropped shadows in key order, page by page; of one image when that is given. */
  list(image?: ImageId): AsyncGenerator<TrashedShadow>
  /** Bring a shadow back. @throws NetError `SHADOW_CORRUPT`, `SHADOW_CONFLICT` when another of its sharing is held */
  restore(shadow: TrashedShadow): Promise<boolean>
}

const PAGE = 1000

/**
 * Work on the trash of a slave that does not run: its folder belongs to one process.
 * @param dataFolder the slave's
 * @throws NetError `STORE_LOCKED` while the slave runs
 */
export async function withTrash<T>(dataFolder: string, work: (trash: Trash) => Promise<T>): Promise<T> {
  const store = new DiskShadowStore(shadowsFolder(dataFolder))
  await store.start()
  try {
    return await work({
      async *list(image) {
        for (let after: TrashedShadow | undefined; ; ) {
          const page = await store.listTrash({ image, after, limit: PAGE })
          yield* page
          if (page.length < PAGE) return
          after = page[page.length - 1]
        }
      },
      restore: shadow => store.restore(shadow)
    })
  } finally {
    await store.stop()
  }
}

/** Where a slave's shadows lie below its data folder. */
export function shadowsFolder(dataFolder: string): string {
  return join(dataFolder, 'shadows')
}
