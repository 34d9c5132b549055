// Goal: whatever is done to a simulated kernel, in whatever order, no task runs a mix of a patch's functions, references
// add up, and nothing is left of a transition that is over. Method: random acts from a seed, each moment checked.
// `SEED=4711 npx vitest run --project pure server/sim/kernel/kernel-invariants.test.ts` replays one.
import { describe, expect, test } from 'vitest'
import { Random } from '../core/random.ts'
import type { Patch } from '../livepatch/patch.ts'
import { kernelUnderTest, livepatch, MS, SECOND_US, sleeper, TARGET_MODULE, target } from './kernel-under-test.ts'
import type { ModuleImage } from './module-image.ts'
import type { Body, KernelFunction, TaskPlan } from './program.ts'
import { type Code, stackOf, type Task } from './task.ts'

const SEEDS =
  process.env.SEED === undefined ? Array.from({ length: 300 }, (_, seed) => seed) : [Number(process.env.SEED)]

const meminfo: KernelFunction = { object: 'vmlinux', name: 'meminfo_proc_show', sympos: 1 }
const cmdline: KernelFunction = { object: 'vmlinux', name: 'cmdline_proc_show', sympos: 1 }
/** A module that comes and goes; no task calls it, as none could while it is away. */
const COMES: ModuleImage = { ...TARGET_MODULE, name: 'lptarget2' }
const coming: KernelFunction = { ...target, object: COMES.name }
const both = (name: string, replace: boolean, names: readonly KernelFunction[]): ModuleImage => ({
  ...livepatch(name),
  livepatch: {
    ...{ marked: true, replace, states: [] },
    objects: ['vmlinux', 'lptarget', 'lptarget2']
      .map((object) => ({
        name: object,
        functions: names.filter((one) => one.object === object).map((one) => ({ name: one.name, sympos: one.sympos })),
      }))
      .filter(({ functions }) => functions.length > 0),
  },
})
const PATCHES: readonly ModuleImage[] = [
  both('lp_1', false, [meminfo, cmdline]),
  both('lp_2', false, [cmdline, target, coming]),
  both('lp_3', false, [meminfo, target]),
  both('lp_4', true, [meminfo, cmdline, target, coming]),
  both('lp_5', true, [cmdline]),
]

/** Calls one patched function from another, and sleeps in between, so that a mix could be seen. */
const mixer = (comm: string, first: KernelFunction, second: KernelFunction): TaskPlan => {
  const inner: Body = [
    { do: 'sleep', kind: 'interruptible', us: { mean: 200 * MS } },
    { do: 'call', function: second, body: [{ do: 'run', us: { from: 10, to: 300 } }] },
    { do: 'sleep', kind: 'uninterruptible', us: { mean: 20 * MS } },
    { do: 'call', function: second, body: [] },
  ]
  const call: Body = [
    { do: 'call', function: first, body: inner },
    { do: 'run', us: 100 },
  ]
  return {
    ...{ comm, kind: 'user' },
    program: [
      {
        do: 'loop',
        body: [
          { do: 'system_call', name: 'read', body: call },
          { do: 'run', us: { mean: 30 * MS } },
        ],
      },
    ],
  }
}

const tasks: readonly TaskPlan[] = [
  mixer('a', meminfo, cmdline),
  mixer('b', cmdline, meminfo),
  mixer('c', cmdline, target),
  { comm: 'compute', kind: 'user', program: [{ do: 'loop', body: [{ do: 'run', us: { mean: 80 * MS } }] }] },
]

/** Versions of a patch's functions on one stack are either all the patch's, no-ops among them, or all older. */
const mixOf = (patches: readonly Patch[], task: Task, called: Code): string | null => {
  const known = new Set<string | null>([null, ...patches.map(({ name }) => name)])
  for (const [index, patch] of patches.entries()) {
    const versions = new Map(patch.objects.flatMap(({ functions }) => functions.map((one) => [one.key, one])))
    const older = new Set<string | null>([null, ...patches.slice(0, index).map(({ name }) => name)])
    const codes = [...stackOf(task).map(({ code }) => code), called].filter((code) => versions.has(code.function))
    // What a patch brought that is off the list was forced out, or is on its way.
    if (codes.some((code) => !known.has(code.patch))) continue
    const own = codes.map((code) => code.patch === (versions.get(code.function)?.image === null ? null : patch.name))
    if (own.includes(true) && codes.some((code, at) => !own[at] && older.has(code.patch)))
      return `${task.comm} runs ${codes.map((code) => `${code.function} of ${code.patch}`).join(' and ')} under ${patch.name}`
  }
  return null
}

