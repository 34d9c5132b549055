// Goal: a transition starts, stalls, is signalled, forced and turned round as on a real kernel. Method: small modules and
// sleeping tasks on a simulated kernel; what its files, its log and its tasks say at each moment.
import { describe, expect, test } from 'vitest'
import {
  facts,
  kernelUnderTest,
  livepatch,
  MS,
  SECOND_US,
  sleeper,
  TARGET_MODULE,
  target,
} from '../kernel/kernel-under-test.ts'
import type { Body } from '../kernel/program.ts'
import { nextPassUs } from './transition.ts'

const ENABLED = '/sys/kernel/livepatch/lp_wait/enabled'
const TRANSITION = '/sys/kernel/livepatch/lp_wait/transition'
const FORCE = '/sys/kernel/livepatch/lp_wait/force'
const patch = livepatch('lp_wait', { object: 'lptarget', name: 'lpt_wait' })

const stalled = (kind: Parameters<typeof sleeper>[0], more: Parameters<typeof sleeper>[1] = {}) => {
  const under = kernelUnderTest()
  under.load(TARGET_MODULE)
  const task = under.spawn(sleeper(kind, more))
  expect(under.load(patch)).toBeNull()
  return { ...under, task }
}

describe('with nothing in the way', () => {
  test('each state is passed in the order of a kernel, in and out', async () => {
    const { kernel, states, said, write, pass } = kernelUnderTest()
    await said()
    const loading = kernel.finitModule(livepatch('lp_simple'))
    const tasks = kernel.machine.tasks.size
    expect(await states('lp_simple', kernel.nowUs + 3 * SECOND_US)).toEqual([
      `ENOENT ENOENT ${tasks}/0/0`,
      `0 0 ${tasks}/0/0`,
      `0 1 0/${tasks}/0`,
      `1 1 0/0/${tasks}`,
      `1 1 ${tasks}/0/0`,
      `1 0 ${tasks}/0/0`,
    ])
    expect(loading).toMatchObject({ done: true, errno: null })
    expect((await said()).slice(-3)).toEqual([
      "livepatch: enabling patch 'lp_simple'",
      "livepatch: 'lp_simple': starting patching transition",
      "livepatch: 'lp_simple': patching complete",
    ])
    const leaving = kernel.writeFile('/sys/kernel/livepatch/lp_simple/enabled', '0\n')
    const out = await states('lp_simple', kernel.nowUs + 3 * SECOND_US)
    expect(out.at(0)).toBe(`1 1 0/0/${tasks}`)
    expect(out.slice(-3)).toEqual([`0 1 ${tasks}/0/0`, `0 0 ${tasks}/0/0`, `ENOENT ENOENT ${tasks}/0/0`])
    expect(leaving).toMatchObject({ done: true, errno: null })
    expect(await said()).toEqual([
      "livepatch: 'lp_simple': starting unpatching transition",
      "livepatch: 'lp_simple': unpatching complete",
    ])
    pass(SECOND_US)
    expect(write('/sys/kernel/livepatch/lp_simple/enabled', '1\n')).toBe('ENOENT')
  })

  test('the function answers in its new version only while the patch is in', async () => {
    const { load, write, read, unload, pass } = kernelUnderTest()
    const before = await read('/proc/cmdline')
    load(livepatch('lp_simple', { text: 'patched\n' }))
    expect(await read('/proc/cmdline')).toBe('patched\n')
    write('/sys/kernel/livepatch/lp_simple/enabled', '0')
    pass(2 * SECOND_US)
    expect(await read('/proc/cmdline')).toBe(before)
    expect(unload('lp_simple')).toBeNull()
    expect(await read('/sys/module/lp_simple/refcnt')).toBe('ENOENT')
  })
})

