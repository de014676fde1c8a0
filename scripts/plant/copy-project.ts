import { cpSync, existsSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

const NOT_COPIED = ['node_modules', '.git', '.cache', 'dist', 'coverage']

/** Copy a project with what was built in it to a folder that is not there yet; packages, and data beside it, are linked. */
export function copyProject(root: string, folder: string): void {
  cpSync(root, folder, {
    recursive: true,
    filter: source => dirname(source) !== root || !NOT_COPIED.includes(basename(source))
  })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const [shared, link] = [join(root, '../shared'), join(folder, '../shared')]
  if (existsSync(shared) && !existsSync(link)) symlinkSync(shared, link)
}
