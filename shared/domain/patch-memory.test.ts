// Goal: what sysfs forgets is kept, and kept right. Method: the life cycles of kernels as sequences of log records and
// readings; properties over random sequences.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Livepatch, LivepatchModule } from '../contract/kernel.ts'
import { type KernelEvent, PatchMemory } from '../contract/patch-memory.ts'
import { rememberPatches } from './patch-memory.ts'

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString()
const ms = (seconds: number) => Date.parse(at(seconds))

const event = (
  seconds: number,
  kind: KernelEvent['kind'],
  patch: string | null,
  direction: KernelEvent['direction'] = null,
): KernelEvent => ({
  ...{ sequence: seconds * 10, at: at(seconds), kind, patch, direction, object: null, text: '' },
})

const livepatch = (name: string, state: Partial<Livepatch> = {}): Livepatch => ({
  ...{ name, enabled: true, transition: false, replace: false, stackOrder: null, unknownAttributes: [] },
  objects: [{ name: 'vmlinux', patched: true, functions: [{ name: 'cmdline_proc_show', sympos: 1 }] }],
  ...state,
})

const module = (name: string): LivepatchModule => ({
  ...{ name, version: null, srcversion: null, refcnt: 1, taint: 'OEK', sizeBytes: 4096 },
})

const reading = (
  livepatches: Livepatch[],
  previous: Livepatch[] | null,
  kernelLogReadable = true,
  modules = livepatches.map(({ name }) => module(name)),
) => ({
  ...{ livepatches, previous, modules, kernelLogReadable },
})

const entry = (memory: PatchMemory[], name: string) => {
  const found = memory.find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`${name} is not remembered`)
  return found
}

const loaded = (name: string, from: number) => [
  event(from, 'enabling', name, 'patching'),
  event(from + 1, 'transition_started', name, 'patching'),
  event(from + 2, 'transition_completed', name, 'patching'),
]

