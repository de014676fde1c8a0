import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NetError, systemCode } from '../../base/errors.ts'
import { writeWhole } from '../../base/write-whole.ts'
import type { KeptAddresses } from '../../protocols/transport/open-network.ts'

const FILE = 'addresses.json'

/** The addresses in a peer's data folder, a JSON list of multiaddrs: the file is whole or not there. A file that holds anything else counts as none. */
export function keptAddresses(dataFolder: string): KeptAddresses {
  const file = join(dataFolder, FILE)
  return {
    read: async () => {
      try {
        const list: unknown = JSON.parse(await readFile(file, 'utf8'))
        return Array.isArray(list) ? list.filter(address => typeof address === 'string') : []
      } catch {
        return [] // of no more use than none: the bootstrap peers are asked anyway
      }
    },
    write: async addresses => {
      try {
        await writeWhole(file, `${JSON.stringify(addresses, undefined, 1)}\n`, { overwrite: true, mode: 0o600 })
      } catch (cause) {
        throw new NetError('FILE_UNWRITABLE', `${file} cannot be written (${systemCode(cause)})`, { cause })
      }
    }
  }
}
