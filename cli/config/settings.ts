import { z } from 'zod'
import { ROLES } from '../../base/roles.ts'

const peer = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{46,60}$/, 'a peer id such as 12D3Koo…')
const address = z.string().regex(/^\//, 'a multiaddr such as /ip4/10.0.0.5/tcp/4001')

/** One admitted peer in the roster. */
export const memberSchema = z.strictObject({
  peer,
  site: z.string().min(1).max(64),
  roles: z.array(z.enum(ROLES)).min(1)
})

/** What `sfmedir.yaml` may say; every field optional. Unknown fields are refused, so that a typo is not silently ignored. */
export const settingsSchema = z.strictObject({
  data: z.string().min(1).optional(),
  roles: z.array(z.enum(ROLES)).min(1).optional(),
  site: z.string().min(1).max(64).optional(),
  listen: z.array(address).optional(),
  bootstrap: z.array(address).optional(),
  keys: z.string().min(1).optional(),
  roster: z.union([z.string().min(1), z.array(memberSchema)]).optional(),
  model: z.string().min(1).optional(),
  models: z.string().min(1).optional(),
  bits: z.number().int().min(8).max(256).optional(),
  cipher: z.string().min(1).optional(),
  scheme: z.string().min(1).optional(),
  threshold: z.number().int().min(2).max(254).optional(),
  total: z.number().int().min(2).max(255).optional(),
  maxSlaves: z.number().int().min(2).max(255).optional(),
  quotaBytes: z.number().int().min(0).optional(),
  maxImageBytes: z.number().int().min(1).optional(),
  log: z.enum(['silent', 'error', 'warn', 'info', 'debug']).optional()
})

/** Validated settings as written, before defaults. */
export type Settings = z.infer<typeof settingsSchema>

/** Which settings a flag or an environment variable can give, and how its text is read. */
export interface SettingSource {
  readonly name: keyof Settings
  /** Commander's flag. */
  readonly flag: string
  readonly env: string
  readonly help: string
  parse(text: string): unknown
}

const asText = (text: string): string => text
const asList = (text: string): string[] => text.split(',').map(part => part.trim())
const asNumber = (text: string): number => Number(text)

/** Flag, environment variable and meaning of every setting. A flag wins over the environment, that over the file. */
export const SETTING_SOURCES: readonly SettingSource[] = Object.freeze([
  {
    name: 'data',
    flag: '--data <dir>',
    env: 'SFMEDIR_DATA',
    help: 'folder of this peer: identity, shadows, index',
    parse: asText
  },
  {
    name: 'roles',
    flag: '--roles <list>',
    env: 'SFMEDIR_ROLES',
    help: 'owner, master, slave, user; comma-separated',
    parse: asList
  },
  {
    name: 'site',
    flag: '--site <name>',
    env: 'SFMEDIR_SITE',
    help: 'the hospital or data centre this peer stands in',
    parse: asText
  },
  { name: 'listen', flag: '--listen <list>', env: 'SFMEDIR_LISTEN', help: 'multiaddrs to listen on', parse: asList },
  {
    name: 'bootstrap',
    flag: '--bootstrap <list>',
    env: 'SFMEDIR_BOOTSTRAP',
    help: 'one or more addresses of peers already running',
    parse: asList
  },
  { name: 'keys', flag: '--keys <file>', env: 'SFMEDIR_KEYS', help: 'key file made by keys create', parse: asText },
  {
    name: 'roster',
    flag: '--roster <file>',
    env: 'SFMEDIR_ROSTER',
    help: 'YAML list of admitted peers with site and roles',
    parse: asText
  },
  {
    name: 'model',
    flag: '--model <name>',
    env: 'SFMEDIR_MODEL',
    help: 'hash model, a name in the manifest',
    parse: asText
  },
  {
    name: 'models',
    flag: '--models <dir>',
    env: 'SFMEDIR_MODELS',
    help: 'folder with manifest.json and weights',
    parse: asText
  },
  { name: 'bits', flag: '--bits <n>', env: 'SFMEDIR_BITS', help: 'length of the hash code', parse: asNumber },
  { name: 'cipher', flag: '--cipher <name>', env: 'SFMEDIR_CIPHER', help: 'qms2 or aead', parse: asText },
  { name: 'scheme', flag: '--scheme <name>', env: 'SFMEDIR_SCHEME', help: 'bai or disperse', parse: asText },
  {
    name: 'threshold',
    flag: '--threshold <r>',
    env: 'SFMEDIR_THRESHOLD',
    help: 'fixed r, with --total; left out: drawn for each image',
    parse: asNumber
  },
  { name: 'total', flag: '--total <s>', env: 'SFMEDIR_TOTAL', help: 'fixed s, with --threshold', parse: asNumber },
  {
    name: 'maxSlaves',
    flag: '--max-slaves <n>',
    env: 'SFMEDIR_MAX_SLAVES',
    help: 'SCS_max: most shadows an image is split into',
    parse: asNumber
  },
  {
    name: 'quotaBytes',
    flag: '--quota-bytes <n>',
    env: 'SFMEDIR_QUOTA_BYTES',
    help: 'most bytes of shadows this slave keeps',
    parse: asNumber
  },
  {
    name: 'maxImageBytes',
    flag: '--max-image-bytes <n>',
    env: 'SFMEDIR_MAX_IMAGE_BYTES',
    help: 'largest image accepted',
    parse: asNumber
  },
  {
    name: 'log',
    flag: '--log <level>',
    env: 'SFMEDIR_LOG',
    help: 'silent, error, warn, info or debug, on stderr',
    parse: asText
  }
] satisfies SettingSource[])
