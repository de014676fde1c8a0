// Checks that imports go only along the arrows of layers.json, and prints every place that breaks a rule of it.
import { checkLayers } from './layers/check-layers.ts'
import { report, ROOT } from './sources/sources.ts'

report(await checkLayers(ROOT))
