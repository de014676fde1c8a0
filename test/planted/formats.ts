import type { PlantedBug } from '../../scripts/plant/planted-bug.ts'

const TELLS = 'test/unit/crypto/shadow-tells.test.ts'
const SUITE = 'test/contract/shadow-scheme.test.ts'

/** Shadows that tell r, and what readers of stored bytes must refuse. */
export const PLANTED: readonly PlantedBug[] = [
  {
    name: 'length-unrounded',
    bug: 'the length of a shadow shows its threshold by what it leaves over',
    file: 'crypto/shadows/content-form.ts',
    find: 'return Math.ceil(bytes / step) * step',
    put: 'return Math.ceil(bytes / step) * 0 + bytes',
    test: TELLS,
    only: 'r is guessed'
  },
  {
    name: 'vectors-unmasked',
    bug: 'vectors stand in shadows as they are, and their rank is r',
    file: 'crypto/shadows/mask-vectors.ts',
    find: 'return part => cipher.update(part)',
    put: 'return part => part.slice(0, cipher.update(part).length)',
    test: TELLS,
    only: 'rank'
  },
  {
    name: 'padding-unsealed',
    bug: 'what is left of the last fragment is plain zeros, which tell that its number is r',
    file: 'crypto/shadows/sealed-fragments.ts',
    find: '      while (at < tagAt) put(cipher.update(PADDING.subarray(0, tagAt - at)))\n',
    put: '      while (at < tagAt) put(PADDING.subarray(0, tagAt - at))\n',
    test: SUITE,
    only: 'nowhere four zeros'
  },
  {
    name: 'head-tells-length',
    bug: 'a byte of the head depends on how long the content is, and so on r',
    file: 'crypto/shadows/shadow-format.ts',
    find: 'memory.set([VERSION, head.scheme, 0, head.number], 4)',
    put: 'memory.set([VERSION, head.scheme, contentBytes >> 8, head.number], 4)',
    test: SUITE,
    only: 'the head of a shadow'
  },
  {
    name: 'digest-unchecked',
    bug: 'rebuilt bytes pass whatever their digest',
    file: 'crypto/shadows/rebuild.ts',
    find: 'if (sha256Hex(bytes) === digest) return bytes',
    put: 'if (sha256Hex(bytes) !== digest.slice(1)) return bytes',
    test: SUITE,
    only: 'another digest'
  },
  {
    name: 'fixed-page',
    bug: 'a text that a seal is bound to changes, and the page of formats is not true any more',
    file: 'node/placement/seal-threshold.ts',
    find: 'sfmedir/threshold/1/',
    put: 'sfmedir/threshold/2/',
    test: 'test/formats/page.test.ts',
    only: 'every example',
    failsWith: 'Snapshot'
  }
]
