// Goal: every refusal has the errno and the words of a real kernel, and leaves nothing behind. Method: each on a small
// simulated kernel.
import { describe, expect, test } from 'vitest'
import { facts, kernelUnderTest, livepatch, SECOND_US, sleeper, TARGET_MODULE } from './kernel-under-test.ts'
import type { ModuleImage } from './module-image.ts'

const SIMPLE = livepatch('lp_simple')
const ENABLED = '/sys/kernel/livepatch/lp_simple/enabled'

const loaded = () => {
  const under = kernelUnderTest()
  under.load(SIMPLE)
  under.pass(2 * SECOND_US)
  return under
}

describe('finit_module', () => {
  test.each<[string, Partial<ModuleImage>, string, number]>([
    ['no ELF', { defect: 'not_elf', defectText: 'Invalid ELF header len 21' }, 'ENOEXEC', 0],
    ['a wrong vermagic', { defect: 'vermagic', defectText: "lp: version magic 'a' should be 'b'" }, 'ENOEXEC', 0],
    [
      'an undefined symbol, which taints all the same',
      { defect: 'undefined_symbol', defectText: 'lp: Unknown symbol x (err -2)' },
      'ENOENT',
      45_056,
    ],
  ])('refuses %s', async (_, module, errno, tainted) => {
    const { load, said, read } = kernelUnderTest()
    expect(load(livepatch('lp', { module }))).toBe(errno)
    expect((await said()).at(-1)).toBe(module.defectText)
    expect([await read('/proc/modules'), await read('/proc/sys/kernel/tainted')]).toEqual(['', `${tainted}\n`])
  })

  test.each([
    ['an unknown function', livepatch('lp', { name: 'nobody' }), "symbol 'nobody' not found in symbol table"],
    [
      'an ambiguous one',
      livepatch('lp', { object: 'lptarget', name: 'lpt_dup' }),
      "unresolvable ambiguity for symbol 'lpt_dup' in object 'lptarget'",
    ],
    [
      'a position that does not exist',
      livepatch('lp', { object: 'lptarget', name: 'lpt_dup', sympos: 3 }),
      "symbol position '3' for symbol 'lpt_dup' in object 'lptarget' not found",
    ],
    ['no livepatch mark', livepatch('lp', { marked: false }), 'module lp is not marked as a livepatch module'],
  ])('refuses %s', async (_, image, text) => {
    const { load, said, names, read } = kernelUnderTest()
    load(TARGET_MODULE)
    expect(load(image)).toBe('EINVAL')
    expect((await said()).at(-1)).toBe(`livepatch: ${text}`)
    expect([await names('/sys/kernel/livepatch'), await read('/sys/module/lp/refcnt')]).toEqual(['', 'ENOENT'])
  })

  test('one of two functions of a name is taken by its position', async () => {
    const { load, names } = kernelUnderTest()
    load(TARGET_MODULE)
    expect(load(livepatch('lp', { object: 'lptarget', name: 'lpt_dup', sympos: 2 }))).toBeNull()
    expect(await names('/sys/kernel/livepatch/lp/lptarget')).toBe('patched lpt_dup,2/')
  })

  test('refuses what is loaded, and whatever comes during a transition', async () => {
    const { load, spawn, said, names } = kernelUnderTest()
    load(TARGET_MODULE)
    expect(load(TARGET_MODULE)).toBe('EEXIST')
    spawn(sleeper('killable'))
    load(livepatch('lp_wait', { object: 'lptarget', name: 'lpt_wait' }))
    await said()
    expect([load(SIMPLE), await said()]).toEqual(['EBUSY', []])
    expect(await names('/sys/kernel/livepatch')).toBe('lp_wait/')
  })

  test('warns of a parameter that is not there, and shows those that are', async () => {
    const { load, said, read, write } = kernelUnderTest()
    expect(load(SIMPLE, { no_such: '1', hold: '1' })).toBeNull()
    expect(await said()).toContain("lp_simple: unknown parameter 'no_such' ignored")
    const hold = '/sys/module/lp_simple/parameters/hold'
    expect([await read(hold), write(hold, '0\n'), await read(hold)]).toEqual(['1\n', null, '0\n'])
  })

  test('asks for signatures under lockdown, when they are enforced, and for nothing at all when it is off', async () => {
    const { load, write, said, unload, read } = loaded()
    const other = livepatch('lp_other')
    await said()
    expect([write('/sys/kernel/security/lockdown', 'integrity\n'), load(other)]).toEqual([null, 'EPERM'])
    expect(write('/sys/kernel/security/lockdown', 'none\n')).toBe('EPERM')
    expect([write('/sys/module/module/parameters/sig_enforce', '1\n'), load(other)]).toEqual([null, 'EKEYREJECTED'])
    expect(await said()).toEqual([
      'Kernel is locked down from securityfs; see man kernel_lockdown.7',
      'Lockdown: insmod: unsigned module loading is restricted; see man kernel_lockdown.7',
      'Loading of unsigned module is rejected',
    ])
    const functions = '/sys/kernel/tracing/enabled_functions'
    expect(await read(functions)).toContain('cmdline_proc_show')
    expect([write('/sys/kernel/security/lockdown', 'confidentiality'), await read(functions)]).toEqual([null, 'EPERM'])
    const disabled = '/proc/sys/kernel/modules_disabled'
    expect([write(disabled, '1'), write(disabled, '0'), await read(disabled)]).toEqual([null, 'EINVAL', '1\n'])
    expect([load(livepatch('lp_signed', { module: { signed: true } })), unload('lp_simple')]).toEqual([
      'EPERM',
      'EPERM',
    ])
  })
})

