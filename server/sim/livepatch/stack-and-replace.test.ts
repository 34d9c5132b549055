// Goal: patches stand upon each other, replace each other, follow modules that come and go, and call back, as on a real
// kernel. Method: small modules on a simulated kernel; what files and log say.
import { describe, expect, test } from 'vitest'
import { facts, kernelUnderTest, livepatch, SECOND_US, sleeper, TARGET_MODULE } from '../kernel/kernel-under-test.ts'

const path = (patch: string, file: string) => `/sys/kernel/livepatch/${patch}/${file}`
const A = livepatch('lp_a', { text: 'a\n' })
const B = livepatch('lp_b', { text: 'b\n' })
const C = livepatch('lp_c', { text: 'c\n' })
const MEMINFO = livepatch('lp_meminfo', { name: 'meminfo_proc_show', text: 'meminfo\n' })
const R = livepatch('lp_r', { text: 'r\n', replace: true })
const R_TARGET = livepatch('lp_r_target', { object: 'lptarget', name: 'lpt_wait', replace: true })

describe('stacked patches', () => {
  test('the latest answers; any can go, in any order; the others move down', async () => {
    const { load, write, pass, read } = kernelUnderTest()
    for (const image of [A, B, C]) {
      load(image)
      pass(2 * SECOND_US)
    }
    const order = () => Promise.all(['lp_a', 'lp_b', 'lp_c'].map((name) => read(path(name, 'stack_order'))))
    expect([await read('/proc/cmdline'), await order()]).toEqual(['c\n', ['1\n', '2\n', '3\n']])
    write(path('lp_b', 'enabled'), '0')
    pass(2 * SECOND_US)
    expect([await read('/proc/cmdline'), await order()]).toEqual(['c\n', ['1\n', 'ENOENT', '2\n']])
    write(path('lp_c', 'enabled'), '0')
    pass(2 * SECOND_US)
    expect(await read('/proc/cmdline')).toBe('a\n')
  })

  test('two patches of one function are one line in enabled_functions', async () => {
    const { load, pass, read } = kernelUnderTest()
    load(A)
    pass(2 * SECOND_US)
    load(B)
    pass(2 * SECOND_US)
    const lines = (await read('/sys/kernel/tracing/enabled_functions')).trimEnd().split('\n')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^cmdline_proc_show \(1\) {3}I {5}M \ttramp: /)
  })
})

describe('a cumulative patch', () => {
  test('replaces all earlier ones at its end: their enabled drops, they vanish, their modules can go', async () => {
    const { kernel, load, pass, read, states, unload, names } = kernelUnderTest()
    load(A)
    load(MEMINFO)
    pass(2 * SECOND_US)
    const meminfo = await read('/proc/meminfo')
    kernel.finitModule(R)
    const seen = (await states('lp_a', kernel.nowUs + 3 * SECOND_US)).map((state) => state.split(' ')[0])
    expect([...new Set(seen)]).toEqual(['1', '0', 'ENOENT'])
    expect(await names('/sys/kernel/livepatch')).toBe('lp_r/')
    expect([meminfo, await read('/proc/cmdline')]).toEqual(['meminfo\n', 'r\n'])
    expect(await read('/proc/meminfo')).toMatch(/^MemTotal/)
    expect([unload('lp_a'), unload('lp_meminfo'), unload('lp_r')]).toEqual([null, null, 'EAGAIN'])
  })

  test('lists what it replaces while it changes; reversed, it leaves them in force', async () => {
    const { load, pass, read, spawn, write, names } = kernelUnderTest()
    load(TARGET_MODULE)
    load(A)
    pass(2 * SECOND_US)
    spawn(sleeper('killable'))
    load(R_TARGET)
    pass(2 * SECOND_US)
    expect(await names(path('lp_r_target', 'vmlinux'))).toBe('patched cmdline_proc_show,1/')
    expect([await read(path('lp_a', 'enabled')), write(path('lp_a', 'enabled'), '0')]).toEqual(['1\n', 'EBUSY'])
    write(path('lp_r_target', 'enabled'), '0')
    pass(2 * SECOND_US)
    expect([await names('/sys/kernel/livepatch'), await read('/proc/cmdline')]).toEqual(['lp_a/', 'a\n'])
  })

  test('forced, it pins those that it replaces; taken out later, it does not bring them back', async () => {
    const { load, pass, read, spawn, write, unload } = kernelUnderTest()
    load(TARGET_MODULE)
    load(A)
    pass(2 * SECOND_US)
    spawn(sleeper('uninterruptible'))
    load(R_TARGET)
    write(path('lp_r_target', 'force'), '1')
    pass(2 * SECOND_US)
    expect([await read(path('lp_a', 'enabled')), unload('lp_a')]).toEqual(['ENOENT', 'EAGAIN'])
    write(path('lp_r_target', 'enabled'), '0')
    pass(2 * SECOND_US)
    expect(await read('/proc/cmdline')).toMatch(/^BOOT_IMAGE/)
    expect(unload('lp_r_target')).toBeNull()
  })
})

