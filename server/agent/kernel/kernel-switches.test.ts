// Goal: what the kernel does not say is not taken for a no. Method: securityfs as hosts have it, and hosts without it.
import { expect, test } from 'vitest'
import { FileTree, treeFs } from '../recorded/tree-fs.ts'
import { readLockdown } from './kernel-switches.ts'
import { startReading } from './reading.ts'

const noLog = async () => ({ ok: true as const, value: undefined })
const lockdownOf = (files: Record<string, string>) => {
  const tree = new FileTree()
  for (const [path, text] of Object.entries(files)) tree.add(`/sys/kernel/security/${path}`, text)
  return readLockdown(startReading(treeFs(() => tree, noLog)))
}

test.each([
  [{ lockdown: 'none [integrity] confidentiality\n', lsm: 'lockdown,capability' }, 'integrity'],
  [{ lsm: 'capability,landlock,yama\n' }, 'none'],
  [{ lsm: 'lockdown,capability\n' }, null],
  [{}, null],
])('%j: %s', async (files, expected) => {
  expect(await lockdownOf(files)).toBe(expected)
})