const run = async (seed: number, trace: string[] | null = null) => {
  const under = kernelUnderTest({ seed, tasks, cpus: 1 + (seed % 3) })
  const { kernel, read } = under
  under.load(TARGET_MODULE)
  const random = new Random(seed)
  const trouble: string[] = []
  const { livepatch: core } = kernel.state
  let forced = false
  kernel.machine.onTrace = (event) => {
    trace?.push(JSON.stringify(event))
    if (event.kind !== 'called') return
    const task = kernel.machine.tasks.get(event.tid)
    const universe = task && (core.stacks.reached(event.function, task.patchState)?.patch.name ?? null)
    if (task && universe !== event.patch) trouble.push(`${task.comm} reached ${event.patch}, not ${universe}`)
    const mix = task && !forced ? mixOf(core.patches, task, event) : null
    if (mix !== null && mix !== undefined) trouble.push(mix)
  }
  const write = (name: string, file: string, text: string) =>
    kernel.writeFile(`/sys/kernel/livepatch/${name}/${file}`, text)
  const acts: (() => void)[] = [
    () => void kernel.finitModule(random.pick(PATCHES) ?? TARGET_MODULE),
    () => void kernel.finitModule(random.pick(PATCHES) ?? TARGET_MODULE),
    () => void kernel.finitModule(COMES),
    () => void kernel.deleteModule(COMES.name),
    () => void kernel.deleteModule(random.pick(PATCHES)?.name ?? ''),
    () => void write(core.changing.patch?.name ?? '', 'enabled', random.pick(['0', '1'])),
    () => void write(random.pick([...core.directories.keys()]) ?? '', 'enabled', '0'),
    () => void kernel.machine.spawn(sleeper(random.pick(['killable', 'interruptible', 'uninterruptible']))),
    () => kernel.machine.signalEvent('release'),
    () => {
      const task = random.pick([...kernel.machine.tasks.values()].filter(({ comm }) => comm === 'db-writer'))
      if (task) kernel.machine.kill(task, 'SIGKILL')
    },
    () => {
      if (seed % 4 !== 0 || core.changing.patch === null) return
      forced = true
      write(core.changing.patch.name, 'force', '1')
    },
  ]
  for (let act = 0; act < 25; act += 1) {
    random.pick(acts)?.()
    kernel.advanceTo(kernel.nowUs + random.span({ mean: 600 * MS }))
    const names = await kernel.fs().list('/sys/kernel/livepatch')
    for (const { name } of names.ok ? names.value : []) {
      if (kernel.state.modules.get(name)?.references === 0) trouble.push(`${name} is in, and its module not held`)
    }
  }
  kernel.machine.signalEvent('release')
  kernel.advanceTo(kernel.nowUs + 20 * SECOND_US)
  for (const name of [...core.directories.keys()]) {
    kernel.finish(write(name, 'enabled', '0'))
    kernel.machine.signalEvent('release')
    kernel.advanceTo(kernel.nowUs + 30 * SECOND_US)
  }
  const end = {
    ...{ patches: core.patches.length, enabled: await read('/sys/kernel/tracing/enabled_functions') },
    states: [
      ...new Set(
        [...kernel.machine.tasks.values()].map(({ patchState, patchPending }) => `${patchState} ${patchPending}`),
      ),
    ],
    held: kernel.state.modules.all().filter(({ references }) => references !== 0).length,
  }
  return { trouble, end, forced, said: await under.said() }
}

describe.each(SEEDS)('seed %i', (seed) => {
  test('no mix, references add up, nothing is left', async () => {
    const { trouble, end, forced } = await run(seed)
    expect(trouble).toEqual([])
    expect(end).toEqual({ patches: 0, enabled: '', states: ['-1 false'], held: forced ? expect.any(Number) : 0 })
  })
})

test('the same seed gives the same log and the same trace', async () => {
  const traces: [string[], string[]] = [[], []]
  const [first, second] = [await run(7, traces[0]), await run(7, traces[1])]
  expect(first.said).toEqual(second.said)
  expect(traces[0].length).toBeGreaterThan(1_000)
  expect(traces[0]).toEqual(traces[1])
})