describe('a patched module', () => {
  const wait = livepatch('lp_wait', { object: 'lptarget', name: 'lpt_wait' })

  test('comes and goes while the patch stays', async () => {
    const { load, unload, pass, read, said } = kernelUnderTest()
    load(wait)
    pass(2 * SECOND_US)
    expect(await read(path('lp_wait', 'lptarget/patched'))).toBe('0\n')
    await said()
    load(TARGET_MODULE)
    expect(await read(path('lp_wait', 'lptarget/patched'))).toBe('1\n')
    expect(await read('/sys/kernel/tracing/touched_functions')).toMatch(/^lpt_wait \[lptarget\] \(1\)/)
    expect(unload('lptarget')).toBeNull()
    expect(await read(path('lp_wait', 'lptarget/patched'))).toBe('0\n')
    expect(await read('/sys/kernel/tracing/touched_functions')).toBe('')
    expect(await said()).toEqual([
      "livepatch: applying patch 'lp_wait' to loading module 'lptarget'",
      "livepatch: reverting patch 'lp_wait' on unloading module 'lptarget'",
    ])
  })

  test('that lacks the function is refused', async () => {
    const { load, pass, said } = kernelUnderTest()
    load(livepatch('lp_no', { object: 'lptarget', name: 'lpt_gone' }))
    pass(2 * SECOND_US)
    await said()
    expect(load(TARGET_MODULE)).toBe('EINVAL')
    expect(await said()).toEqual([
      "livepatch: symbol 'lpt_gone' not found in symbol table",
      "livepatch: failed to initialize patch 'lp_no' for module 'lptarget' (-22)",
      "livepatch: patch 'lp_no' failed for module 'lptarget', refusing to load module 'lptarget'",
    ])
  })

  test('joins a transition that runs', async () => {
    const { load, pass, spawn, read, kernel } = kernelUnderTest()
    const both = livepatch('lp_both', { object: 'lptarget', name: 'lpt_wait' })
    load(TARGET_MODULE)
    spawn(sleeper('killable'))
    const second = { ...TARGET_MODULE, name: 'lptarget2', functions: ['lpt2_answer'] }
    const objects = [
      ...(both.livepatch?.objects ?? []),
      { name: 'lptarget2', functions: [{ name: 'lpt2_answer', sympos: 0 }] },
    ]
    load({ ...both, livepatch: { marked: true, replace: false, states: [], objects } })
    load(second)
    expect(await read(path('lp_both', 'lptarget2/patched'))).toBe('1\n')
    kernel.machine.signalEvent('release')
    pass(2 * SECOND_US)
    expect(await read(path('lp_both', 'transition'))).toBe('0\n')
  })
})

