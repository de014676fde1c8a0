import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FileSharingJournal, type OpenSharing } from '../../../node/placement/sharing-journal.ts'
import { exampleImage, examplePeer } from '../../contract/example-record.ts'
import { exampleKey } from '../../contract/example-shadow.ts'

const begun = (n: number): OpenSharing => ({
  image: exampleImage(n),
  sharing: exampleKey(n, n).sharing,
  origin: { asked: 1000 + n, counter: 1, master: examplePeer('master') },
  time: 5000 + n
})

describe('journal of begun sharings', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sfmedir-journal-'))
    path = join(folder, 'sharings.journal')
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('gives back what was begun and not ended, also after a line that a kill cut short and a damaged one', async () => {
    const first = new FileSharingJournal(path)
    expect(await first.load()).toEqual([])
    for (const n of [1, 2, 3]) await first.begin(begun(n))
    await first.end(begun(2))
    await appendFile(path, '+ nothing that is one\n+ 0123')
    expect(await new FileSharingJournal(path).load()).toEqual([begun(1), begun(3)])
    expect(await new FileSharingJournal(path).load()).toEqual([begun(1), begun(3)])
  })

  it('6,000 sharings begun and ended: the file stays below 10,001 lines, what is open stays in it', async () => {
    const journal = new FileSharingJournal(path)
    await journal.load()
    await journal.begin(begun(0))
    for (let n = 1; n <= 6000; n++) {
      await journal.begin(begun(n))
      await journal.end(begun(n))
    }
    expect((await readFile(path, 'utf8')).split('\n').length).toBeLessThanOrEqual(10_001)
    expect(await new FileSharingJournal(path).load()).toEqual([begun(0)])
  })

  it('a folder that is not there: an error with a code', async () => {
    const journal = new FileSharingJournal(join(folder, 'none', 'journal'))
    await expect(journal.begin(begun(1))).rejects.toMatchObject({ name: 'NetError' })
  })
})
