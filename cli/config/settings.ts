import { z } from 'zod'
import { ROLES } from '../../base/roles.ts'
import { IMAGE_CIPHERS } from '../../crypto/image-ciphers.ts'
import { SHADOW_SCHEMES } from '../../crypto/shadow-schemes.ts'
import { OWNER_DEFAULTS } from '../../node/client/owner.ts'
import { PEER_DEFAULTS } from '../../node/peer-config.ts'
import { MASTER_DEFAULTS } from '../../node/master/master-init.ts'
import { SLAVE_DEFAULTS } from '../../node/slave/slave.ts'
import { REPAIR_DEFAULTS } from '../../node/repair/repair-policy.ts'
import { SLAVE_PLACEMENTS } from '../../node/placement/slave-placements.ts'
import { THRESHOLD_DEFAULTS, THRESHOLD_PRESETS } from '../../node/placement/choose-threshold.ts'
import { listed } from '../console/listed.ts'
import { type Setting, setting } from './setting.ts'

const OPENED = ROLES.filter(role => role !== 'key-centre') // a roster may name one, but no verb opens one
type PresetName = keyof typeof THRESHOLD_PRESETS
const DAY_MS = 86_400_000
const LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const

const text = z.string().min(1)
const place = text.max(64)
const roles = z.array(z.enum(ROLES)).min(1)
const peer = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{46,60}$/, 'a peer id such as 12D3Koo…')
const addresses = z.array(z.string().regex(/^\//, 'a multiaddr such as /ip4/10.0.0.5/tcp/4001'))
const whole = (least: number, most?: number) => {
  const number = z.number().int().min(least)
  return most === undefined ? number : number.max(most)
}

const door = z
  .string()
  .regex(/^(?:[\w.-]+|\[[\da-fA-F:]+\]):\d{1,5}$/, 'host and port, such as 127.0.0.1:9464')
  .refine(said => Number(said.slice(said.lastIndexOf(':') + 1)) < 65_536, 'a port below 65536')

/** The admitted peers in the roster. */
export const rosterSchema = z.array(z.strictObject({ peer, site: place, roles }))

const list = { takes: '<list>', read: (said: string) => said.split(',').map(part => part.trim()) }
const number = { takes: '<n>', read: Number }
const file = { takes: '<file>', isPath: true }
const folder = { takes: '<dir>', isPath: true }
const name = { takes: '<name>' }

/** Every setting, one row each. A flag wins over the environment, that over `sfmedir.yaml`, that over the fallback. */
export const SETTINGS = Object.freeze({
  data: setting(text, {
    ...folder,
    help: 'folder of this peer: identity, shadows, index',
    fallback: './sfmedir-data'
  }),
  roles: setting(roles, { ...list, help: `${OPENED.join(', ')}; comma-separated`, fallback: ['slave'] }),
  site: setting(place, { ...name, help: 'the hospital or data centre this peer stands in', fallback: 'here' }),
  listen: setting(addresses, { ...list, help: 'multiaddrs to listen on', fallback: ['/ip4/0.0.0.0/tcp/4001'] }),
  bootstrap: setting(addresses, {
    ...list,
    help: 'one or more addresses of peers already running',
    fallback: []
  }),
  keys: setting(text, { ...file, help: 'key file made by keys create' }),
  roster: setting(z.union([text, rosterSchema]), {
    ...file,
    help: 'YAML list of admitted peers with site and roles'
  }),
  model: setting(text, { ...name, help: 'hash model, a name in the manifest' }),
  models: setting(text, { ...folder, help: 'folder with manifest.json and weights' }),
  bits: setting(whole(8, 256), { ...number, help: 'length of the hash code', fallback: PEER_DEFAULTS.bits }),
  cipher: setting(text, {
    ...name,
    help: listed(IMAGE_CIPHERS.map(cipher => cipher.name)),
    fallback: PEER_DEFAULTS.cipher
  }),
  scheme: setting(text, {
    ...name,
    help: listed(SHADOW_SCHEMES.map(scheme => scheme.name)),
    fallback: PEER_DEFAULTS.scheme
  }),
  threshold: setting(whole(2, 254), {
    ...number,
    takes: '<r>',
    help: 'fixed r, with --total; left out: drawn for each image'
  }),
  total: setting(whole(2, 255), { ...number, takes: '<s>', help: 'fixed s, with --threshold' }),
  maxSlaves: setting(whole(2, 255), {
    ...number,
    help: 'SCS_max: most shadows an image is split into',
    fallback: THRESHOLD_DEFAULTS.maxSlaves
  }),
  policy: setting(z.enum(Object.keys(THRESHOLD_PRESETS) as [PresetName]), {
    ...name,
    help: `${listed(Object.keys(THRESHOLD_PRESETS))}: which (r, s) are drawn, without --threshold`,
    fallback: 'dynamic'
  }),
  placement: setting(text, {
    ...name,
    help: `${listed(SLAVE_PLACEMENTS.map(placement => placement.name))}: how a master chooses slaves`,
    fallback: PEER_DEFAULTS.placement
  }),
  repairMargin: setting(whole(0, 254), {
    ...number,
    help: 'an image that lost shadows is shared anew when so many more than r are left, or fewer',
    fallback: REPAIR_DEFAULTS.margin
  }),
  repairAfterMs: setting(whole(1000), {
    ...number,
    help: 'a slave that is silent for so long has lost its shadows, in ms',
    fallback: REPAIR_DEFAULTS.afterMs
  }),
  repairBytesPerSecond: setting(whole(1), {
    ...number,
    help: 'most bytes a second that the repairs of a master move; less while it is busy',
    fallback: REPAIR_DEFAULTS.bytesPerSecond
  }),
  ownerQuotaBytes: setting(whole(0), {
    ...number,
    help: 'most bytes of encrypted images that a master stores of one owner; left out: no limit'
  }),
  ownerQuotaImages: setting(whole(0), {
    ...number,
    help: 'most images that a master stores of one owner; left out: no limit'
  }),
  quotaBytes: setting(whole(0), {
    ...number,
    help: 'most bytes of shadows this slave keeps',
    fallback: PEER_DEFAULTS.quotaBytes
  }),
  trashDays: setting(z.number().min(0).max(3650), {
    ...number,
    help: 'days for which a slave can restore what it dropped',
    fallback: SLAVE_DEFAULTS.trashDays
  }),
  auditDays: setting(z.number().min(0.01).max(3650), {
    ...number,
    help: 'days in which a master has every shadow proven once by its slave',
    fallback: MASTER_DEFAULTS.auditPeriodMs / DAY_MS
  }),
  scrubDays: setting(z.number().min(0.01).max(3650), {
    ...number,
    help: 'days in which a slave reads each of its shadows once and compares it',
    fallback: SLAVE_DEFAULTS.scrubMs / DAY_MS
  }),
  maxDropsPerHour: setting(whole(0), {
    ...number,
    help: 'most shadows a slave drops in an hour; left out: 1000, or 5 % of what it holds'
  }),
  maxImageBytes: setting(whole(1), {
    ...number,
    help: 'largest image accepted',
    fallback: OWNER_DEFAULTS.maxImageBytes
  }),
  metrics: setting(door, {
    takes: '<address>',
    help: 'where run serves /metrics, /livez and /readyz to whoever reaches it, such as 127.0.0.1:9464; left out: nowhere'
  }),
  log: setting(z.enum(LEVELS), { takes: '<level>', help: `${listed(LEVELS)}, on stderr; info for run, else warn` })
})

/** The name of a setting. */
export type SettingName = keyof typeof SETTINGS

type Rows = typeof SETTINGS

/** What one source says: any of the settings, checked. */
export type Said = { readonly [N in SettingName]?: z.infer<Rows[N]['schema']> }

/** What is in force: said by some source, or the fallback. */
export type InForce = { readonly [N in SettingName]: z.infer<Rows[N]['schema']> | Rows[N]['fallback'] }

/** The rows with their names. */
export const SETTING_ROWS = Object.entries(SETTINGS) as [SettingName, Setting<unknown>][] // its keys are those names

/** What `sfmedir.yaml` may say; every field optional. Unknown fields are refused, so that a typo is not silently ignored. */
export const saidSchema = z.strictObject(
  Object.fromEntries(SETTING_ROWS.map(([name, { schema }]) => [name, schema.optional()]))
) as z.ZodType<Said> // the rows' own schemas