describe('a task that sleeps in the old function', () => {
  test('killable: holds the patch back beyond the signal, until it leaves', async () => {
    const { task, read, pass, said, kernel, facts: told } = stalled('killable')
    pass(20 * SECOND_US)
    expect([await read(ENABLED), await read(TRANSITION), task.patchState]).toEqual(['1\n', '1\n', 0])
    expect((await said()).at(-1)).toBe('livepatch: signaling remaining tasks')
    expect(told.filter(({ kind }) => kind === 'signalled')).toHaveLength(1)
    expect(told).toContainEqual({
      ...{ kind: 'blocked', tid: task.tid, comm: 'db-writer', function: 'lptarget,lpt_wait,1' },
      why: 'is sleeping on function lpt_wait',
    })
    kernel.machine.signalEvent('release')
    pass(2 * SECOND_US)
    expect(await read(TRANSITION)).toBe('0\n')
  })

  test('interruptible: goes over by the signal, 14.75 to 15.75 s after the start, into the new function', async () => {
    const { task, kernel, said, pass, read, facts: told } = stalled('interruptible')
    const startedUs = kernel.nowUs
    await said()
    while ((await said()).length === 0) kernel.advanceTo(kernel.nextUs() ?? 0)
    expect(kernel.nowUs - startedUs).toBeGreaterThan(14.7 * SECOND_US)
    expect(kernel.nowUs - startedUs).toBeLessThan(15.8 * SECOND_US)
    expect(kernel.nowUs % SECOND_US).toBeLessThan(SECOND_US / 100)
    pass(2 * SECOND_US)
    expect(await read(TRANSITION)).toBe('0\n')
    expect(told).toContainEqual({ kind: 'switched', tid: task.tid, how: 'kernel_exit' })
    expect(task.frames.flatMap(({ call }) => call?.code.patch ?? [])).toEqual(['lp_wait'])
  })

  test('uninterruptible: SIGKILL does not free it', async () => {
    const { task, kernel, pass, read } = stalled('uninterruptible')
    kernel.machine.kill(task, 'SIGKILL')
    pass(3 * SECOND_US)
    expect([task.state, await read(TRANSITION)]).toEqual(['uninterruptible', '1\n'])
  })

  test('killable: SIGKILL frees it', async () => {
    const { task, kernel, pass, read } = stalled('killable')
    kernel.machine.kill(task, 'SIGKILL')
    pass(3 * SECOND_US)
    expect([task.state, await read(TRANSITION)]).toEqual(['dead', '0\n'])
  })

  test('a kernel thread is woken, and sleeps on', async () => {
    const sleep: Body = [{ do: 'loop', body: [{ do: 'sleep', kind: 'interruptible', event: 'release' }] }]
    const program: Body = [{ do: 'call', function: target, body: sleep }]
    const { task, pass, read } = stalled('interruptible', { comm: 'lpt_flush/0', kind: 'kernel', program })
    pass(40 * SECOND_US)
    expect([task.state, task.patchState, await read(TRANSITION)]).toEqual(['interruptible', 0, '1\n'])
  })
})

describe('turning round', () => {
  test('a stalled patch goes out again, in two seconds, and its directory with it', async () => {
    const { write, said, states, kernel, task } = stalled('uninterruptible')
    await said()
    expect(write(ENABLED, '0\n')).toBeNull()
    expect(await said()).toEqual(["livepatch: 'lp_wait': starting unpatching transition"])
    const seen = await states('lp_wait', kernel.nowUs + 2 * SECOND_US)
    expect(seen.at(0)).toMatch(/^0 1 /)
    expect(seen.at(-1)).toMatch(/^ENOENT ENOENT /)
    expect(task.state).toBe('uninterruptible')
  })

  test('as often as one likes, and it stalls again where the task still sleeps', async () => {
    const { write, pass, read, said } = stalled('killable')
    for (const value of ['0', '1', '0', '1']) expect(write(ENABLED, value)).toBeNull()
    pass(5 * SECOND_US)
    expect([await read(ENABLED), await read(TRANSITION)]).toEqual(['1\n', '1\n'])
    expect((await said()).filter((text) => text.includes('starting'))).toHaveLength(5)
  })

  test('on the way out a task in the new function holds it back', async () => {
    const { load, write, pass, read, spawn } = kernelUnderTest()
    load(TARGET_MODULE)
    load(patch)
    pass(2 * SECOND_US)
    const task = spawn(sleeper('killable'))
    expect(write(ENABLED, '0')).toBeNull()
    pass(5 * SECOND_US)
    expect([await read(ENABLED), await read(TRANSITION), task.patchState]).toEqual(['0\n', '1\n', 1])
    expect(await read(`/proc/${task.pid}/stack`)).toMatch(/^\[<0>\] livepatch_lpt_wait\+\S+ \[lp_wait\]\n/)
  })
})

describe('force', () => {
  test('in: the next pass completes, and the module is not pinned', async () => {
    const { write, said, pass, read, unload } = stalled('uninterruptible')
    await said()
    expect(write(FORCE, '1')).toBeNull()
    expect(await read(TRANSITION)).toBe('1\n')
    pass(2 * SECOND_US)
    expect(await said()).toEqual([
      'livepatch: forcing remaining tasks to the patched state',
      "livepatch: 'lp_wait': patching complete",
    ])
    expect(write(ENABLED, '0')).toBeNull()
    pass(2 * SECOND_US)
    expect(unload('lp_wait')).toBeNull()
  })

  test('out: the directory goes, the module stays for good', async () => {
    const { load, write, pass, read, spawn, unload, said, kernel } = kernelUnderTest()
    load(TARGET_MODULE)
    load(patch)
    pass(2 * SECOND_US)
    const task = spawn(sleeper('uninterruptible'))
    write(ENABLED, '0')
    expect(write(FORCE, '1')).toBeNull()
    pass(2 * SECOND_US)
    expect((await said()).slice(-2)).toEqual([
      'livepatch: forcing remaining tasks to the patched state',
      "livepatch: 'lp_wait': unpatching complete",
    ])
    expect(await read(ENABLED)).toBe('ENOENT')
    expect([unload('lp_wait'), load(patch), await read('/sys/module/lp_wait/refcnt')]).toEqual([
      'EAGAIN',
      'EEXIST',
      '1\n',
    ])
    expect(await read(`/proc/${task.pid}/stack`)).toContain('livepatch_lpt_wait')
    kernel.machine.signalEvent('release')
    pass(SECOND_US)
    expect(task.state).toBe('dead')
  })

  test('takes 0 for nothing', () => {
    const { write } = stalled('killable')
    expect([write(FORCE, '0'), write(FORCE, 'x')]).toEqual([null, 'EINVAL'])
  })
})

