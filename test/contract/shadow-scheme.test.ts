import { disperseScheme } from '../../crypto/disperse/disperse-scheme.ts'
import { baiScheme } from '../../crypto/shadows/bai-scheme.ts'
import { shadowSchemeSuite } from './shadow-scheme-suite.ts'

shadowSchemeSuite(() => baiScheme())
shadowSchemeSuite(() => disperseScheme())
