import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isNetError } from '../../base/errors.ts'
import type { ImageId } from '../../base/ids.ts'
import { sniffFormat } from '../../hashing/sniff-format.ts'
import type { ListedImage } from '../../node/client/list-images.ts'
import type { User } from '../../node/client/user.ts'
import { writeNew } from '../console/write-file.ts'
import { safeName, uniqueNames } from './file-names.ts'
import { keyWrong } from './key-check.ts'

const EXTENSIONS = Object.freeze({ jpeg: '.jpg', png: '.png', dicom: '.dcm', tiff: '.tif', webp: '.webp' })

/** Where and how fetched images are written. */
export interface FetchInit {
  readonly folder: string
  readonly mode: number
  /** Replace files that exist. */
  readonly force: boolean
  /** Name files by image ids instead of as they were stored. */
  readonly byId: boolean
  /** The key file in use. */
  readonly keys: string | undefined
}

/** A file that holds an image now. */
export interface FetchedFile {
  readonly id: ImageId
  readonly file: string
  readonly bytes: number
  /** The file was there already, with these very bytes: nothing was fetched. */
  readonly present: boolean
}

/** Fetches images into files of one folder, each under the name it was stored as; equal names are numbered. */
export function fileFetcher(user: User, init: FetchInit): (image: ListedImage) => Promise<FetchedFile> {
  const unique = uniqueNames()
  const pathOf = (name: string): string => join(init.folder, unique(name))
  return async ({ id, metadata, metadataError }) => {
    if (metadataError === 'KEY_WRONG') throw keyWrong('the image is', init.keys ?? 'this peer')
    const name = init.byId || metadata === undefined ? '' : safeName(metadata.name, '')
    const named = name === '' ? undefined : pathOf(name)
    if (named !== undefined && !init.force && existsSync(named)) {
      const held = readFileSync(named)
      if (user.digestOf(held) === metadata?.digest) return { id, file: named, bytes: held.length, present: true }
    }
    const bytes = await fetchBytes(user, id, init)
    const file = named ?? pathOf(`${id}${extensionOf(bytes)}`)
    await writeNew(file, bytes, { overwrite: init.force, mode: init.mode })
    return { id, file, bytes: bytes.length, present: false }
  }
}

async function fetchBytes(user: User, id: ImageId, { keys }: FetchInit): Promise<Uint8Array> {
  try {
    return await user.fetch(id)
  } catch (error) {
    throw isNetError(error, 'KEY_WRONG') ? keyWrong('the image is', keys ?? 'this peer', error) : error
  }
}

function extensionOf(bytes: Uint8Array): string {
  const format = sniffFormat(bytes)
  return format === undefined ? '.bin' : EXTENSIONS[format]
}
