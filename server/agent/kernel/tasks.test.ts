// Goal: what is read of a task is right on each machine and for hostile names. Method: text from captures, and made-up
// names that break careless parsers.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FileTree, treeFs } from '../recorded/tree-fs.ts'
import type { KernelFs } from './kernel-fs.ts'
import { startReading } from './reading.ts'
import { systemCallName } from './system-calls.ts'
import { parseTaskCgroup } from './task-cgroup.ts'
import { readTaskDetails } from './task-details.ts'
import { parseTaskStack } from './task-stack.ts'
import { parseTaskStat } from './task-stat.ts'
import { createTaskStateReader, parsePatchState } from './task-states.ts'
import { parseTaskSystemCall } from './task-syscall.ts'

const holding = { functions: [{ object: 'lptarget', name: 'lpt_wait_killable' }], modules: new Set<string>() }
const noLog = async () => ({ ok: true as const, value: undefined })

describe('stat', () => {
  test('a name with brackets and a state in it', () => {
    expect(parseTaskStat('141 (odd) R 1 (x) D 120 0 0 0 -1 4194368 0 0')).toEqual({ state: 'D', kernelThread: false })
  })
  test('a kernel thread', () => {
    expect(parseTaskStat('80 (lpt_flush/0) S 2 0 0 0 -1 2129984 0 0')).toEqual({ state: 'S', kernelThread: true })
  })
  test('any name at all', () => {
    fc.assert(
      fc.property(fc.string(), (comm) => {
        expect(parseTaskStat(`7 (${comm}) S 2 0 0 0 -1 2129984 0`)).toEqual({ state: 'S', kernelThread: true })
      }),
    )
  })
  test('what is no stat is unknown', () => {
    for (const text of ['', '1 (', '1 (x)', '1 (x) 17 0']) expect(parseTaskStat(text)).toBeNull()
  })
})

describe('stack', () => {
  test('x86-64: the patched function is marked', () => {
    const frames = parseTaskStack('[<0>] lpt_wait_killable+0x8d/0xe0 [lptarget]\n[<0>] ksys_read+0x6b/0xe0\n', holding)
    expect(frames).toEqual([
      { function: 'lpt_wait_killable', offset: '0x8d/0xe0', module: 'lptarget', held: true },
      { function: 'ksys_read', offset: '0x6b/0xe0', module: null, held: false },
    ])
  })
  test('ppc64le: what lies above __switch_to is junk, raw addresses too', () => {
    for (const junk of [
      'lpt_threads+0x40/0x40 [lptarget]',
      '0xc000000003a7fb40',
      '0x0',
      '__replay_soft_interrupts+0xd0/0x140',
    ]) {
      const text = `[<0>] ${junk}\n[<0>] __switch_to+0x310/0x3b8\n[<0>] lpt_wait_killable+0xd0/0x164 [lptarget]\n`
      expect(parseTaskStack(text, holding).map((frame) => frame.function)).toEqual(['lpt_wait_killable'])
    }
  })
  test('a part of the function counts only where the whole is not there', () => {
    const part = '[<0>] lpt_wait_killable.part.0+0x8d/0xe0 [lptarget]\n'
    expect(parseTaskStack(part, holding).map(({ held }) => held)).toEqual([true])
    const both = `${part}[<0>] lpt_wait_killable+0x1/0xe0 [lptarget]\n`
    expect(parseTaskStack(both, holding).map(({ held }) => held)).toEqual([false, true])
  })
  test('the same name in another object holds nothing', () => {
    expect(parseTaskStack('[<0>] lpt_wait_killable+0x1/0x2\n', holding)[0]?.held).toBe(false)
  })
  test('on the way out the patch itself holds', () => {
    const out = { functions: [], modules: new Set(['lp_killable']) }
    expect(parseTaskStack('[<0>] lp_lpt_wait_killable+0x29/0x50 [lp_killable]\n', out)[0]?.held).toBe(true)
  })
  test('never more frames than the contract takes, whatever comes', () => {
    expect(parseTaskStack('[<0>] f+0x1/0x2\n'.repeat(5_000), holding)).toHaveLength(128)
    fc.assert(fc.property(fc.string(), (text) => parseTaskStack(text, holding).every((frame) => frame.function !== '')))
  })
})

describe('system call', () => {
  test('by the machine it runs on', () => {
    const read = { x86_64: '0', ppc64le: '3', aarch64: '63', s390x: '3' }
    for (const [machine, number] of Object.entries(read)) expect(systemCallName(machine, Number(number))).toBe('read')
    const futex = { x86_64: 202, ppc64le: 221, aarch64: 98, s390x: 238 }
    for (const [machine, number] of Object.entries(futex)) expect(systemCallName(machine, number)).toBe('futex')
    const wait4 = { x86_64: 61, ppc64le: 114, aarch64: 260, s390x: 114 }
    for (const [machine, number] of Object.entries(wait4)) expect(systemCallName(machine, number)).toBe('wait4')
  })
  test('none for a kernel thread, a running task, one outside any call', () => {
    expect(parseTaskSystemCall('0 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n', 'x86_64', true)).toBeNull()
    expect(parseTaskSystemCall('running\n', 'ppc64le', false)).toBeNull()
    expect(parseTaskSystemCall('-1 0x0 0x0\n', 's390x', false)).toBeNull()
  })
  test('its number where the table lacks it, or the machine is unknown', () => {
    expect(parseTaskSystemCall('9999 0x1\n', 'x86_64', false)).toBe('9999')
    expect(parseTaskSystemCall('0 0x1\n', 'loongarch64', false)).toBe('0')
  })
})

