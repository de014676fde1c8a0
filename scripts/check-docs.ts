// Checks the sources' doc comments, the length of files and functions, that time and chance are taken through their ports,
// and that every path in a page exists. Prints every place where one of these does not hold.
import { checkPages } from './docs/check-pages.ts'
import { checkSource } from './docs/check-source.ts'
import { report, ROOT } from './sources/sources.ts'

report([...(await checkSource(ROOT)), ...checkPages(ROOT)])
