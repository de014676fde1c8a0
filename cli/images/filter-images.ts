import type { Command } from 'commander'
import { type PeerId, peerId } from '../../base/ids.ts'
import { asArgument } from '../console/as-argument.ts'
import type { ListedImage } from '../../node/client/list-images.ts'
import { namePattern } from './name-pattern.ts'
import { pointInTime } from './point-in-time.ts'

/** Flags by which images are chosen. */
export interface FilterFlags {
  name?: string
  label?: string[]
  owner?: PeerId
  since?: number
  until?: number
}

/** Add the flags by which images are chosen. */
export function withFilters(command: Command): Command {
  return command
    .option('--name <pattern>', 'only names that match; * and ? stand for any characters and for one')
    .option('--label <text...>', 'only images with all of these labels')
    .option('--owner <peer>', 'only images of this owner', asArgument(peerId))
    .option(
      '--since <time>',
      'only images stored at that time or later: 2026-11-30, 2026-11-30T08:15, 7d, 12h',
      pointInTime
    )
    .option('--until <time>', 'only images stored before that time', pointInTime)
}

/** Whether an image is one of those that the flags choose. What cannot be read has neither name, labels nor time. */
export function imageFilter({ name, label = [], owner, since, until }: FilterFlags): (image: ListedImage) => boolean {
  const matches = name === undefined ? undefined : namePattern(name)
  return image => {
    const { metadata } = image
    if (owner !== undefined && image.owner !== owner) return false
    if (matches !== undefined && (metadata === undefined || !matches(metadata.name))) return false
    if (!label.every(each => metadata?.labels.includes(each))) return false
    const time = metadata?.time
    return (since === undefined || (time ?? -1) >= since) && (until === undefined || (time ?? until) < until)
  }
}