describe('callbacks', () => {
  const calls: string[] = []
  const callbacks = {
    prePatch: () => {
      calls.push('pre_patch')
      return 0
    },
    postPatch: () => void calls.push('post_patch'),
    preUnpatch: () => void calls.push('pre_unpatch'),
    postUnpatch: () => void calls.push('post_unpatch'),
  }

  test('are called once each, in order', () => {
    const { load, pass, write } = kernelUnderTest()
    calls.length = 0
    load(livepatch('lp_callbacks', { callbacks }))
    pass(2 * SECOND_US)
    expect(calls).toEqual(['pre_patch', 'post_patch'])
    write(path('lp_callbacks', 'enabled'), '0')
    pass(2 * SECOND_US)
    expect(calls).toEqual(['pre_patch', 'post_patch', 'pre_unpatch', 'post_unpatch'])
  })

  test('of a replaced patch are not called when it goes out', () => {
    const { load, pass } = kernelUnderTest()
    calls.length = 0
    load(livepatch('lp_callbacks', { callbacks }))
    pass(2 * SECOND_US)
    load(R)
    pass(2 * SECOND_US)
    expect(calls).toEqual(['pre_patch', 'post_patch'])
  })

  test('a pre_patch that refuses cancels all', async () => {
    const { load, said, read } = kernelUnderTest()
    calls.length = 0
    const refuses = livepatch('lp_no', { callbacks: { ...callbacks, prePatch: () => -19 } })
    expect(load(refuses)).toBe('ENODEV')
    expect(calls).toEqual([])
    expect((await said()).slice(-4)).toEqual([
      "livepatch: enabling patch 'lp_no'",
      "livepatch: pre-patch callback failed for object 'vmlinux'",
      "livepatch: failed to enable patch 'lp_no'",
      "livepatch: 'lp_no': unpatching complete",
    ])
    expect([await read(path('lp_no', 'enabled')), await read('/sys/module/lp_no/refcnt')]).toEqual(['ENOENT', 'ENOENT'])
  })

  test('of a module that a pre_patch refuses: it is not loaded, the patch stays', async () => {
    const { load, pass, read } = kernelUnderTest()
    load(livepatch('lp_no', { object: 'lptarget', name: 'lpt_wait', callbacks: { ...callbacks, prePatch: () => -19 } }))
    pass(2 * SECOND_US)
    calls.length = 0
    expect(load(TARGET_MODULE)).toBe('ENODEV')
    expect([calls, await read(path('lp_no', 'enabled'))]).toEqual([[], '1\n'])
  })
})

describe('system states', () => {
  const state = (name: string, version: number) => livepatch(name, { replace: true, states: [{ id: 1, version }] })

  test('may be taken over by the same or a newer version only', async () => {
    const { load, pass, said } = kernelUnderTest()
    const results = ['lp_1', 'lp_1b', 'lp_2'].map((name, index) => {
      const errno = load(state(name, index === 2 ? 2 : 1))
      pass(2 * SECOND_US)
      return errno
    })
    expect(results).toEqual([null, null, null])
    await said()
    expect([load(state('lp_old', 1)), load(livepatch('lp_none', { replace: true }))]).toEqual(['EINVAL', 'EINVAL'])
    expect((await said())[0]).toBe(
      'livepatch: Livepatch patch (lp_old) is not compatible with the already installed livepatches.',
    )
    expect(load(livepatch('lp_plain'))).toBeNull()
  })
})

describe('ftrace', () => {
  test('another user of the function excludes a patch of it', async () => {
    const { kernel, load, said } = kernelUnderTest()
    const probed = { object: 'vmlinux', name: 'cmdline_proc_show', sympos: 1 }
    expect(kernel.redirectFunction(probed)).toBeNull()
    expect(load(A)).toBe('EBUSY')
    expect((await said()).slice(-4)).toEqual([
      "livepatch: failed to register ftrace handler for function 'cmdline_proc_show' (-16)",
      "livepatch: failed to patch object 'vmlinux'",
      "livepatch: failed to enable patch 'lp_a'",
      "livepatch: 'lp_a': unpatching complete",
    ])
    kernel.releaseFunction(probed)
    expect([load(A), kernel.redirectFunction(probed)]).toEqual([null, 'EBUSY'])
  })

  test('switched off, it refuses patches; with a patch in, it can not be switched off', () => {
    const { load, write } = kernelUnderTest({ facts: facts({ ftraceSwitch: 'honoured' }) })
    const ftrace = '/proc/sys/kernel/ftrace_enabled'
    expect([write(ftrace, '0\n'), load(A), write(ftrace, '1\n'), load(A), write(ftrace, '0\n')]).toEqual([
      ...[null, 'EBUSY', null, null, 'EBUSY'],
    ])
  })
})