describe('cgroup', () => {
  const id = 'a'.repeat(64)
  test.each([
    ['0::/system.slice/db-writer.service\n', 'db-writer.service', null],
    ['0::/\n', null, null],
    [`0::/system.slice/docker-${id}.scope\n`, `docker-${id}.scope`, id],
    [`0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${id}.scope\n`, `cri-containerd-${id}.scope`, id],
    [`12:pids:/docker/${id}\n1:name=systemd:/docker/${id}\n`, null, id],
    ['0::/user.slice/user-1000.slice/user@1000.service/app.slice/a\\x2db.service\n', 'a-b.service', null],
    ['3:cpu:/\n1:name=systemd:/system.slice/x.service\n', 'x.service', null],
    ['nonsense', null, null],
  ])('%j', (text, unit, container) => {
    expect(parseTaskCgroup(text)).toMatchObject({ unit, container })
  })
})

describe('patch_state of all threads', () => {
  test('values', () => {
    expect(['-1\n', '0\n', '1\n', '', '2\n'].map(parsePatchState)).toEqual([-1, 0, 1, null, null])
  })

  test('threads come and go; a refusal is counted and named once', async () => {
    let tree = new FileTree()
    tree.add('/proc/1/task/1/patch_state', '1\n')
    tree.add('/proc/9/task/9/patch_state', '0\n')
    tree.add('/proc/9/task/10/patch_state', { errno: 'EACCES' })
    const reader = createTaskStateReader(treeFs(() => tree, noLog))
    // A tree refuses at once, where the kernel refuses to open.
    expect(await reader.read()).toMatchObject({ total: 3, unreadable: 1, refusal: { errno: 'EACCES' } })
    tree = new FileTree()
    tree.add('/proc/1/task/1/patch_state', '1\n')
    tree.add('/proc/11/task/11/patch_state', '0\n')
    const later = await reader.read()
    expect(later.tasks).toEqual([
      { pid: 1, tid: 1, patchState: 1 },
      { pid: 11, tid: 11, patchState: 0 },
    ])
    await reader.close()
  })

  test.each([
    ['its limit is known', true, 172],
    ['its limit is not known', false, 236],
  ])(
    'with more threads than descriptors all are read, and some descriptors stay free: %s',
    async (_name, known, most) => {
      const limit = 300
      const tree = new FileTree()
      if (known)
        tree.add('/proc/self/limits', `Max open files            ${limit}                 4096                 files\n`)
      for (let pid = 1; pid <= 500; pid += 1) tree.add(`/proc/${pid}/task/${pid}/patch_state`, '0\n')
      const whole = treeFs(() => tree, noLog)
      let open = 0
      const full = { ok: false as const, errno: 'EMFILE' }
      const fs: KernelFs = {
        ...whole,
        read: async (path) => (open < limit ? whole.read(path) : full),
        list: async (path) => (open < limit ? whole.list(path) : full),
        async hold(path) {
          if (open >= limit) return full
          const file = await whole.hold(path)
          if (!file.ok) return file
          open += 1
          const close = async () => {
            open -= 1
          }
          return { ok: true, value: { ...file.value, close } }
        },
      }
      const reader = createTaskStateReader(fs)
      for (let reading = 0; reading < 3; reading += 1) {
        expect(await reader.read()).toMatchObject({ total: 500, unreadable: 0, refusal: null })
        expect(open).toBe(most)
      }
      await reader.close()
      expect(open).toBe(0)
    },
  )

  test('with hidepid=2 the tasks of others are not there, and that is said', async () => {
    const tree = new FileTree()
    tree.add('/proc/191/task/191/patch_state', '0\n')
    const states = await createTaskStateReader(treeFs(() => tree, noLog)).read()
    expect(states).toMatchObject({ total: 2, unreadable: 1, refusal: { path: '/proc/1' } })
  })
})

test('T04 a name of any text stays text, cut to its bound, and a refused stack is unknown with its consequence', async () => {
  const tree = new FileTree()
  const path = '/proc/9/task/9'
  tree.add(`${path}/comm`, `<img src=x>\u001b[31m\u202e${'x'.repeat(99)}\n`)
  tree.add(`${path}/stat`, '9 (x) D 1 0 0 0 -1 0\n')
  tree.add(`${path}/stack`, { errno: 'EACCES' })
  const notes = startReading(treeFs(() => tree, noLog))
  const facts = await readTaskDetails(notes, { pid: 9, tid: 9 }, 'x86_64', holding, '2026-01-01T00:00:00.000Z')
  expect(facts?.comm).toHaveLength(64)
  expect(facts?.comm.startsWith('<img src=x>\u001b[31m\u202e')).toBe(true)
  expect(facts).toMatchObject({ stack: null, wchan: null, systemCall: null, cgroup: null })
  expect(notes.unreadable[0]?.consequence).toBe("without root the blocking tasks' stacks are not visible")
})
