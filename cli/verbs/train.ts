import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { NetError } from '../../base/errors.ts'
import { NETS } from '../../models/net/net-config.ts'
import { AUGMENTATIONS } from '../../models/data/augment.ts'
import { checkBatchFits } from '../../models/train/estimate-memory.ts'
import { findModel, TRAINED_MODELS } from '../../models/weights/find-model.ts'
import { listSplit } from '../../models/data/image-folders.ts'
import {
  ADVERSARIAL_DEFAULTS,
  ADVERSARIAL_METHODS,
  adversarialPlan,
  type AdversarialPlan,
  checkTrainSettings,
  TRAIN_DEFAULTS,
  type TrainSettings
} from '../../models/train/train-settings.ts'
import { type TrainProgress, train } from '../../models/train/train.ts'
import { writeModel } from '../../models/weights/write-model.ts'
import { chooseSplit, type SplitFlags, withSplitOptions } from '../training/choose-split.ts'
import { loadImages } from '../training/load-images.ts'
import { listed } from '../console/listed.ts'
import { createReport } from '../console/report.ts'
import { collect, interruptSignal, numberBetween, pixelShare } from '../training/training-options.ts'
import { wholeNumber } from '../console/whole-number.ts'

interface Flags extends SplitFlags {
  readonly name: string
  readonly net: string
  readonly side: number
  readonly epochs: number
  readonly batch: number
  readonly workers: number
  readonly learningRate: number
  readonly balance: number
  readonly seed: string
  readonly validateEvery: number
  readonly augment: string
  readonly adversarial?: boolean
  readonly method?: (typeof ADVERSARIAL_METHODS)[number]
  readonly epsilon: number
  readonly attackSteps?: number
  readonly cleanShare?: number
  readonly beta?: number
  readonly replays?: number
  readonly warmupEpochs?: number
  readonly rampEpochs?: number
  readonly start?: string
  readonly out: string
  readonly json?: boolean
}

const AMOUNTS = listed(Object.keys(AUGMENTATIONS))
const OF_ALL = Object.freeze(['--warmup-epochs', '--ramp-epochs'])

/** Which of the options of adversarial training each method takes. */
const OPTIONS_OF: Readonly<Record<NonNullable<Flags['method']>, readonly string[]>> = {
  fgsm: [...OF_ALL, '--clean-share'],
  pgd: [...OF_ALL, '--attack-steps', '--clean-share'],
  trades: [...OF_ALL, '--attack-steps', '--beta'],
  free: [...OF_ALL, '--replays']
}

/** `sfmedir train --data DIR`: train a hash model on the images of `DIR/train`, one folder a class. */
export function register(program: Command): void {
  withSplitOptions(program.command('train'))
    .description('train a hash model; a run that was stopped goes on from its checkpoint')
    .requiredOption('--data <dir>', 'data set with train/CLASS/IMAGE; again for a joint model', collect, [])
    .requiredOption('--name <name>', 'name of the model: a-z, 0-9, dot and dash')
    .option('--net <net>', listed(Object.keys(NETS)), TRAIN_DEFAULTS.net)
    .option('--side <pixels>', 'view size: 32, 64, 96 or 128', wholeNumber(32, 128), TRAIN_DEFAULTS.side)
    .option('--epochs <n>', 'times the images are seen', wholeNumber(1, 10_000), TRAIN_DEFAULTS.epochs)
    .option('--batch <n>', 'images a step', wholeNumber(1, 4096), TRAIN_DEFAULTS.batch)
    .option('--workers <n>', 'threads', wholeNumber(1, 64), TRAIN_DEFAULTS.workers)
    .option('--learning-rate <x>', 'top of the schedule', numberBetween(1e-7, 0.5), TRAIN_DEFAULTS.learningRate)
    .option('--balance <x>', '0: classes as they are, 1: equally often', numberBetween(0, 1), TRAIN_DEFAULTS.balance)
    .option('--seed <text>', 'fixes the result, bit for bit', TRAIN_DEFAULTS.seed)
    .option('--validate-every <n>', 'epochs between looks at the validation images', wholeNumber(1, 10_000), 1)
    .option('--augment <amount>', `how images are varied: ${AMOUNTS}`, 'full')
    .option('--adversarial', 'train on attacked images, by pgd')
    .addOption(new Option('--method <name>', 'train on attacked images in this way').choices(ADVERSARIAL_METHODS))
    .option('--epsilon <x>', 'largest change of a pixel in attacks', pixelShare, ADVERSARIAL_DEFAULTS.epsilon)
    .option('--attack-steps <n>', 'steps of the attack (default: pgd 2, trades 7)', wholeNumber(1, 50))
    .option('--clean-share <x>', 'share of a batch left clean by fgsm and pgd (default: 0.375)', numberBetween(0, 1))
    .option('--beta <x>', 'weight of the attacked images in trades (default: 6)', numberBetween(0.001, 1000))
    .option('--replays <n>', 'times a batch is learnt from in free (default: 4)', wholeNumber(2, 50))
    .option('--warmup-epochs <n>', 'clean epochs before the first attack (default: 0)', wholeNumber(0, 10_000))
    .option(
      '--ramp-epochs <n>',
      'epochs in which the attack then grows to epsilon (default: 3)',
      wholeNumber(0, 10_000)
    )
    .option('--start <model>', 'begin from this model: FILE.onnx or a name')
    .option('--out <dir>', 'folder for the model and its manifest', TRAINED_MODELS)
    .option('--cache <dir>', 'folder for checkpoints, logs and decoded views', '.cache')
    .option('--json', 'one JSON object on stdout')
    .action((flags: Flags) => run(flags))
}

