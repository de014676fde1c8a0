import { describe, expect, it } from 'vitest'
import { missingPackage } from '../../../cli/console/missing-package.ts'

describe('missingPackage', () => {
  it('names the package of an import that failed, and is CONFIG_INVALID', () => {
    const found = Object.assign(new Error("Cannot find package 'sharp' imported from /x.js"), {
      code: 'ERR_MODULE_NOT_FOUND'
    })
    expect(missingPackage(found)).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('sharp') })
  })

  it('leaves every other failure alone, a missing file of ours too', () => {
    const file = Object.assign(new Error("Cannot find module '/x/verbs/gone.js'"), { code: 'ERR_MODULE_NOT_FOUND' })
    expect(missingPackage(file)).toBeUndefined()
    expect(missingPackage(new TypeError('x'))).toBeUndefined()
    expect(missingPackage('x')).toBeUndefined()
  })
})
