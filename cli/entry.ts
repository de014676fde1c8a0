#!/usr/bin/env node
// What the installed command runs. All that it imports at once loads on an old Node too, so that this one can be told.
import { nodeComplaint } from './console/needed-node.ts'
import { packageVersion } from './console/package-version.ts'

const complaint = nodeComplaint(process.versions.node)
if (complaint === undefined) await import('./main.ts')
else {
  if (['--version', '-V'].includes(process.argv[2])) console.log(packageVersion())
  console.error(complaint)
  process.exitCode = 1
}
