// Goal: pressure and load are read as the kernel writes them, and what is not there is unknown with its errno. Method: files as
// of psi_show() in kernel/sched/psi.c and loadavg_proc_show() in fs/proc/loadavg.c, in a tree.
import { expect, test } from 'vitest'
import { FileTree, treeFs } from '../recorded/tree-fs.ts'
import { parseLoad, parsePressure, readPressure } from './pressure.ts'

const SOME = 'some avg10=1.50 avg60=0.25 avg300=12.00 total=123456789'
const read = (fill: (tree: FileTree) => void) => {
  const tree = new FileTree()
  fill(tree)
  return readPressure(
    treeFs(
      () => tree,
      async () => ({ ok: true, value: undefined }),
    ),
  )
}

test('a kernel with pressure stall information', async () => {
  const share = { avg10: 1.5, avg60: 0.25, avg300: 12, total: 123456789 }
  const told = await read((tree) => {
    tree.add('/proc/pressure/cpu', `${SOME}\n`)
    tree.add('/proc/pressure/memory', `${SOME}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n`)
    tree.add('/proc/pressure/io', 'nonsense\n')
    tree.add('/proc/loadavg', '0.52 1.20 10.07 2/812 4711\n')
  })
  expect(told).toEqual({ pressure: { errno: null, cpu: share, memory: share, io: null }, load: [0.52, 1.2, 10.07] })
})

test('a kernel without it, and one that was booted with psi=0', async () => {
  expect(await read(() => undefined)).toMatchObject({ pressure: { errno: 'ENOENT', cpu: null }, load: null })
  const off = await read((tree) => {
    for (const name of ['cpu', 'memory', 'io']) tree.add(`/proc/pressure/${name}`, { errno: 'EOPNOTSUPP' })
  })
  expect(off.pressure).toEqual({ errno: 'EOPNOTSUPP', cpu: null, memory: null, io: null })
})

test.each(['', 'some avg10=nan', 'some avg10=101.00 avg60=0.00 avg300=0.00 total=1', `${SOME} x`])(
  'what the kernel never writes is unknown: %j',
  (text) => {
    expect([parsePressure(text), parseLoad(text)]).toEqual([null, null])
  },
)
