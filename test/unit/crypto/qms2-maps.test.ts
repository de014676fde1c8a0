import { expect, test } from 'vitest'
import { henonSamples } from '../../../crypto/qms2/henon.ts'
import { fmix32 } from '../../../crypto/qms2/fixed-point.ts'
import { logisticSineStep, logisticSineStream } from '../../../crypto/qms2/logistic-sine.ts'
import {
  quantumLogisticParameters,
  type QuantumLogisticState,
  quantumLogisticStep,
  quantumLogisticStream,
  quantumLogisticWord
} from '../../../crypto/qms2/quantum-logistic.ts'

const start: QuantumLogisticState = { x: 0x66666666, y: 4_294_967, z: 8_589_934 }
const parameters = quantumLogisticParameters(4_284_229_877, 10_646_152)

test('quantum logistic map: E2 = 26389 and ER = 42478146 at R = 4284229877, E = 10646152', () => {
  expect(parameters).toEqual({ r: 4_284_229_877, er: 42_478_146, e2: 26_389 })
})

test('quantum logistic map: four undisturbed steps give the vectors computed independently', () => {
  const orbit = []
  for (let state = start, step = 0; step < 4; step++) {
    state = quantumLogisticStep(parameters, state)
    orbit.push([state.x, state.y, state.z, quantumLogisticWord(state)])
  }
  expect(orbit).toEqual([
    [0xf41fc8ef, -17_017, -16_923_345, 0x259ea6c5],
    [0x2d30c322, 319_206, -40_522_689, 0x741b432e],
    [0x9467a1cb, 146_693, -8_159_394, 0x9aabdeb5],
    [0xf8d5f78b, 94_781, -24_694_313, 0x71cd0db5]
  ])
})

test('quantum logistic map: four steps disturbed by the bytes 1, 2, 3, 4 give the vectors computed independently', () => {
  let byte = 1
  const nextWord = quantumLogisticStream(parameters, start, () => byte++)
  const words = Array.from({ length: 4 }, nextWord)
  expect(words).toEqual([0x259ea6c5, 0x1991e1f5, 0x20d89bc7, 0x500ae4a5])
})

test('Logistic-Sine map: four undisturbed steps give the vectors computed independently', () => {
  const orbit = []
  for (let x = 0x33333333, step = 0; step < 4; step++) {
    x = logisticSineStep(2_684_354_560, x)
    orbit.push([x, fmix32(x)])
  }
  expect(orbit).toEqual([
    [0x9ec464b6, 0xf0bde7c2],
    [0xefebdba0, 0x0fd63fe3],
    [0x38a5f43f, 0x91268270],
    [0xabaeacc2, 0xc6ff3101]
  ])
  const nextWord = logisticSineStream(2_684_354_560, 0x33333333, () => 0)
  expect(Array.from({ length: 4 }, nextWord)).toEqual(orbit.map(([, word]) => word))
})

test('Logistic-Sine map: the whole-number sine stays within 0.0017 of sin(pi x) and below 2^32', () => {
  for (let x = 0; x < 2 ** 32; x += 4_000_037) {
    const sine = logisticSineStep(1, x) / 2 ** 32 // r = 2^-30 leaves the sine alone
    expect(Math.abs(sine - Math.sin((Math.PI * x) / 2 ** 32))).toBeLessThan(0.0017)
  }
})

test('Hénon map: 1000 fixed-point steps from the edge of the start box stay within |x| < 1.3', () => {
  for (const x of [-26_843_545, 26_843_545]) {
    for (const y of [-13_421_772, 13_421_772]) {
      const samples = henonSamples({ x, y }, 0, 1000)
      expect(Math.max(...samples.map(Math.abs)) / 2 ** 28).toBeLessThan(1.3)
      expect(new Set(samples).size).toBeGreaterThan(990)
    }
  }
})
