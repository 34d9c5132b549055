// Goal: Ksplice picks what changed, refuses what does not match, stops the machine, looks at every word, tries five
// times, and takes out only what nothing lies upon. Method: small machines with one or two tasks.
import { describe, expect, test } from 'vitest'
import { Ksplice, type KspliceOptions } from './ksplice.ts'
import type { KspliceBuild } from './object-comparison.ts'
import { call, forever, inner, MS, other, outer, patchOf, rig, run, SECOND, sleep, systemCall } from './test-rig.ts'

const made = (options?: KspliceOptions, seed = 1) => rig((machine) => new Ksplice(machine, seed, options), { seed })
const asleepIn = (us: number) => forever('user', systemCall(call(outer, sleep('killable', us))), run(100))

describe('with nobody in the set', () => {
  test('it stops once, for about a millisecond, and all go over at once', () => {
    const { model, start, after, told, machine } = made()
    start(forever('user', systemCall(call(other, sleep('killable', 10 * SECOND)))))
    after(MS)
    model.apply(patchOf('one', outer, inner))
    expect([machine.isStopped, model.universeOf(1)]).toEqual([true, 'new'])
    after(5 * MS)
    expect([model.status, machine.isStopped]).toEqual(['applied', false])
    expect(told('stopped')).toHaveLength(1)
    expect(told('switched').map(({ tid, how }) => [tid, how])).toEqual([[1, 'all_at_once']])
  })
})

describe('with a task asleep in the set', () => {
  test('it tries five times, a second apart, and gives up with nothing changed', () => {
    const { model, start, after, told } = made()
    start(asleepIn(100 * SECOND))
    after(MS)
    model.apply(patchOf('one', outer))
    after(10 * SECOND)
    expect(told('attempt').map(({ number, atUs }) => [number, Math.round(atUs / SECOND)])).toEqual([
      ...[1, 2, 3, 4, 5].map((number) => [number, number - 1]),
    ])
    expect(told('blocked').map(({ function: held }) => held)).toEqual(Array(5).fill('vmlinux,outer,1'))
    expect(told('gave_up').map(({ why }) => why)).toEqual(['CODE_BUSY'])
    expect([model.status, model.universeOf(1)]).toEqual(['gave_up', 'old'])
  })

  test('it goes in as soon as a try finds it gone, and the task then calls new code', () => {
    const { model, start, after, told, reached } = made()
    const task = start({
      ...{ comm: 'once', kind: 'user' },
      program: [
        ...[systemCall(call(outer, sleep('killable', 1_500 * MS))), run(MS), systemCall(sleep('killable', 3 * SECOND))],
        systemCall(call(outer, run(5))),
      ],
    })
    after(MS)
    model.apply(patchOf('one', outer))
    after(10 * SECOND)
    expect(told('attempt')).toHaveLength(3)
    expect(reached(task, outer)).toEqual([null, 'one'])
  })
})

test('a stale word of an earlier call blocks without cause, and again as long as the task stays where it is', () => {
  const plan = forever('user', systemCall(call(outer, run(5))), systemCall(call(other, sleep('killable', 60 * SECOND))))
  const blocked: number[] = []
  for (let seed = 1; seed <= 10; seed += 1) {
    const { model, start, after, told } = made({}, seed)
    for (let count = 0; count < 400; count += 1) start(plan)
    after(SECOND)
    model.apply(patchOf('one', outer))
    after(10 * SECOND)
    const stale = told('blocked').filter(({ why }) => why === 'a stale word on its stack')
    blocked.push(new Set(stale.map(({ tid }) => tid)).size)
    expect(stale).toHaveLength(told('blocked').length)
    expect(model.status).toBe(stale.length === 0 ? 'applied' : 'gave_up')
  }
  expect(blocked.filter((count) => count > 0).length).toBeGreaterThan(0)
  expect(blocked.filter((count) => count === 0).length).toBeGreaterThan(0)
})

describe('the build', () => {
  const key = (name: string) => `vmlinux,${name},1`
  const code = (entries: Record<string, string>) =>
    new Map(Object.entries(entries).map(([name, bytes]) => [key(name), bytes]))
  const build = (change: Partial<KspliceBuild> = {}): KspliceBuild => ({
    pre: code({ outer: '5589e5e8????????c3', inner: '5589e590909090', other: '55c3c3c3c3' }),
    // inner changed, and outer with it, since it has inner's code within; other did not.
    post: code({ outer: '5589e5e8????????90c3', inner: '5589e591919191', other: '55c3c3c3c3' }),
    running: code({ outer: '5589e5e811223344c3', inner: '5589e590909090', other: '55c3c3c3c3' }),
    ...change,
  })

  test('functions go over whose code changed, also those that the patch does not name', () => {
    const { model, start, after, reached } = made({ buildOf: () => build() })
    model.apply(patchOf('one', inner))
    after(5 * MS)
    const task = start(forever('user', systemCall(call(outer, call(inner, call(other, sleep('killable', SECOND)))))))
    after(MS)
    expect([reached(task, outer), reached(task, inner), reached(task, other)]).toEqual([['one'], ['one'], [null]])
  })

  test.each([
    ['other code in memory', { running: code({ outer: '5589e5e811223344cc', inner: '5589e590909090' }) }, 'NO_MATCH'],
    [
      'a function shorter than the jump',
      { pre: code({ inner: '55c3' }), post: code({ inner: '90c3' }), running: code({ inner: '55c3' }) },
      'UNEXPECTED',
    ],
  ] as const)('%s ends it before anything stops: %s', (_what, change, why) => {
    const { model, after, told } = made({ buildOf: () => build(change) })
    model.apply(patchOf('one', inner, outer))
    after(10 * SECOND)
    expect([told('gave_up')[0]?.why, told('stopped').length, model.status]).toEqual([why, 0, 'gave_up'])
  })
})

describe('reversal', () => {
  test('looks for old and new code, and ends where it began', () => {
    const { model, start, after, told, reached } = made()
    model.apply(patchOf('one', outer))
    after(5 * MS)
    const task = start(asleepIn(1_500 * MS))
    after(MS)
    expect(model.reverse()).toBeNull()
    after(SECOND / 2)
    expect(told('blocked')).toHaveLength(1)
    after(10 * SECOND)
    expect(told('gave_up').map(({ why }) => why)).toEqual(['CODE_BUSY'])
    expect(model.status).toBe('applied')
    expect(reached(task, outer)[0]).toBe('one')
  })

  test('is refused below a later update of the same function (MODULE_BUSY), last in first out', () => {
    const { model, after } = made()
    for (const patch of [patchOf('one', outer), patchOf('two', outer), patchOf('three', inner)]) {
      model.apply(patch)
      after(5 * MS)
    }
    expect([model.reverse('one'), model.reverse('none')]).toEqual(['MODULE_BUSY', 'EINVAL'])
    for (const name of ['three', 'two', 'one']) {
      expect(model.reverse(name)).toBeNull()
      expect(model.reverse(name)).toBe('EBUSY')
      after(5 * MS)
    }
    expect([model.status, model.universeOf(1)]).toEqual(['at_rest', 'old'])
  })
})
