// Goal: a kernel with another system in livepatch's place takes that system's modules by its model, and shows what that
// system's own files show. Method: each system on a small machine, with and without a task in the way.
import { describe, expect, test } from 'vitest'
import type { ModuleImage } from './module-image.ts'
import type { OtherSystem } from './patch-system.ts'
import type { KernelFunction, SleepKind, TaskPlan } from './program.ts'
import { createSimulatedKernel } from './simulated-kernel.ts'

const patched: KernelFunction = { object: 'vmlinux', name: 'sk_common_release', sympos: 1 }

const moduleOf = (name: string): ModuleImage => ({
  ...{ name, sizeBytes: 16_384, version: null, srcversion: null, signed: true, functions: [], parameters: {} },
  patch: { name, functions: [{ function: patched }] },
})

const holder = (kind: SleepKind): TaskPlan => ({
  ...{ comm: 'unbound', kind: 'user' },
  program: [
    {
      ...{ do: 'system_call', name: 'close' },
      body: [{ do: 'call', function: patched, body: [{ do: 'sleep', kind, event: 'released' }] }],
    },
  ],
})

const kernelWith = (system: OtherSystem, ...tasks: TaskPlan[]) => {
  const kernel = createSimulatedKernel({
    ...{ seed: 3, cpus: 2, tasks, functions: null, system },
    facts: {
      ...{ release: '4.4.0', architecture: 'x86_64', hostName: 'h', bootId: 'b', bootedAtMs: 0, osRelease: '' },
      livepatchConfigured: false,
      livepatch: {
        ...{ replaceAttribute: false, stackOrderAttribute: false, touchedFunctions: false, modversions: true },
        ...{ ftraceSwitch: 'honoured', reliableStacks: false, switchesInCondResched: false, kicksIdle: false },
      },
    },
  })
  kernel.advanceTo(1_000_000)
  const read = async (path: string) => {
    const result = await kernel.fs().read(path)
    return result.ok ? result.value : result.errno
  }
  return { kernel, read, load: (name: string) => kernel.finish(kernel.finitModule(moduleOf(name))) }
}

describe.each(['ksplice', 'kpatch', 'kgraft', 'kernelcare'] as const)('a kernel with %s', (system) => {
  test('has no livepatch, and refuses its modules', async () => {
    const { kernel, read } = kernelWith(system)
    expect(await kernel.fs().list('/sys/kernel/livepatch')).toEqual({ ok: false, errno: 'ENOENT' })
    expect(await read('/proc/1/patch_state')).toBe('ENOENT')
    expect(await read('/boot/config-4.4.0')).toContain('# CONFIG_LIVEPATCH is not set')
    const { patch: _patch, ...image } = moduleOf('hotfix')
    const livepatch = { marked: true, replace: false, objects: [], states: [] }
    expect(kernel.finish(kernel.finitModule({ ...image, livepatch }))).toBe('ENOEXEC')
  })

  test('takes a patch, keeps its module while it is in, and lets it go', () => {
    const { kernel, load } = kernelWith(system)
    expect(load('one')).toBeNull()
    kernel.advanceTo(kernel.nowUs + 10_000_000)
    expect(kernel.state.system?.applied.map(({ name }) => name)).toEqual(['one'])
    expect(kernel.finish(kernel.deleteModule('one'))).toBe('EAGAIN')
    expect(kernel.finish(kernel.disablePatch('one'))).toBeNull()
    kernel.advanceTo(kernel.nowUs + 10_000_000)
    expect(kernel.state.system?.applied).toEqual([])
    expect(kernel.finish(kernel.deleteModule('one'))).toBeNull()
  })
})

test.each([
  ['ksplice', 'killable'],
  ['kpatch', 'killable'],
  ['kernelcare', 'uninterruptible'],
] as const)('%s gives up on a task in the way, names it, and leaves no module', (system, kind) => {
  const { kernel, load } = kernelWith(system, holder(kind))
  expect(load('one')).toBe('EBUSY')
  expect(kernel.state.system?.blocked).toMatchObject([{ comm: 'unbound', tid: 1 }])
  expect(kernel.state.modules.get('one')).toBeUndefined()
  kernel.machine.signalEvent('released')
  kernel.keepTasksRunning(true)
  kernel.advanceTo(kernel.nowUs + 1_000_000)
  expect(load('one')).toBeNull()
})

test('kGraft shows who has not gone over, and its patch as slow until all have', async () => {
  const { kernel, load, read } = kernelWith('kgraft', holder('uninterruptible'))
  expect(load('one')).toBeNull()
  kernel.advanceTo(kernel.nowUs + 30_000_000)
  expect(await read('/sys/kernel/kgraft/in_progress')).toBe('1\n')
  expect(await read('/sys/kernel/kgraft/one/state')).toMatch(/^sk_common_release +0 +1$/m)
  expect(await read('/proc/1/kgr_in_progress')).toBe('1\n')
  expect(load('two')).toBe('EAGAIN')
  kernel.machine.signalEvent('released')
  kernel.advanceTo(kernel.nowUs + 10_000_000)
  expect(await read('/sys/kernel/kgraft/in_progress')).toBe('0\n')
  expect(await read('/sys/kernel/kgraft/one/state')).toMatch(/^sk_common_release +0 +2$/m)
})

test('the core of kpatch shows functions, and which patch is enabled', async () => {
  const { kernel, load, read } = kernelWith('kpatch')
  load('one')
  load('two')
  expect(await read('/sys/kernel/kpatch/one/enabled')).toBe('0\n')
  expect(await read('/sys/kernel/kpatch/two/enabled')).toBe('1\n')
  const functions = await kernel.fs().list('/sys/kernel/kpatch/two/vmlinux')
  expect(functions).toMatchObject({ ok: true, value: [{ name: 'sk_common_release,1', directory: true }] })
})

test('an update of Ksplice has a stage', async () => {
  const { load, read } = kernelWith('ksplice')
  load('ksplice_abcd1234')
  expect(await read('/sys/module/ksplice_abcd1234/ksplice/stage')).toBe('applied\n')
})
