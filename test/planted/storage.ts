import type { PlantedBug } from '../../scripts/plant/planted-bug.ts'

const CUT = { test: 'test/contract/shadow-store-power-cut.test.ts', only: 'at 1,000 points' }
const ORDER = { test: 'test/contract/shadow-store-order.test.ts' }
const BACKUP = { test: 'test/unit/node/backup.test.ts' }
const FAULTS = { test: 'test/contract/shadow-store-faults.test.ts' }

/** Every sync of the disk taken out, one by one, and what else a power cut must not find. */
export const PLANTED: readonly PlantedBug[] = [
  {
    name: 'disk-write-unsynced',
    bug: 'a written file is not synced before it takes its name',
    file: 'storage/disk.ts',
    find: '      await handle.sync()\n',
    put: '',
    ...CUT
  },
  {
    name: 'folder-unsynced',
    bug: 'syncing a folder does nothing',
    file: 'base/folders.ts',
    find: '    await handle.sync()\n',
    put: '',
    ...CUT
  },
  {
    name: 'backup-of-a-changing-list',
    bug: 'a copy of a database is kept although its tables were merged meanwhile',
    file: 'node/backup/copy-level.ts',
    find: 'return after.name === before.name && after.size === before.size && copied.size === before.size',
    put: 'return after.name === before.name && copied.size > 0',
    ...BACKUP
  },
  {
    name: 'backup-without-the-log',
    bug: 'what is in no table yet is not backed up',
    file: 'node/backup/copy-level.ts',
    find: 'else if (LOG.test(name)) await copy(join(from, name), join(to, name))',
    put: '',
    ...BACKUP
  },
  {
    name: 'restore-over-shadows',
    bug: 'a backup is restored over a folder that has shadows',
    file: 'node/backup/backup-peer.ts',
    find: 'name === RECORDS || name === SHADOWS',
    put: 'name === RECORDS',
    ...BACKUP
  },
  {
    name: 'make-folder-unsynced',
    bug: 'a folder made on start is not noted in the one above',
    file: 'base/folders.ts',
    find: '    for (let at = resolve(folder); at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at))\n',
    put: '    resolve(dirname(folder))\n',
    ...CUT
  },
  {
    name: 'make-folder-innermost-only',
    bug: 'of several folders made on start only the innermost is noted in the one above',
    file: 'base/folders.ts',
    find: 'for (let at = resolve(folder); at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at))',
    put: 'await syncFolder(dirname(resolve(folder)))',
    ...CUT
  },
  {
    name: 'level-unsynced',
    bug: 'a commit of Level is not synced',
    file: 'base/synced-level.ts',
    find: '{ sync: true }',
    put: '{ sync: false }',
    ...CUT
  },
  {
    name: 'root-unsynced',
    bug: 'a new outer folder is not synced into the root',
    file: 'storage/fan-out.ts',
    find: 'outer.durable ??= this.#disk.syncFolder(this.#root)',
    put: 'outer.durable ??= Promise.resolve()',
    ...CUT
  },
  {
    name: 'outer-unsynced',
    bug: 'a new inner folder is not synced into the outer one',
    file: 'storage/fan-out.ts',
    find: 'await Promise.all([outer.durable, this.#disk.syncFolder(dirname(folder))])',
    put: 'await Promise.all([outer.durable, dirname(folder)])',
    ...CUT
  },
  {
    name: 'outer-sync-not-shared',
    bug: 'a put does not wait for the sync of the outer folder that another has begun',
    file: 'storage/fan-out.ts',
    find: '      outer.durable ??= this.#disk.syncFolder(this.#root)\n',
    put: '      if (outer.durable === undefined) await (outer.durable = this.#disk.syncFolder(this.#root))\n      else outer.durable = Promise.resolve()\n',
    test: CUT.test,
    only: 'nor at 9000 others' // rare: another put must have begun that sync and not ended it
  },
  {
    name: 'temporaries-kept',
    bug: 'a start leaves half-written files',
    file: 'storage/reconcile.ts',
    find: '        await disk.remove(join(folder, name))\n        report.temporaries++\n',
    put: '        report.temporaries++\n',
    ...CUT
  },
  {
    name: 'adopt-unchecked',
    bug: 'a start takes in a file without looking at its bytes',
    file: 'storage/reconcile.ts',
    find: 'return hasShadowDigest(shadow, file) ?',
    put: 'return hasShadowDigest(shadow, file) || shadow.length >= 0 ?',
    test: 'test/contract/shadow-store-faults.test.ts',
    only: 'takes sound files in'
  },
  {
    name: 'rename-folder-unsynced',
    bug: 'the folder is not synced after a put renamed the file',
    file: 'storage/shadow-files.ts',
    find: 'await Promise.all([this.#disk.syncFolder(folder), durable])',
    put: 'folder satisfies string\n        await durable',
    ...CUT
  },
  {
    name: 'new-folder-not-awaited',
    bug: 'a put does not wait until the folder itself is durable',
    file: 'storage/shadow-files.ts',
    find: 'await Promise.all([this.#disk.syncFolder(folder), durable])',
    put: 'await this.#disk.syncFolder(folder)',
    ...ORDER
  },
  {
    name: 'written-in-place',
    bug: 'a shadow is written under its own name',
    file: 'storage/shadow-files.ts',
    find: '        await this.#disk.write(temporary, shadow)\n        await this.#disk.rename(temporary, path)\n',
    put: '        await this.#disk.write(path, shadow)\n',
    ...ORDER
  },
  {
    name: 'metadata-before-file',
    bug: 'metadata is committed before the file is written',
    file: 'storage/disk-shadow-store.ts',
    find: '      await this.#writeOrForget(entry, shadow)\n      await this.#commit(entry)\n',
    put: '      await this.#commit(entry)\n      await this.#writeOrForget(entry, shadow)\n',
    ...CUT
  },
  {
    name: 'drop-trash-unsynced',
    bug: 'a drop does not sync the folder of the trash',
    file: 'storage/disk-trash.ts',
    find: '        await this.#disk.syncFolder(folder)\n        await this.#disk.syncFolder(dirname(from.path))\n',
    put: '        folder satisfies string\n        await this.#disk.syncFolder(dirname(from.path))\n',
    ...ORDER
  },
  {
    name: 'drop-folder-unsynced',
    bug: 'a drop does not sync the folder that the file leaves',
    file: 'storage/disk-trash.ts',
    find: '        await this.#disk.syncFolder(folder)\n        await this.#disk.syncFolder(dirname(from.path))\n',
    put: '        await this.#disk.syncFolder(folder)\n',
    ...CUT
  },
  {
    name: 'drop-folder-not-awaited',
    bug: 'a drop moves the file into a folder that a power cut may take',
    file: 'storage/disk-trash.ts',
    find: '      await durable // a file',
    put: '      // a file',
    ...CUT
  },
  {
    name: 'drop-metadata-first',
    bug: 'a drop commits its metadata before the move is durable',
    file: 'storage/disk-trash.ts',
    find: '        await this.#disk.syncFolder(folder)\n        await this.#disk.syncFolder(dirname(from.path))\n        const [gone, come] = [old ? untrashChanges(old) : [], [...from.record, ...trashChanges(entry)]]\n        await this.#parts.commits.commit(from.change, ...gone, ...come)\n',
    put: '        const [gone, come] = [old ? untrashChanges(old) : [], [...from.record, ...trashChanges(entry)]]\n        await this.#parts.commits.commit(from.change, ...gone, ...come)\n        await this.#disk.syncFolder(folder)\n        await this.#disk.syncFolder(dirname(from.path))\n',
    ...ORDER
  },
  {
    name: 'record-without-shadow',
    bug: 'a record is kept for a shadow that is not there',
    file: 'storage/shadow-key.ts',
    find: '  if (held === undefined) throw missing()\n  if (put.master',
    put: '  if (held === undefined) return { record } as ShadowEntry\n  if (put.master',
    test: 'test/contract/shadow-store.test.ts',
    only: 'keeps no record without a shadow',
    failsWith: 'Error'
  },
  {
    name: 'record-lower-origin',
    bug: 'a record of another, lower origin than the shadow is kept beside it',
    file: 'storage/shadow-key.ts',
    find: '|| !sameOrigin(held, put)) {\n    throw new NetError',
    put: ') {\n    throw new NetError',
    test: 'test/contract/shadow-store.test.ts',
    only: 'not even of a lower one'
  },
  {
    name: 'record-spoilt',
    bug: 'any master may put other bytes in the place of a record',
    file: 'storage/shadow-key.ts',
    find: 'if (isOther && put.by !== held.master) {',
    put: 'if (isOther && put.by === undefined) {',
    test: 'test/contract/shadow-store.test.ts',
    only: 'and from no other'
  },
  {
    name: 'record-left-behind',
    bug: 'the record beside a shadow does not come back from the trash with it',
    file: 'storage/disk-trash.ts',
    find: 'to.change, ...to.record)',
    put: 'to.change)',
    test: 'test/contract/shadow-store.test.ts',
    only: 'comes back with its shadow'
  },
  {
    name: 'restore-folder-unsynced',
    bug: 'a restore does not sync the folder that the file comes to',
    file: 'storage/disk-trash.ts',
    find: '        await this.#disk.syncFolder(dirname(to.path))\n',
    put: '',
    ...ORDER
  },
  {
    name: 'restore-trash-unsynced',
    bug: 'a restore does not sync the folder of the trash',
    file: 'storage/disk-trash.ts',
    find: '        await this.#disk.syncFolder(dirname(path))\n',
    put: '',
    ...ORDER
  },
  {
    name: 'restore-folder-not-awaited',
    bug: 'a restore moves the file into a folder that a power cut may take',
    file: 'storage/disk-trash.ts',
    find: '      await durable\n      if (!(await this.#move(path, to.path)))',
    put: '      if (!(await this.#move(path, to.path)))',
    ...ORDER
  },
  {
    name: 'second-drop-loses',
    bug: 'a start takes a drop away whose sharing has something older in the trash',
    file: 'storage/shadow-area.ts',
    find: 'inOrder: (files: TrashFile[]) => files.sort((a, b) => b.time - a.time)',
    put: 'inOrder: (files: TrashFile[], isKnown: (file: TrashFile) => boolean) =>\n    files.sort((a, b) => Number(isKnown(b)) - Number(isKnown(a)))',
    ...CUT
  },
  {
    name: 'known-file-last',
    bug: 'a start prefers a file without metadata to the one that has it',
    file: 'storage/shadow-area.ts',
    find: 'Number(isKnown(b)) - Number(isKnown(a))',
    put: 'Number(isKnown(a)) - Number(isKnown(b))',
    ...FAULTS
  },
  {
    name: 'drop-reported-lost',
    bug: 'a drop that a kill kept from its metadata is reported as lost',
    file: 'storage/reconcile.ts',
    find: 'if (trash.held.get(key)?.digest !== entry.digest) report',
    put: 'report',
    ...CUT
  },
  {
    name: 'removed-sooner',
    bug: 'a drop takes the older shadow of the trash away before the move is durable',
    file: 'storage/disk-trash.ts',
    find: '    const path = this.#pathOf(entry)\n    const isThere',
    put: '    if (old !== undefined) await this.#removeFile(old)\n    const path = this.#pathOf(entry)\n    const isThere',
    ...CUT
  }
]