async function run(flags: Flags): Promise<void> {
  const report = createReport({ json: flags.json === true })
  const signal = interruptSignal()
  const settings = settingsOf(flags)
  checkTrainSettings(settings) // here too: before all images are decoded
  checkBatchFits(settings)
  const { split } = flags
  const chosen = split === undefined ? undefined : await chooseSplit({ ...flags, split }, report, { signal })
  const folder = chosen?.train ?? (await listSplit(flags.data, 'train'))
  const views = await loadImages(folder, { side: flags.side, cache: flags.cache, report, signal })
  const { net, weights, bestEpoch, history } = await train(views, {
    settings,
    runDir: join(flags.cache, 'runs', flags.name),
    start: flags.start === undefined ? undefined : await findModel(flags.start),
    validateEvery: flags.validateEvery,
    signal,
    onProgress: progress => report.progress(progressLine(progress))
  })
  const best = history.find(({ epoch }) => epoch === bestEpoch)
  const notes = {
    trainingImages: views.names.length,
    trainingDigest: views.digest,
    seed: flags.seed,
    settings,
    bestEpoch,
    validation: best,
    ...chosen?.notes
  }
  const entry = await writeModel(flags.out, { name: flags.name, net, weights, classes: views.classes, notes })
  report.result(
    {
      model: entry.name,
      file: join(flags.out, entry.file),
      digest: entry.digest,
      bestEpoch,
      validation: best,
      ...chosen?.notes
    },
    `${join(flags.out, entry.file)}  epoch ${bestEpoch}, validation mAP@100 ${best?.clean?.toFixed(4) ?? ''}`
  )
}

function settingsOf(flags: Flags): TrainSettings {
  const augmentation = Object.hasOwn(AUGMENTATIONS, flags.augment) ? AUGMENTATIONS[flags.augment] : undefined
  if (augmentation === undefined) throw new NetError('CONFIG_INVALID', `--augment is ${AMOUNTS}`)
  const { net, side, epochs, batch, workers, learningRate, balance, seed } = flags
  const adversarial = planOf(flags)
  return {
    ...TRAIN_DEFAULTS,
    net,
    side,
    epochs,
    batch,
    workers,
    learningRate,
    balance,
    seed,
    augmentation,
    adversarial
  }
}

function planOf(flags: Flags): AdversarialPlan | undefined {
  const { epsilon, attackSteps: steps, cleanShare, beta, replays, warmupEpochs, rampEpochs } = flags
  const method = flags.method ?? (flags.adversarial === true ? 'pgd' : undefined)
  const odd = Object.entries({
    '--attack-steps': steps,
    '--clean-share': cleanShare,
    '--beta': beta,
    '--replays': replays,
    '--warmup-epochs': warmupEpochs,
    '--ramp-epochs': rampEpochs
  })
    .filter(([, value]) => value !== undefined)
    .map(([flag]) => flag)
    .find(flag => method === undefined || !OPTIONS_OF[method].includes(flag))
  if (odd !== undefined) {
    const why = method === undefined ? 'needs --adversarial or --method' : 'is not an option of this way to train'
    throw new NetError('CONFIG_INVALID', `${odd} ${why}`)
  }
  return method && adversarialPlan(method, { epsilon, steps, cleanShare, beta, replays, warmupEpochs, rampEpochs })
}

function progressLine({ epoch, step, steps, loss, imagesPerSecond, leftMs, last }: TrainProgress): string {
  const validation = last?.clean === undefined ? '' : `, validation ${last.clean.toFixed(3)}`
  const speed = `${imagesPerSecond.toFixed(0)} images/s, ${(leftMs / 60_000).toFixed(1)} min to go`
  return `epoch ${epoch}, step ${step}/${steps}, loss ${loss.toFixed(4)}${validation}, ${speed}`
}
