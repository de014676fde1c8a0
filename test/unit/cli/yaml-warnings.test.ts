import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { loadConfig } from '../../../cli/config/load-config.ts'

it('what the YAML reader warns of, with the lines it is about, is not printed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sfmedir-yaml-'))
  const warned = vi.spyOn(process, 'emitWarning').mockReturnValue()
  try {
    const config = join(folder, 'sfmedir.yaml')
    writeFileSync(config, '%odd\n---\nsite: !tag north\n')
    expect(loadConfig({ config }, {}).site).toBe('north')
    expect(warned).not.toHaveBeenCalled()
  } finally {
    warned.mockRestore()
    rmSync(folder, { recursive: true })
  }
})