describe('delete_module', () => {
  test('refuses what is not there, and what is in use', () => {
    const { unload } = loaded()
    expect([unload('lp_nothing'), unload('lp_simple')]).toEqual(['ENOENT', 'EAGAIN'])
  })
})

describe('writing', () => {
  test.each(['1', 'y\n', '2', '-1', 'abc', '\n', ' 0', 'o'])('%j to enabled of an enabled patch is EINVAL', (text) => {
    expect(loaded().write(ENABLED, text)).toBe('EINVAL')
  })

  test.each(['0', '0\n', '00', '0x', 'n', 'No', 'off'])('%j takes it out', async (text) => {
    const { write, pass, read } = loaded()
    expect(write(ENABLED, text)).toBeNull()
    pass(2 * SECOND_US)
    expect(await read(ENABLED)).toBe('ENOENT')
  })

  test('what is not there, not writable, not in transition, or nothing at all', async () => {
    const { write, read } = loaded()
    const file = (name: string) => `/sys/kernel/livepatch/lp_simple/${name}`
    expect([
      ...[write(file('enabled'), ''), write(file('force'), '1'), write(file('force'), '0')],
      ...[write(file('transition'), '1'), await read(file('force')), write('/sys/kernel/livepatch/no/enabled', '0')],
    ]).toEqual([null, 'EINVAL', null, 'EACCES', 'EACCES', 'ENOENT'])
  })

  test('another patch while one is in transition is EBUSY; the same value in a transition EINVAL', () => {
    const { write, spawn, load } = loaded()
    load(TARGET_MODULE)
    spawn(sleeper('killable'))
    load(livepatch('lp_wait', { object: 'lptarget', name: 'lpt_wait' }))
    const waits = '/sys/kernel/livepatch/lp_wait'
    expect([write(ENABLED, '0'), write(`${waits}/enabled`, '1')]).toEqual(['EBUSY', 'EINVAL'])
    expect(write('/sys/kernel/livepatch/lp_simple/force', '1')).toBe('EINVAL')
  })

  test('0 to a retired ftrace_enabled is EOPNOTSUPP, and patches act on', async () => {
    const { write, said, load } = kernelUnderTest({ facts: facts() })
    await said()
    expect([write('/proc/sys/kernel/ftrace_enabled', '0\n'), load(SIMPLE)]).toEqual(['EOPNOTSUPP', null])
    expect((await said())[0]).toBe('The ftrace_enabled file is deprecated and no longer disables ftrace')
  })
})

describe('uid 1000', () => {
  test('may look at patches and modules, not change them', async () => {
    const { kernel, write, read } = loaded()
    const uid = 1000
    expect([write(ENABLED, '0', uid), await read(ENABLED, uid)]).toEqual(['EACCES', '1\n'])
    expect(kernel.finish(kernel.finitModule(livepatch('lp_other'), {}, { uid }))).toBe('EPERM')
    expect(kernel.finish(kernel.deleteModule('lp_simple', { uid }))).toBe('EPERM')
    expect(await read('/proc/modules', uid)).toBe('lp_simple 12288 1 - Live 0x0000000000000000 (OEK)\n')
    expect(await read('/sys/kernel/tracing/enabled_functions', uid)).toBe('EACCES')
  })

  test('reads the log only where it is not restricted', async () => {
    const { kernel, write } = loaded()
    const follow = async () => {
      const stop = new AbortController()
      const following = kernel.fs(1000).followKernelLog(() => undefined, stop.signal)
      stop.abort()
      return following
    }
    expect(await follow()).toEqual({ ok: false, errno: 'EPERM' })
    write('/proc/sys/kernel/dmesg_restrict', '0\n')
    expect(await follow()).toMatchObject({ ok: true })
  })

  test('sees patch_state of its own tasks only, no stacks, and with hidepid=2 nobody else', async () => {
    const { kernel, spawn, read, load } = kernelUnderTest()
    load(TARGET_MODULE)
    const { pid } = spawn(sleeper('killable', { uid: 1000 }))
    const file = (id: number, name: string) => read(`/proc/${id}/task/${id}/${name}`, 1000)
    expect(await Promise.all([file(pid, 'patch_state'), file(1, 'patch_state'), file(1, 'comm')])).toEqual([
      ...['-1\n', 'EACCES', 'init\n'],
    ])
    expect(await Promise.all([file(pid, 'stack'), file(pid, 'wchan')])).toEqual(['EACCES', 'lpt_wait'])
    kernel.remountProc(2)
    expect(await Promise.all([file(1, 'comm'), file(pid, 'comm')])).toEqual(['ENOENT', 'db-writer\n'])
    const listed = await kernel.fs(1000).list('/proc')
    expect(listed.ok && listed.value.filter(({ name }) => /^\d+$/.test(name))).toEqual([
      { name: `${pid}`, directory: true },
    ])
  })
})
