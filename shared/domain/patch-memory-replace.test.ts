// Goal: however a look falls between the steps of a replacement, the replaced patch ends as superseded. Method: the
// kernel's steps in their order (klp_complete_transition, klp_free_replaced_patches_async), read file by file while they
// go on, with the log heard late; random but reproducible.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Livepatch } from '../contract/kernel.ts'
import type { KernelEvent, PatchMemory } from '../contract/patch-memory.ts'
import { rememberPatches } from './patch-memory.ts'

type Flags = readonly [enabled: boolean, transition: boolean]
type Step = { readonly a?: Flags; readonly r?: Flags; readonly log?: readonly [KernelEvent['kind'], string] }

const ON: Flags = [true, false]
const STEPS: readonly Step[] = [
  { a: [false, false], log: ['enabling', 'a'] },
  { a: [false, true], log: ['transition_started', 'a'] },
  { a: [true, true] },
  { a: [true, true], log: ['transition_completed', 'a'] },
  { a: ON },
  { a: ON },
  { a: ON, log: ['enabling', 'r'] },
  { a: ON, r: [false, false] },
  { a: ON, r: [false, true], log: ['transition_started', 'r'] },
  { a: ON, r: [true, true] },
  { a: [false, false], r: [true, true] },
  { a: [false, false], r: [true, true], log: ['transition_completed', 'r'] },
  { a: [false, false], r: ON },
  { r: ON },
  { r: ON },
]
const LAST = STEPS.length - 1

const patchAt = (name: 'a' | 'r', step: number, replace: boolean | null): Livepatch | null => {
  const flags = STEPS[step]?.[name]
  return flags === undefined
    ? null
    : {
        ...{ name, enabled: flags[0], transition: flags[1], replace: name === 'r' ? replace : replace && false },
        ...{ stackOrder: null, unknownAttributes: [] },
        objects: [{ name: 'vmlinux', patched: true, functions: [{ name: 'cmdline_proc_show', sympos: 1 }] }],
      }
}

const eventsBetween = (after: number, upTo: number, atMs: readonly number[]): KernelEvent[] =>
  STEPS.flatMap(({ log }, step) =>
    log === undefined || step <= after || step > upTo
      ? []
      : [
          {
            ...{ sequence: step, kind: log[0], patch: log[1], direction: 'patching' as const, object: null, text: '' },
            at: new Date(atMs[step] ?? 0).toISOString(),
          },
        ],
  )

const look = fc.record({
  /** Steps that pass before it, between its files, and by which the log is heard late. */
  wait: fc.nat(4),
  between: fc.nat(2),
  first: fc.constantFrom('a' as const, 'r' as const),
  late: fc.nat(2),
})

describe.each([
  ['with `replace` to read', true],
  ['without', null],
])('%s', (_, replace) => {
  test('a replaced patch ends as superseded', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 2_500 }), { minLength: STEPS.length, maxLength: STEPS.length }),
        fc.array(look, { maxLength: 20 }),
        (durations, looks) => {
          let sum = 0
          const atMs = durations.map((duration) => {
            sum += duration
            return sum
          })
          // Of what has just gone in, a directory that is not there may be one that is not there yet.
          fc.pre((atMs[LAST] ?? 0) - (atMs[3] ?? 0) >= 2_000)
          let memory: PatchMemory[] = []
          let previous: Livepatch[] | null = []
          let step = 0
          let heard = -1
          const settled = { wait: LAST, between: 0, first: 'a' as const, late: 0 }
          for (const { wait, between, first, late } of [...looks, settled, settled]) {
            step = Math.min(LAST, step + wait)
            const listed = (['a', 'r'] as const).filter((name) => patchAt(name, step, replace) !== null)
            const from = atMs[step] ?? 0
            const hears = Math.max(heard, step - late)
            const events = eventsBetween(heard, hears, atMs)
            heard = hears
            const order = listed.toSorted((left) => (left === first ? -1 : 1))
            const livepatches = order.flatMap((name) => {
              const patch = patchAt(name, step, replace)
              step = Math.min(LAST, step + between)
              return patch === null ? [] : [patch]
            })
            const modules = (['r', 'a'] as const)
              .filter((name) => name === 'a' || step >= 6)
              .map((name) => ({ ...{ name, version: null, srcversion: null }, refcnt: 1, taint: 'OEK', sizeBytes: 1 }))
            // A look that takes longer than the lag that it allows for can mistake what is over for what has begun.
            fc.pre((atMs[step] ?? 0) - from < 1_900)
            const reading = { livepatches, previous, modules, kernelLogReadable: true }
            memory = rememberPatches(memory, reading, events, atMs[step] ?? 0)
            previous = livepatches
          }
          const a = memory.find(({ name }) => name === 'a')
          expect(a).toMatchObject({ supersededBy: 'r', disabledAt: null })
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
