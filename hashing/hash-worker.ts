// A thread with one hash model: ONNX Runtime's `run` blocks the thread that calls it, and this one answers nobody else.
import { workerData } from 'node:worker_threads'
import { answerJobs } from '../base/thread.ts'
import type { HashModel } from './hash-model.ts'
import type { ModelEntry } from './manifest.ts'
import type { ModelJob } from './model-thread.ts'
import { openOnnxModel } from './onnx-hash-model.ts'

const { bytes, entry } = workerData as { readonly bytes: Uint8Array; readonly entry: ModelEntry } // from model-thread.ts
let model: HashModel | undefined

answerJobs(async (job: ModelJob) => {
  if (job.kind === 'open') model = await openOnnxModel(bytes, entry)
  else if (job.kind === 'close') await model?.close()
  else return model?.hash(job.views, job.bits)
})
