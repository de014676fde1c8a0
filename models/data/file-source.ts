import sharp from 'sharp'

/** How a file has its pixels: of some sets this tells where they come from. `other` are files that are not rasters (DICOM). */
export type FileSource = 'colour' | 'grey' | 'other'

const AT_ONCE = 16

/** {@link FileSource} of each of these files, by the number of channels in its header. */
export async function fileSources(paths: readonly string[]): Promise<FileSource[]> {
  const sources: FileSource[] = new Array(paths.length)
  let next = 0
  const work = async (): Promise<void> => {
    for (let at = next++; at < paths.length; at = next++) sources[at] = await sourceOf(paths[at])
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return sources
}

async function sourceOf(path: string): Promise<FileSource> {
  try {
    return (await sharp(path).metadata()).channels >= 3 ? 'colour' : 'grey'
  } catch {
    return 'other' // it has a view, so it was readable: by another decoder
  }
}
