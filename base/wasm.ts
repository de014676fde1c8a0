import { readFileSync } from 'node:fs'

const PAGE_BYTES = 65_536

/**
 * Instances of a WebAssembly module that imports nothing: each call gives the exports of a fresh one. The file is read and
 * compiled on the first call and kept. `E`: what the module exports.
 */
export function wasmInstances<E extends { readonly memory: WebAssembly.Memory }>(file: URL): () => E {
  let compiled: WebAssembly.Module | undefined
  return () => {
    compiled ??= new WebAssembly.Module(readFileSync(file))
    return new WebAssembly.Instance(compiled).exports as unknown as E // what its AssemblyScript source exports
  }
}

/** Grow a memory by whole pages until it holds `bytes` bytes; views of it may be detached. @throws RangeError when there are none */
export function growTo(memory: WebAssembly.Memory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES))
}