describe('from the log', () => {
  test('a load has its three moments', () => {
    const [a] = rememberPatches([], reading([livepatch('a')], null), loaded('a', 1), ms(4))
    expect(a).toMatchObject({ enabledAt: at(1), transitionStartedAt: null, completedAt: at(3), direction: null })
  })

  test('a reversal starts anew and a second one turns back', () => {
    const start = loaded('a', 1).slice(0, 2)
    const stuck = livepatch('a', { transition: true })
    const once = rememberPatches(
      [],
      reading([stuck], []),
      [...start, event(9, 'transition_started', 'a', 'unpatching')],
      ms(9),
    )
    expect(entry(once, 'a')).toMatchObject({ reversed: true, direction: 'unpatching', transitionStartedAt: at(9) })
    const twice = rememberPatches(
      once,
      reading([stuck], [stuck]),
      [event(12, 'transition_started', 'a', 'patching')],
      ms(12),
    )
    expect(entry(twice, 'a')).toMatchObject({ reversed: true, direction: 'patching', transitionStartedAt: at(12) })
  })

  test('a start that a look at sysfs met before the log told of it is no reversal', () => {
    const before = rememberPatches([], reading([livepatch('a')], null), loaded('a', 1), ms(4))
    const out = livepatch('a', { transition: true })
    const met = rememberPatches(before, reading([out], [livepatch('a')]), [], ms(30))
    expect(entry(met, 'a')).toMatchObject({ direction: 'unpatching', reversed: false })
    const told = rememberPatches(
      met,
      reading([out], [out]),
      [event(30, 'transition_started', 'a', 'unpatching')],
      ms(31),
    )
    expect(entry(told, 'a')).toMatchObject({ direction: 'unpatching', reversed: false, transitionStartedAt: at(30) })
    const turned = rememberPatches(
      told,
      reading([out], [out]),
      [event(40, 'transition_started', 'a', 'patching')],
      ms(40),
    )
    expect(entry(turned, 'a')).toMatchObject({ direction: 'patching', reversed: true })
  })

  test('signal and force name no patch and mean the one in transition', () => {
    const events = [
      ...loaded('a', 1),
      ...loaded('b', 5).slice(0, 2),
      event(20, 'signalled', null),
      event(30, 'forced', null),
    ]
    const memory = rememberPatches(
      [],
      reading([livepatch('a'), livepatch('b', { transition: true })], null),
      events,
      ms(31),
    )
    expect(entry(memory, 'b')).toMatchObject({ signalledAt: at(20), forcedAt: at(30) })
    expect(entry(memory, 'a')).toMatchObject({ signalledAt: null, forcedAt: null })
  })

  test('a cumulative patch supersedes what is gone once it completed', () => {
    const a = livepatch('a')
    const before = rememberPatches([], reading([a], null), loaded('a', 1), ms(4))
    const during = livepatch('r', { transition: true, replace: true })
    const middle = rememberPatches(before, reading([a, during], [a]), loaded('r', 10).slice(0, 2), ms(11))
    expect(entry(middle, 'a').supersededBy).toBeNull()
    const after = rememberPatches(
      middle,
      reading([livepatch('r', { replace: true })], [a, during], true, [module('r'), module('a')]),
      loaded('r', 10).slice(2),
      ms(13),
    )
    expect(entry(after, 'a')).toMatchObject({ supersededBy: 'r', disabledAt: null })
  })

  test.each([
    ['with', true, [{ enabled: false }, { enabled: true }]],
    ['without', null, [{ enabled: false }]],
  ])('%s `replace` to read, also when a look fell between its completion and their going', (_, replace, states) => {
    for (const state of states) {
      const a = livepatch('a', { replace })
      const before = rememberPatches([], reading([a], null), loaded('a', 1), ms(4))
      const on = livepatch('r', { replace })
      const still = livepatch('a', { replace, ...state })
      const between = rememberPatches(before, reading([still, on], [a]), loaded('r', 10), ms(13))
      expect(entry(between, 'a')).toMatchObject({ supersededBy: null, disabledAt: null })
      const modules = [module('r'), module('a')]
      const after = rememberPatches(between, reading([on], [still, on], true, modules), [], ms(16))
      expect(entry(after, 'a')).toMatchObject({ supersededBy: 'r', disabledAt: null })
    }
  })

  test('also when a look met it before its end, and what it replaced after', () => {
    const a = livepatch('a')
    const before = rememberPatches([], reading([a], null), loaded('a', 1), ms(4))
    const during = livepatch('r', { transition: true, replace: true })
    const middle = rememberPatches(before, reading([a, during], [a]), loaded('r', 10).slice(0, 2), ms(11))
    const modules = [module('r'), module('a')]
    const torn = rememberPatches(middle, reading([during], [a, during], true, modules), [], ms(12))
    expect(entry(torn, 'a')).toMatchObject({ supersededBy: null, disabledAt: null })
    const on = livepatch('r', { replace: true })
    const after = rememberPatches(torn, reading([on], [during], true, modules), loaded('r', 10).slice(2), ms(13))
    expect(entry(after, 'a')).toMatchObject({ supersededBy: 'r', disabledAt: null })
  })

  test('and tells then which of its functions were no-ops', () => {
    const functions = [
      { name: 'f', sympos: 1 },
      { name: 'g', sympos: 2 },
    ]
    const during = livepatch('r', {
      transition: true,
      replace: true,
      objects: [{ name: 'm', patched: true, functions }],
    })
    const after = livepatch('r', {
      replace: true,
      objects: [{ name: 'm', patched: true, functions: functions.slice(0, 1) }],
    })
    const memory = rememberPatches([], reading([after], [during]), loaded('r', 1), ms(4))
    expect(entry(memory, 'r').noops).toEqual(['m,g,2'])
  })

  test('without `replace` (6.1) a patch taken out in a known way is not taken for a replaced one', () => {
    const [a, b] = [livepatch('a', { replace: null }), livepatch('b', { replace: null })]
    const both = rememberPatches([], reading([a, b], null), [...loaded('a', 1), ...loaded('b', 5)], ms(8))
    const out = [
      event(20, 'transition_started', 'a', 'unpatching'),
      event(21, 'transition_completed', 'a', 'unpatching'),
    ]
    const after = rememberPatches(both, reading([b], [a, b], true, [module('b'), module('a')]), out, ms(22))
    expect(entry(after, 'a')).toMatchObject({ supersededBy: null, disabledAt: at(21) })
  })
})

