// Goal: one bounded, held-down sweep names who sleeps in the functions of a patch that is not loaded. Method: recorded
// kernels on which tasks really slept there, made-up trees for what is odd, on a virtual clock.
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { TaskLook, type TasksWanted } from '@rebootless/shared/contract/task-look.ts'
import { expect, test } from 'vitest'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import { architectureOf, readCapture } from '../recorded/capture.ts'
import { filesOfSnap } from '../recorded/capture-files.ts'
import { FileTree, treeFs } from '../recorded/tree-fs.ts'
import { createVirtualClock } from '../recorded/virtual-clock.ts'
import { codeToLeave } from './holding-code.ts'
import { lookForTasks } from './look-for-tasks.ts'

const noLog = async () => ({ ok: true as const, value: undefined })
const captures = path.join(import.meta.dirname, '../captures')
const wantedOf = (functions: TasksWanted['functions'], parts: Partial<TasksWanted> = {}): TasksWanted => ({
  ...{ id: 'a'.repeat(64), functions, replace: false, withinMs: 30_000, ...parts },
})

const sweep = async (fs: KernelFs, wanted: TasksWanted, mayGoOn = () => true, architecture = 'x86_64') => {
  const virtual = createVirtualClock(Date.UTC(2026, 0, 1))
  const holding = codeToLeave(wanted, [])
  let found: TaskLook | undefined
  const work = lookForTasks({ fs, clock: virtual.clock, architecture, wanted, holding, mayGoOn }).then((look) => {
    found = look
  })
  for (let steps = 0; found === undefined && steps < 2_000; steps += 1) await virtual.advance(10)
  await work
  return { look: TaskLook.parse(found), tookMs: virtual.elapsedMs() }
}

const tasks = (many: number, stack: string, fill: (tree: FileTree, pid: number) => void = () => {}): FileTree => {
  const tree = new FileTree()
  tree.add('/proc/loadavg', `0.00 0.00 0.00 1/${many} 99\n`)
  for (let pid = 1; pid <= many; pid += 1) {
    tree.add(`/proc/${pid}/task/${pid}/stat`, `${pid} (t) S 1 0 0 0 -1 0 0`)
    tree.add(`/proc/${pid}/task/${pid}/comm`, 't\n')
    tree.add(`/proc/${pid}/task/${pid}/stack`, stack)
    fill(tree, pid)
  }
  return tree
}
const F = [{ object: 'vmlinux', function: 'f' }]

const kernels = (await readdir(captures, { withFileTypes: true })).filter((entry) => entry.isDirectory())
test.each(kernels.map(({ name }) => [name]))('names the sleeper of %s', async (kernel) => {
  const capture = await readCapture(path.join(captures, kernel, 'stall-killable'))
  const stalled = [...capture.snaps.values()].find(({ blocked }) =>
    blocked.some(({ stack }) => typeof stack === 'string' && stack.includes('lpt_wait_killable+')),
  )
  if (stalled === undefined) throw new Error('nobody sleeps in this recording')
  const tree = filesOfSnap(stalled, { hostName: 'h', release: kernel, bootId: 'b', uptimeSeconds: 1 })
  const fs = treeFs(() => tree, noLog)
  const wanted = wantedOf([{ object: 'lptarget', function: 'lpt_wait_killable' }])
  const { look } = await sweep(fs, wanted, undefined, architectureOf(kernel))
  expect(look.sleeping).toMatchObject([{ object: 'lptarget', function: 'lpt_wait_killable' }])
  expect(look).toMatchObject({ sleepingTotal: 1, counts: [{ tasks: 1 }] })
  expect(look.tasksRead).toBeGreaterThan(0)
  expect(look.tasksTotal).toBeGreaterThanOrEqual(look.tasksRead)
})

