import { describe, expect, it } from 'vitest'
import { NetError } from '../../../base/errors.ts'
import { withSignal } from '../../../base/with-signal.ts'
import { codeOf } from '../../contract/network-suite.ts'

const never = new Promise(() => {})

describe('withSignal', () => {
  it('gives what the work gives, whether it resolves or rejects', async () => {
    const { signal } = new AbortController()
    expect(await withSignal(Promise.resolve(7), signal)).toBe(7)
    expect(await codeOf(withSignal(Promise.reject(new NetError('BUSY', 'busy')), signal))).toBe('BUSY')
  })
  it('a signal that fires, or has fired, ends the wait with its NetError, a bare one with REQUEST_ABORTED', async () => {
    const controller = new AbortController()
    const code = codeOf(withSignal(never, controller.signal))
    controller.abort(new NetError('REQUEST_TIMEOUT', 'late'))
    expect(await code).toBe('REQUEST_TIMEOUT')
    expect(await codeOf(withSignal(never, controller.signal))).toBe('REQUEST_TIMEOUT')
    expect(await codeOf(withSignal(never, AbortSignal.abort()))).toBe('REQUEST_ABORTED')
  })
})
