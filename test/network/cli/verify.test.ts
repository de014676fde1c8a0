import { expect, it, vi } from 'vitest'
import type { ImageId } from '../../../base/ids.ts'
import { register } from '../../../cli/verbs/verify.ts'
import { MAX_VERIFIED, verifyImages } from '../../../protocols/verify-images.ts'
import { HospitalGrid, picture } from '../node/hospital-grid.ts'
import { runOnGrid } from './run-on-grid.ts'

vi.mock('../../../cli/config/open-configured.ts', async original => ({
  ...(await original<object>()),
  withUser: vi.fn(),
  withOwner: vi.fn()
}))

const MASTER = { threshold: { fixed: { threshold: 2, total: 5 } } }

async function stored(images: number) {
  const grid = await new HospitalGrid({ masters: 1, master: MASTER }).start()
  const ids: ImageId[] = []
  for (let n = 0; n < images; n++) ids.push((await grid.run(grid.owner.role.store(picture(n, 300)))).id)
  return { grid, ids: ids.sort() }
}

it('sfmedir verify names the image, the shadow and the slave; --json has a line an image, and the counts last', async () => {
  const { grid, ids } = await stored(3)
  const whole = await runOnGrid({ register, grid }, 'verify')
  expect(whole).toMatchObject({ code: 0, err: [] })
  expect(whole.out).toEqual([
    '3 images: 3 healthy, 0 degraded, 0 unreadable',
    'shadows: 0 missing, 0 wrong, 0 on slaves that do not answer',
    'by what slaves list; --deep has each shadow proven from its disk'
  ])
  const [lost, altered] = grid.slaves
  const [key] = await lost.shadows.list({ image: ids[1] })
  await lost.shadows.drop(key, { reason: 'aborted', time: 1 })
  const get = altered.shadows.get.bind(altered.shadows)
  altered.shadows.get = async of => (of.image === ids[2] ? (await get(of)).map(byte => byte ^ 1) : get(of))
  const { out } = await runOnGrid({ register, grid }, 'verify', '--deep')
  const [{ number }] = await altered.shadows.list({ image: ids[2] })
  expect(out).toEqual([
    `${ids[1]}  degraded  4 of 5 shadows`,
    `  shadow ${key.number} missing ${lost.peer}`,
    `${ids[2]}  degraded  4 of 5 shadows`,
    `  shadow ${number} wrong   ${altered.peer}`,
    '3 images: 1 healthy, 2 degraded, 0 unreadable',
    'shadows: 1 missing, 1 wrong, 0 on slaves that do not answer'
  ])
  const json = await runOnGrid({ register, grid }, 'verify', '--deep', '--json')
  const values = json.out.map(line => JSON.parse(line))
  expect(values.slice(0, 3).map(({ image, state }) => ({ image, state }))).toEqual(
    ids.map((image, at) => ({ image, state: at === 0 ? 'healthy' : 'degraded' }))
  )
  expect(values[3]).toMatchObject({ images: 3, healthy: 1, degraded: 2, missing: 1, wrong: 1 })
})

it('a master judges a page for one request, of at most 100 images, and says where to go on; other owners can be left out', async () => {
  const { grid, ids } = await stored(5)
  const { network } = grid.user.life
  const master = grid.masters[0].peer
  const ask = (request: Parameters<typeof verifyImages.request.encode>[0]) =>
    grid.run(network.request(master, verifyImages, request))
  const first = await ask({ limit: 2, deep: false })
  expect(first).toMatchObject({ images: [{ image: ids[0] }, { image: ids[1] }], next: ids[1] })
  const rest = await ask({ limit: MAX_VERIFIED, deep: true, after: first.next })
  expect(rest.images.map(({ image }) => image)).toEqual(ids.slice(2))
  expect(rest.next).toBeUndefined()
  expect((await ask({ limit: 9, deep: false, owner: grid.user.peer })).images).toEqual([])
  expect(() => verifyImages.request.encode({ limit: MAX_VERIFIED + 1, deep: false })).toThrow()
})