test('counts all and tells of fifty; a running task is not read, and one that ends is none', async () => {
  const tree = tasks(80, '[<0>] f+0x1/0x2\n', (files, pid) => {
    if (pid === 1) files.add('/proc/1/task/1/stat', '1 (t) R 1 0 0 0 -1 0 0')
    if (pid === 2) files.add('/proc/2/task/2/stat', { errno: 'ESRCH' })
  })
  const { look } = await sweep(
    treeFs(() => tree, noLog),
    wantedOf(F),
  )
  expect(look).toMatchObject({ tasksTotal: 80, tasksRead: 78, sleepingTotal: 78, errno: null })
  expect(look.sleeping).toHaveLength(50)
  expect(look.counts).toEqual([{ object: 'vmlinux', function: 'f', tasks: 78 }])
})

test('without root it says why it knows nothing', async () => {
  const tree = tasks(3, '', (files, pid) => files.add(`/proc/${pid}/task/${pid}/stack`, { errno: 'EACCES' }))
  const { look } = await sweep(
    treeFs(() => tree, noLog),
    wantedOf(F),
  )
  expect(look).toMatchObject({ tasksTotal: 3, tasksRead: 0, errno: 'EACCES', sleeping: [] })
})

test('T04 hostile names and stacks come as bounded text', async () => {
  const long = 'x'.repeat(5_000)
  const tree = tasks(1, `[<0>] ${long}+0x1/0x2 [${long}]\n[<0>] f+0x1/0x2\n`, (files) => {
    files.add('/proc/1/task/1/comm', `<script>\u202e${long}`)
    files.add('/proc/1/task/1/cgroup', `0::/system.slice/${long}.service\n`)
  })
  const { look } = await sweep(
    treeFs(() => tree, noLog),
    wantedOf(F),
  )
  expect(look.sleeping).toMatchObject([{ function: 'f', comm: expect.stringMatching(/^<script>/) }])
})

test('T20 it rests between slices, ends in time, and stops when a transition begins', async () => {
  const tree = tasks(400, '[<0>] f+0x1/0x2\n')
  const fs = treeFs(() => tree, noLog)
  const virtual = createVirtualClock(0)
  let reads = 0
  const slow: KernelFs = {
    ...fs,
    async read(file, bytesMax) {
      reads += 1
      await virtual.clock.sleep(1)
      return fs.read(file, bytesMax)
    },
  }
  const run = async (mayGoOn: () => boolean, withinMs: number) => {
    reads = 0
    const wanted = wantedOf(F, { withinMs })
    let look: TaskLook | undefined
    const options = { fs: slow, clock: virtual.clock, architecture: 'x86_64', wanted, mayGoOn }
    const work = lookForTasks({ ...options, holding: codeToLeave(wanted, []) }).then((found) => {
      look = found
    })
    const began = virtual.elapsedMs()
    for (let steps = 0; look === undefined && steps < 60_000; steps += 1) await virtual.advance(1)
    await work
    return { look: TaskLook.parse(look), tookMs: virtual.elapsedMs() - began, reads }
  }
  const timed = await run(() => true, 2_000)
  expect(timed.look.tasksTotal).toBe(400)
  expect(timed.look.tasksRead).toBeLessThan(100)
  // A read takes a millisecond: a tenth of the time is spent on them.
  expect(timed.reads / timed.tookMs).toBeLessThan(0.15)
  expect(timed.tookMs).toBeLessThan(2_300)
  const interrupted = await run(() => reads < 20, 30_000)
  expect(interrupted.reads).toBeLessThan(40)
})

test('a cumulative patch also needs the code of all others left', () => {
  const livepatch = (name: string, functionName: string) => ({
    ...{ name, enabled: true, transition: false, replace: false, stackOrder: 1, unknownAttributes: [] },
    objects: [{ name: 'vmlinux', patched: true, functions: [{ name: functionName, sympos: 1 }] }],
  })
  const all = [livepatch('lp_f', 'f'), livepatch('lp_g', 'g')]
  expect([...codeToLeave(wantedOf(F), all).modules]).toEqual(['lp_f'])
  expect([...codeToLeave(wantedOf(F, { replace: true }), all).modules]).toEqual(['lp_f', 'lp_g'])
})
