import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { NetError, systemCode } from '../../base/errors.ts'
import type { KeptAddresses } from '../../protocols/transport/open-network.ts'

const FILE = 'addresses.json'
const MODE = 0o600

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
      const part = `${file}.part`
      try {
        const handle = await open(part, 'w', MODE)
        try {
          await handle.writeFile(`${JSON.stringify(addresses, undefined, 1)}\n`)
          await handle.sync()
        } finally {
          await handle.close()
        }
        await rename(part, file)
      } catch (cause) {
        throw new NetError('FILE_UNWRITABLE', `${file} cannot be written (${systemCode(cause)})`, { cause })
      }
    }
  }
}
