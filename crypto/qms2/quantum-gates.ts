// Each byte is a basis state of eight qubits, bit i being qubit i. Gates that map basis states to basis states are
// computed on the bits; a test simulates the whole circuit on state vectors, Hadamard gates included, and compares.

/** CNOT: flips `target` where `control` is 1. */
function cnot(byte: number, control: number, target: number): number {
  return byte ^ (((byte >> control) & 1) << target)
}

/** (H⊗H)·CNOT·(H⊗H): a CNOT between Hadamard gates is the CNOT with control and target exchanged. */
function hadamardCnot(byte: number, control: number, target: number): number {
  return cnot(byte, target, control)
}

/** Toffoli: flips `target` where both controls are 1. */
function toffoli(byte: number, [first, second]: readonly [number, number], target: number): number {
  return byte ^ (((byte >> first) & (byte >> second) & 1) << target)
}

/** The quantum layer Q[n] on one byte: four (Hadamard-)CNOT gates chosen by the bits of n (0 to 15), eight Toffoli. */
export function quantumLayer(byte: number, n: number): number {
  let state = byte
  for (let pair = 0; pair < 4; pair++) {
    const gate = (n >> pair) & 1 ? hadamardCnot : cnot
    state = gate(state, pair + 4, pair)
  }
  for (let i = 0; i < 8; i++) state = toffoli(state, [(i + 1) % 8, (i + 3) % 8], i)
  return state
}

/** Q[n] of byte b at index n·256 + b. */
export const QUANTUM_LAYERS: Uint8Array = Uint8Array.from({ length: 16 * 256 }, (_, i) => quantumLayer(i & 255, i >> 8))

/** The byte that Q[n] maps to b, at index n·256 + b. */
export const QUANTUM_LAYERS_INVERSE: Uint8Array = inverse(QUANTUM_LAYERS)

function inverse(layers: Uint8Array): Uint8Array {
  const back = new Uint8Array(layers.length)
  for (let i = 0; i < layers.length; i++) back[(i & 0xf00) | layers[i]] = i & 255
  return back
}
