// Goal: that livepatch's directory is missing is told of the kernel only where sysfs is there to say so. Method: trees
// with and without sysfs.
import { expect, test } from 'vitest'
import { FileTree, treeFs } from '../recorded/tree-fs.ts'
import { readLivepatches } from './livepatch-sysfs.ts'
import { startReading } from './reading.ts'

test.each([
  ['with sysfs', '/sys/kernel/notes', '/sys/kernel/livepatch'],
  ['without', '/proc/version', '/sys/kernel'],
])('%s', async (_name, file, missing) => {
  const tree = new FileTree()
  tree.add(file, '')
  const reading = startReading(
    treeFs(
      () => tree,
      async () => ({ ok: true, value: undefined }),
    ),
  )
  expect(await readLivepatches(reading)).toBeNull()
  expect(reading.unreadable).toMatchObject([{ path: missing, errno: 'ENOENT' }])
})
