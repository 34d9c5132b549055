// Goal: the agent's own code runs on a simulated kernel unchanged, and says of it what is so. Method: its observer and
// its readers on the kernel's files, both on one virtual time; each architecture's way to show tasks and functions.
import { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { describe, expect, test } from 'vitest'
import { parseEnabledFunctions } from '../../agent/kernel/enabled-functions.ts'
import { hasReplacement, readModuleSymbols } from '../../agent/kernel/kallsyms.ts'
import { parseTaskStack } from '../../agent/kernel/task-stack.ts'
import { parseTaskStat } from '../../agent/kernel/task-stat.ts'
import { parseTaskSystemCall } from '../../agent/kernel/task-syscall.ts'
import { createVirtualClock } from '../../agent/recorded/virtual-clock.ts'
import { createObserver } from '../../agent/watch/observer.ts'
import type { KernelFacts } from '../kernel/kernel-facts.ts'
import {
  facts,
  kernelUnderTest,
  livepatch,
  SECOND_US,
  sleeper,
  TARGET_MODULE,
  target,
  type UnderTest,
} from '../kernel/kernel-under-test.ts'

const WAIT = livepatch('lp_wait', { object: 'lptarget', name: 'lpt_wait' })

/** The observer, kept at the kernel's time in steps of 10 ms. */
const observe = async ({ kernel }: UnderTest) => {
  const virtual = createVirtualClock(kernel.facts.bootedAtMs)
  await virtual.advance(kernel.nowUs / 1_000)
  const fs = kernel.fs()
  const observer = createObserver({ fs, clock: virtual.clock, architecture: kernel.facts.architecture })
  const snapshots: Snapshot[] = []
  const samples: (readonly string[])[] = []
  const stop = new AbortController()
  const pass = async (us: number) => {
    for (const until = kernel.nowUs + us; kernel.nowUs < until; ) {
      kernel.advanceTo(kernel.nowUs + 10_000)
      await virtual.advance(kernel.nowUs / 1_000 - virtual.elapsedMs())
    }
  }
  const running = observer.run(
    {
      snapshot: (snapshot) => snapshots.push(Snapshot.parse(snapshot)),
      transition: (sample) => samples.push(sample?.blocking.map(({ comm }) => comm) ?? []),
    },
    stop.signal,
  )
  return {
    ...{ snapshots, samples, pass, observer },
    newest: () => snapshots.at(-1),
    async end() {
      stop.abort()
      await pass(SECOND_US)
      await running
    },
  }
}

describe('the observer', () => {
  test('reads a kernel, follows a stall from its log, names who holds it back, and sees it end', async () => {
    const under = kernelUnderTest()
    under.load(TARGET_MODULE)
    under.spawn(sleeper('killable'))
    const watch = await observe(under)
    await watch.pass(SECOND_US)
    expect(watch.newest()).toMatchObject({
      hostName: 'host-1',
      kernel: { release: '7.3.4', livepatchConfigured: true, reliableStackTraces: true, lockdown: 'none' },
      operatingSystem: { id: 'debian', versionId: '13' },
      ...{ livepatches: [], enabledFunctions: [], unreadable: [] },
    })
    under.kernel.finitModule(WAIT)
    await watch.pass(6 * SECOND_US)
    const stalled = watch.newest()
    expect(stalled?.livepatches).toMatchObject([{ name: 'lp_wait', enabled: true, transition: true }])
    expect(stalled?.transition?.blocking).toMatchObject([
      {
        ...{ comm: 'db-writer', state: 'D', wchan: 'lpt_wait', systemCall: 'read', unit: 'db-writer.service' },
        stack: [{ function: 'lpt_wait', module: 'lptarget', held: true }, { held: false }, { held: false }],
      },
    ])
    under.kernel.machine.signalEvent('release')
    await watch.pass(4 * SECOND_US)
    expect(watch.newest()?.livepatches).toMatchObject([{ name: 'lp_wait', enabled: true, transition: false }])
    expect(watch.newest()?.livepatchModules).toMatchObject([{ name: 'lp_wait', taint: 'OEK', refcnt: 1 }])
    expect(watch.newest()?.enabledFunctions).toMatchObject([{ name: 'lpt_wait', module: 'lptarget', ipModify: true }])
    expect(watch.newest()?.kernelEvents?.map(({ kind }) => kind)).toEqual([
      ...['enabling', 'transition_started', 'transition_completed'],
    ])
    expect(watch.samples).toContainEqual(['db-writer'])
    await watch.end()
  })

  test('names who would hold a patch back that is not loaded, once a minute, and not while a transition runs', async () => {
    const under = kernelUnderTest()
    under.load(TARGET_MODULE)
    under.spawn(sleeper('killable'))
    const watch = await observe(under)
    await watch.pass(SECOND_US)
    const functions = [{ object: 'lptarget', function: 'lpt_wait' }]
    const wanted = { id: 'a'.repeat(64), functions, replace: false, withinMs: 30_000 }
    const look = async () => {
      const answer = watch.observer.lookForTasks?.(wanted)
      await watch.pass(SECOND_US)
      return answer
    }
    const found = await look()
    expect(found).toMatchObject({
      sleeping: [{ ...functions[0], comm: 'db-writer', unit: 'db-writer.service', kernelThread: false }],
      ...{ sleepingTotal: 1, counts: [{ ...functions[0], tasks: 1 }], errno: null },
    })
    expect(found?.tasksRead).toBeGreaterThan(1)
    expect(await look(), 'just looked').toBeNull()
    await watch.pass(60 * SECOND_US)
    expect(await look()).toMatchObject({ sleepingTotal: 1 })
    await watch.pass(60 * SECOND_US)
    under.kernel.finitModule(WAIT)
    await watch.pass(SECOND_US)
    expect(await look(), 'a transition runs').toBeNull()
    under.kernel.machine.signalEvent('release')
    await watch.pass(60 * SECOND_US)
    expect(await look()).toMatchObject({ sleepingTotal: 0 })
    await watch.end()
  })

  test('tells a replacement: who superseded whom', async () => {
    const under = kernelUnderTest()
    const watch = await observe(under)
    under.kernel.finitModule(livepatch('lp_a'))
    await watch.pass(4 * SECOND_US)
    under.kernel.finitModule(livepatch('lp_r', { replace: true }))
    await watch.pass(6 * SECOND_US)
    expect(watch.newest()?.livepatches).toMatchObject([{ name: 'lp_r', replace: true, stackOrder: 1 }])
    expect(watch.newest()?.memory).toContainEqual(expect.objectContaining({ name: 'lp_a', supersededBy: 'lp_r' }))
    await watch.end()
  })
})

describe.each<[KernelFacts['architecture'], string, number]>([
  ['x86_64', 'entry_SYSCALL_64_after_hwframe', 0],
  ['ppc64le', 'system_call_vectored_common', 3],
  ['aarch64', 'el0t_64_sync', 63],
  ['s390x', 'system_call', 3],
])('on %s', (architecture, entry, number) => {
  const stalled = () => {
    const under = kernelUnderTest({ facts: facts({}, { architecture }) })
    under.load(TARGET_MODULE)
    const task = under.spawn(sleeper('killable'))
    under.load(WAIT)
    under.pass(2 * SECOND_US)
    return { ...under, file: (name: string) => under.read(`/proc/${task.pid}/task/${task.tid}/${name}`), task }
  }

  test('the agent finds the function that a task sleeps in, and its system call', async () => {
    const { file } = stalled()
    const stack = await file('stack')
    const frames = parseTaskStack(stack, {
      functions: [{ object: 'lptarget', name: 'lpt_wait' }],
      modules: new Set(['lp_wait']),
    })
    expect(frames[0]).toMatchObject({ function: 'lpt_wait', module: 'lptarget', held: true })
    expect(frames.at(-1)?.function).toBe(entry)
    expect(stack.includes('__switch_to+')).toBe(architecture === 'ppc64le')
    expect(await file('wchan')).toBe('lpt_wait')
    const systemCall = await file('syscall')
    expect(Number(systemCall.split(' ')[0])).toBe(number)
    expect(parseTaskSystemCall(systemCall, architecture, false)).toBe('read')
    expect(parseTaskStat(await file('stat'))).toEqual({ state: 'D', kernelThread: false })
  })

  test('a kernel thread is one to the agent', async () => {
    const { read } = stalled()
    const stat = parseTaskStat(await read('/proc/2/stat'))
    expect(stat).toEqual({ state: 'I', kernelThread: true })
    expect(parseTaskSystemCall(await read('/proc/2/syscall'), architecture, true)).toBeNull()
    expect(parseTaskStack(await read('/proc/2/stack'), { functions: [], modules: new Set() }).at(0)).toBeDefined()
  })

  test('the patched function is one that the agent recognizes in ftrace and in the symbols', async () => {
    const { read, kernel, write, pass } = stalled()
    const functions = parseEnabledFunctions(await read('/sys/kernel/tracing/enabled_functions'))
    expect(functions).toMatchObject([{ name: 'lpt_wait', module: 'lptarget', count: 1, ipModify: true }])
    const symbols = await readModuleSymbols(kernel.fs(), 'lp_wait')
    expect(hasReplacement(symbols ?? new Set(), 'lpt_wait')).toBe(true)
    write('/sys/kernel/livepatch/lp_wait/enabled', '0')
    pass(3 * SECOND_US)
    expect(await read('/sys/kernel/tracing/enabled_functions')).toBe('')
    const touched = parseEnabledFunctions(await read('/sys/kernel/tracing/touched_functions'))
    expect(touched).toMatchObject([{ name: target.name, count: 0, ipModify: false }])
  })
})

describe('a descriptor that is held', () => {
  test('answers ESRCH when its task is gone, ENODEV when its patch is', async () => {
    const { kernel, load, pass, spawn, write } = kernelUnderTest()
    load(livepatch('lp_a'))
    pass(2 * SECOND_US)
    const { pid } = spawn(sleeper('killable'))
    load(TARGET_MODULE)
    const held = await Promise.all(
      [`/proc/${pid}/task/${pid}/patch_state`, '/sys/kernel/livepatch/lp_a/enabled'].map((path) =>
        kernel.fs().hold(path),
      ),
    )
    const readAll = () => Promise.all(held.map((file) => (file.ok ? file.value.read() : file)))
    expect(await readAll()).toEqual([
      { ok: true, value: '-1\n' },
      { ok: true, value: '1\n' },
    ])
    kernel.machine.signalEvent('release')
    write('/sys/kernel/livepatch/lp_a/enabled', '0')
    pass(3 * SECOND_US)
    expect(await readAll()).toEqual([
      { ok: false, errno: 'ESRCH' },
      { ok: false, errno: 'ENODEV' },
    ])
  })
})

describe('a kernel at rest', () => {
  test('has nothing due, however long it stands, and wakes for a transition', async () => {
    const { kernel, load, read } = kernelUnderTest()
    kernel.keepTasksRunning(false)
    kernel.advanceTo(kernel.nowUs + 3 * SECOND_US)
    expect(kernel.nextUs()).toBeUndefined()
    kernel.advanceTo(1e12)
    expect(await read('/proc/uptime')).toMatch(/^1000000\.00 /)
    load(livepatch('lp_a'))
    kernel.advanceTo(kernel.nowUs + 6 * SECOND_US)
    expect(await read('/sys/kernel/livepatch/lp_a/transition')).toBe('0\n')
    expect(kernel.nextUs()).toBeUndefined()
  })

  test('modes are those of a kernel', () => {
    const { kernel, load } = kernelUnderTest()
    load(livepatch('lp_a'))
    const modes = ['', '/enabled', '/force', '/transition', '/replace', '/stack_order', '/vmlinux', '/vmlinux/patched']
    expect(modes.map((name) => kernel.modeOf(`/sys/kernel/livepatch/lp_a${name}`)?.toString(8))).toEqual([
      ...['755', '644', '200', '444', '444', '444', '755', '444'],
    ])
    expect(kernel.modeOf('/sys/kernel/livepatch/lp_b')).toBeNull()
  })
})
