/** A package as it is packed: what it holds of the project's files and dependencies. */
export interface PackageKind {
  /** Name of the tarball before its version. */
  readonly file: string
  readonly description: string
  /** Dependencies that it does without. */
  readonly without: readonly string[]
  /** Whether it carries the trained models, and the ONNX runtime for CPUs inside it. */
  readonly hashes: boolean
}

/** What only owners and users need: decoders, the ONNX runtime, and what the simulator's statistics and models use. */
const CLIENT_PACKAGES = ['sharp', 'dicom-parser', 'dcmjs-imaging', 'jstat', '@petamoriken/float16']

/** The ONNX runtime: packed into the tarball, since its own install script fetches CUDA from outside the registry. */
export const RUNTIME = 'onnxruntime-node'

/** The two packages: of all roles, and of masters and slaves alone. */
export const PACKAGE_KINDS: readonly PackageKind[] = Object.freeze([
  { file: 'sfmedir', description: 'every role, every verb', without: [], hashes: true },
  { file: 'sfmedir-peer', description: 'masters and slaves alone', without: CLIENT_PACKAGES, hashes: false }
])
