import { expect, test } from 'vitest'
import { QUANTUM_LAYERS, QUANTUM_LAYERS_INVERSE, quantumLayer } from '../../../crypto/qms2/quantum-gates.ts'

// A second, independent account of the circuit: real amplitudes of all 256 basis states, gates as they act on them.
type Amplitudes = Float64Array

const basisState = (byte: number): Amplitudes => {
  const state = new Float64Array(256)
  state[byte] = 1
  return state
}

function hadamard(state: Amplitudes, qubit: number): Amplitudes {
  const bit = 1 << qubit
  return state.map((amplitude, i) => ((i & bit ? -amplitude : amplitude) + state[i ^ bit]) * Math.SQRT1_2)
}

/** Exchanges the amplitudes of states that differ in `target`, where all `controls` are 1. */
function controlledNot(state: Amplitudes, controls: readonly number[], target: number): Amplitudes {
  return state.map((amplitude, i) => (controls.every(q => i & (1 << q)) ? state[i ^ (1 << target)] : amplitude))
}

function circuit(byte: number, n: number): Amplitudes {
  let state = basisState(byte)
  for (let i = 0; i < 4; i++) {
    const around = (n >> i) & 1 ? [i, i + 4] : []
    for (const qubit of around) state = hadamard(state, qubit)
    state = controlledNot(state, [i + 4], i)
    for (const qubit of around) state = hadamard(state, qubit)
  }
  for (let i = 0; i < 8; i++) state = controlledNot(state, [(i + 1) % 8, (i + 3) % 8], i)
  return state
}

test('quantum layer: all 16 circuits of CNOT, Hadamard and Toffoli gates on state vectors give the 16 x 256 table', () => {
  for (let n = 0; n < 16; n++) {
    for (let byte = 0; byte < 256; byte++) {
      const amplitudes = circuit(byte, n)
      const measured = amplitudes.findIndex(amplitude => Math.abs(amplitude - 1) < 1e-9)
      expect(measured).toBe(QUANTUM_LAYERS[256 * n + byte])
    }
  }
})

test('quantum layer: each of the 16 tables is a permutation of 256 bytes, undone by its inverse', () => {
  for (let n = 0; n < 16; n++) {
    const table = QUANTUM_LAYERS.subarray(256 * n, 256 * n + 256)
    expect(new Set(table).size).toBe(256)
    table.forEach((image, byte) => {
      expect(QUANTUM_LAYERS_INVERSE[256 * n + image]).toBe(byte)
    })
  }
})

test('quantum layer: the 16 tables differ, and none is linear', () => {
  expect(
    new Set(Array.from({ length: 16 }, (_, n) => String(QUANTUM_LAYERS.subarray(256 * n, 256 * n + 256)))).size
  ).toBe(16)
  for (let n = 0; n < 16; n++) {
    const linear = Array.from(
      { length: 256 },
      (_, a) => quantumLayer(a, n) ^ quantumLayer(0x55, n) ^ quantumLayer(a ^ 0x55, n)
    )
    expect(linear.some(value => value !== quantumLayer(0, n))).toBe(true)
  }
})