describe('what a task is', () => {
  const busy: Body = [{ do: 'loop', body: [{ do: 'run', us: 50 * MS }] }]

  test('one that computes in user mode goes over at its next timer interrupt', () => {
    const { spawn, load, pass, facts: told } = kernelUnderTest()
    const task = spawn({ comm: 'compute', kind: 'user', program: busy })
    load(livepatch('lp_simple'))
    pass(5 * MS)
    expect(told).toContainEqual({ kind: 'switched', tid: task.tid, how: 'kernel_exit' })
  })

  test('one that never leaves the kernel holds the patch back; in cond_resched it goes over where the kernel lets it', async () => {
    const program: Body = [{ do: 'loop', body: [{ do: 'run', us: 5 * MS }, { do: 'cond_resched' }] }]
    const plan = { comm: 'scrub', kind: 'kernel' as const, program }
    const without = kernelUnderTest({ tasks: [plan] })
    without.load(livepatch('lp_simple'))
    without.pass(3 * SECOND_US)
    expect(await without.read('/sys/kernel/livepatch/lp_simple/transition')).toBe('1\n')
    expect(without.facts).toContainEqual(expect.objectContaining({ comm: 'scrub', why: 'is running' }))
    const checks = kernelUnderTest({ tasks: [plan], facts: facts({ switchesInCondResched: true }) })
    checks.load(livepatch('lp_simple'))
    checks.pass(3 * SECOND_US)
    expect(await checks.read('/sys/kernel/livepatch/lp_simple/transition')).toBe('0\n')
  })

  test('one that is forked meanwhile has its parent’s state, before it first runs', () => {
    const child: Body = [{ do: 'system_call', name: 'read', body: [{ do: 'call', function: target, body: [] }] }]
    const parent: Body = [
      {
        ...{ do: 'system_call', name: 'clone' },
        body: [
          {
            ...{ do: 'call', function: target },
            body: [
              { do: 'sleep', kind: 'killable', event: 'go' },
              { do: 'fork', child: { comm: 'child', kind: 'user', program: child } },
              { do: 'sleep', kind: 'killable', event: 'release' },
            ],
          },
        ],
      },
    ]
    const under = kernelUnderTest()
    under.load(TARGET_MODULE)
    const task = under.spawn({ comm: 'parent', kind: 'user', program: parent })
    under.load(patch)
    const called: (string | null)[] = []
    under.kernel.machine.onTrace = (event) => {
      if (event.kind === 'called') called.push(event.patch)
    }
    under.kernel.machine.signalEvent('go')
    under.pass(10 * MS)
    expect([task.patchState, called]).toEqual([0, [null]])
  })

  test('one whose stack can not be trusted holds the patch back, though it sleeps elsewhere, until it leaves the kernel', async () => {
    const {
      load,
      pass,
      read,
      spawn,
      facts: told,
      kernel,
    } = kernelUnderTest({
      isStackReliable: ({ comm }) => comm !== 'db-writer',
    })
    const { tid } = spawn(sleeper('killable'))
    load(livepatch('lp_simple'))
    pass(3 * SECOND_US)
    expect(told).toContainEqual({
      ...{ kind: 'blocked', tid, comm: 'db-writer', function: null, why: 'has an unreliable stack' },
    })
    kernel.machine.signalEvent('release')
    pass(2 * SECOND_US)
    expect(await read('/sys/kernel/livepatch/lp_simple/transition')).toBe('0\n')
  })

  test('without reliable stacks only the way out of the kernel switches, and kernel threads never do', async () => {
    const { load, pass, read, said } = kernelUnderTest({ facts: facts({ reliableStacks: false }) })
    load(livepatch('lp_simple'))
    pass(20 * SECOND_US)
    expect(await read('/sys/kernel/livepatch/lp_simple/transition')).toBe('1\n')
    expect((await said()).join()).toContain("doesn't have support for the livepatch consistency model")
  })
})

test('passes come on whole seconds, 0.75 to 1.75 s after the last', () => {
  expect([0, 0.2, 0.25, 0.9].map((second) => nextPassUs((10 + second) * SECOND_US) / SECOND_US)).toEqual([
    11, 11, 12, 12,
  ])
})
