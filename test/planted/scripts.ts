import type { PlantedBug } from '../../scripts/plant/planted-bug.ts'

const SOURCE = 'test/unit/scripts/check-source.test.ts'
const LAYERS = 'test/unit/scripts/check-layers.test.ts'

/** Checks that cannot fail, and a planter that takes whatever comes. */
export const PLANTED: readonly PlantedBug[] = [
  {
    name: 'examples-none',
    bug: 'a README without an example passes',
    file: 'scripts/docs/check-examples.ts',
    find: 'examples.length > 0)',
    put: 'examples.length >= 0)',
    test: 'test/unit/scripts/check-examples.test.ts',
    only: 'README'
  },
  {
    name: 'docs-new-date',
    bug: '`new Date()` is not seen',
    file: 'scripts/docs/time-and-chance.ts',
    find: '(node.arguments ?? []).length === 0\n',
    put: '(node.arguments ?? []).length < 0\n',
    test: SOURCE
  },
  {
    name: 'docs-performance-now',
    bug: '`performance.now()` is not seen',
    file: 'scripts/docs/time-and-chance.ts',
    find: "  'performance.now',\n",
    put: '',
    test: SOURCE
  },
  {
    name: 'docs-performance-module',
    bug: '`performance` of node:perf_hooks is not seen',
    file: 'scripts/docs/time-and-chance.ts',
    find: "['perf_hooks', ['performance']]",
    put: "['perf_hooks', []]",
    test: SOURCE
  },
  {
    name: 'docs-global-timer',
    bug: '`globalThis.setTimeout` is not seen',
    file: 'scripts/docs/time-and-chance.ts',
    find: "      .replace(/^(?:globalThis|global|window)\\./, '')\n",
    put: '',
    test: SOURCE
  },
  {
    name: 'docs-bare-let',
    bug: '`export let` needs no doc comment',
    file: 'scripts/docs/bare-exports.ts',
    find: 'if (isVariableStatement(statement)) return',
    put: 'if (isVariableStatement(statement)) return []\n  if (isVariableStatement(statement)) return',
    test: SOURCE
  },
  {
    name: 'docs-bare-default',
    bug: '`export default` needs no doc comment',
    file: 'scripts/docs/bare-exports.ts',
    find: 'return isExportAssignment(statement) || modifiers',
    put: 'return modifiers',
    test: SOURCE
  },
  {
    name: 'layers-template',
    bug: 'an import by a template without a hole is not seen',
    file: 'scripts/layers/imports.ts',
    find: 'if (isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node)) return',
    put: 'if (isStringLiteral(node)) return',
    test: LAYERS
  },
  {
    name: 'layers-template-head',
    bug: 'an import by a template with a hole is not seen',
    file: 'scripts/layers/imports.ts',
    find: 'return isTemplateExpression(node) ? node.head.text : undefined',
    put: 'return undefined',
    test: LAYERS
  },
  {
    name: 'skips-pass',
    bug: 'a test that is skipped without leave is no fault',
    file: 'scripts/ci/check-skips.ts',
    find: "status !== 'passed' && status !== 'failed')",
    put: "status !== 'passed' && status !== 'failed' && status !== 'skipped')",
    test: 'test/unit/scripts/check-skips.test.ts'
  },
  {
    name: 'skips-no-test',
    bug: 'a report without tests passes',
    file: 'scripts/ci/check-skips.ts',
    find: "return ['no test ran']",
    put: 'return []',
    test: 'test/unit/scripts/check-skips.test.ts'
  },
  {
    name: 'ci-skips-ignored',
    bug: 'CI passes though a test was skipped without leave',
    file: '.ci/run',
    find: '      step node_modules/.bin/node scripts/check-skips.ts "$report"\n',
    put: '',
    test: 'test/unit/scripts/ci-run.test.ts'
  },
  {
    name: 'ci-counts-no-tests',
    bug: 'CI passes when no test ran',
    file: '.ci/run',
    find: '[ "$(count passed)" -gt 0 ] || failed',
    put: '[ "$(count passed)" -ge 0 ] || failed',
    test: 'test/unit/scripts/ci-run.test.ts'
  },
  {
    name: 'plant-survivor-passes',
    bug: 'a planted bug that every test lets live counts as killed',
    file: 'scripts/plant/judge.ts',
    find: "if (failed.length === 0) return 'survived: every test stayed green'",
    put: 'if (failed.length === 0) return undefined',
    test: 'test/unit/scripts/plant.test.ts',
    only: 'judging'
  },
  {
    name: 'plant-any-red',
    bug: 'whatever a test fails with counts',
    file: 'scripts/plant/judge.ts',
    find: 'SEEN_WRONG.test(message) && !BROKEN.test(message)',
    put: 'SEEN_WRONG.test(message) || BROKEN.test(message)',
    test: 'test/unit/scripts/plant.test.ts',
    only: 'judging'
  },
  {
    name: 'plant-first-place',
    bug: 'a bug is planted at the first of several places',
    file: 'scripts/plant/plant-bug.ts',
    find: 'if (places !== 1)',
    put: 'if (places === 0)',
    test: 'test/unit/scripts/plant.test.ts',
    only: 'planting'
  }
]