describe('from sysfs alone', () => {
  const on = livepatch('a')
  test('the order in which modules came stands for the order of loading', () => {
    const memory = rememberPatches(
      [],
      reading([livepatch('a'), livepatch('b')], null, false, [module('a'), module('b')]),
      [],
      ms(1),
    )
    expect(entry(memory, 'b').enabledOrder).toBeLessThan(entry(memory, 'a').enabledOrder)
  })

  test('a patch that was in and is in transition goes out, while `enabled` still says 1', () => {
    const first = rememberPatches([], reading([on], null, false), [], ms(1))
    const changing = livepatch('a', { transition: true })
    const second = rememberPatches(first, reading([changing], [on], false), [], ms(3))
    expect(entry(second, 'a').direction).toBe('unpatching')
    const third = rememberPatches(
      second,
      reading([livepatch('a', { transition: true, enabled: false })], [changing], false),
      [],
      ms(4),
    )
    expect(entry(third, 'a')).toMatchObject({ direction: 'unpatching', reversed: false })
    const back = rememberPatches(
      third,
      reading([changing], [livepatch('a', { transition: true, enabled: false })], false),
      [],
      ms(6),
    )
    expect(entry(back, 'a')).toMatchObject({ direction: 'patching', reversed: true, transitionStartedAt: at(6) })
  })

  test('a new patch comes in, though `enabled` is not 1 yet', () => {
    const starting = livepatch('a', { transition: true, enabled: false })
    const memory = rememberPatches([], reading([starting], [], false), [], ms(1))
    expect(entry(memory, 'a').direction).toBe('patching')
    const going = rememberPatches(memory, reading([livepatch('a', { transition: true })], [starting], false), [], ms(3))
    expect(entry(going, 'a')).toMatchObject({ direction: 'patching', reversed: false })
  })

  test('a list that could not be read teaches nothing', () => {
    const memory = rememberPatches([], reading([on], null, false), [], ms(1))
    const blind = { livepatches: null, previous: [on], modules: null, kernelLogReadable: false }
    expect(rememberPatches(memory, blind, [], ms(9))).toEqual(memory)
  })
})

describe('for any sequence', () => {
  const names = fc.constantFrom('a', 'b', 'c')
  const flag = fc.option(fc.boolean(), { nil: null })
  const patches = fc.uniqueArray(fc.record({ name: names, enabled: flag, transition: flag, replace: flag }), {
    selector: ({ name }) => name,
  })
  const kinds = fc.constantFrom<KernelEvent['kind'][]>(
    'enabling',
    'transition_started',
    'transition_completed',
    'signalled',
    'forced',
    'enable_failed',
    'object_applied',
    'object_reverted',
  )
  const direction = fc.constantFrom('patching' as const, 'unpatching' as const)
  const said = fc.record({ kind: kinds, patch: fc.option(names, { nil: null }), direction })
  const turn = fc.record({
    events: fc.array(said, { maxLength: 4 }),
    patches: fc.option(patches, { nil: null }),
    modules: fc.uniqueArray(names),
    kernelLogReadable: fc.boolean(),
  })

  test('memory keeps the contract, no name twice, no order twice, and never forgets a force', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 12 }), (turns) => {
        let memory: PatchMemory[] = []
        let previous: Livepatch[] | null = null
        const forced = new Set<string>()
        turns.forEach((step, second) => {
          const livepatches = step.patches?.map(({ name, ...state }) => livepatch(name, state)) ?? null
          const events = step.events.map(({ kind, patch, direction: way }) => event(second, kind, patch, way))
          const modules = [...new Set([...step.modules, ...(livepatches ?? []).map(({ name }) => name)])].map(module)
          memory = rememberPatches(
            memory,
            { livepatches, previous, modules, kernelLogReadable: step.kernelLogReadable },
            events,
            ms(second),
          )
          previous = livepatches ?? previous
          for (const remembered of memory) {
            PatchMemory.parse(remembered)
            if (remembered.forcedAt !== null) forced.add(remembered.name)
          }
          expect(new Set(memory.map(({ name }) => name)).size).toBe(memory.length)
          expect(new Set(memory.map(({ enabledOrder }) => enabledOrder)).size).toBe(memory.length)
          for (const name of forced) expect(entry(memory, name).forcedAt).not.toBeNull()
        })
      }),
    )
  })

  test('a reading that is repeated at the same moment changes nothing more', () => {
    fc.assert(
      fc.property(turn, ({ patches: list, events, kernelLogReadable }) => {
        const livepatches = (list ?? []).map(({ name, ...state }) => livepatch(name, state))
        const look = {
          livepatches,
          previous: null,
          modules: livepatches.map(({ name }) => module(name)),
          kernelLogReadable,
        }
        const said = events.map(({ kind, patch, direction: way }) => event(1, kind, patch, way))
        const once = rememberPatches([], look, said, ms(1))
        const again = { ...look, previous: livepatches }
        const twice = rememberPatches(once, again, [], ms(1))
        expect(rememberPatches(twice, again, [], ms(1))).toEqual(twice)
      }),
    )
  })
})
