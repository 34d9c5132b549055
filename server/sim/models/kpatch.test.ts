// Goal: kpatch follows every stack while all stand, ends at the first hit, tries five times by its script, and rolls back
// when an NMI came between. Method: small machines; the pause is read from what the model did.
import { describe, expect, test } from 'vitest'
import { Kpatch } from './kpatch.ts'
import {
  call,
  forever,
  inner,
  kernelFunction,
  MS,
  other,
  outer,
  patchOf,
  rig,
  run,
  SECOND,
  sleep,
  systemCall,
} from './test-rig.ts'

const made = (seed = 1) => rig((machine) => new Kpatch(machine, seed), { seed })

test('with a task asleep in the set it tries five times, two seconds apart, and gives up', () => {
  const { model, start, after, told } = made()
  start(forever('kernel', call(outer, sleep('interruptible', 60 * SECOND))))
  after(MS)
  model.apply(patchOf('one', outer))
  after(20 * SECOND)
  expect(told('attempt').map(({ atUs }) => Math.round(atUs / SECOND))).toEqual([0, 2, 4, 6, 8])
  expect(told('gave_up')).toHaveLength(1)
  expect([model.status, model.universeOf(1)]).toEqual(['gave_up', 'old'])
})

test('the check ends at the first hit, so that a failed stop is shorter than one that succeeds', () => {
  const stops = [true, false].map((blocked) => {
    const { model, start, after, told } = made()
    start(forever('kernel', call(blocked ? outer : other, sleep('interruptible', 60 * SECOND))))
    for (let count = 0; count < 1_000; count += 1) start(forever('user', systemCall(sleep('killable', 60 * SECOND))))
    after(SECOND)
    model.apply(patchOf('one', outer))
    after(SECOND)
    return told('stopped')[0]?.us ?? 0
  })
  expect(stops[0]).toBeLessThan(1_100)
  expect(stops[1]).toBeGreaterThan(2_500)
})

test('a stack that fills its 64 entries is refused', () => {
  const { model, start, after, told } = made()
  let deep = sleep('killable', 60 * SECOND)
  for (let depth = 0; depth < 64; depth += 1) deep = call(kernelFunction(`level_${depth}`), deep)
  start(forever('user', systemCall(deep)))
  after(MS)
  model.apply(patchOf('one', outer))
  after(MS * 5)
  expect(told('blocked').map(({ why }) => why)).toEqual(['its stack is too deep'])
})

describe('an NMI within the stop', () => {
  const nmi = (called = outer) => {
    const one = made()
    one.model.apply(patchOf('one', outer))
    one.after(100)
    expect(one.machine.interruptCall(0, called)).toBe(false)
    expect(one.machine.interruptCall(0, called, { nmi: true })).toBe(true)
    one.after(MS * 5)
    return one
  }

  test('that calls a changed function reaches the old one and rolls the change back; a try later it goes in', () => {
    const { model, trace, after, told } = nmi()
    expect(trace.findLast(({ kind }) => kind === 'called_in_interrupt')).toMatchObject({ patch: null })
    expect([model.status, model.universeOf(1)]).toEqual(['in_progress', 'old'])
    after(3 * SECOND)
    expect([model.status, told('attempt').length]).toEqual(['applied', 2])
  })

  test('that calls another function does no harm', () => {
    expect(nmi(other).model.status).toBe('applied')
  })
})

test('patches of one function go out in any order, each leaving the newest of the rest', () => {
  const { model, start, after, reached } = made()
  for (const name of ['one', 'two', 'three']) {
    model.apply(patchOf(name, outer, inner))
    after(10 * MS)
  }
  expect(() => model.apply(patchOf('two', outer))).toThrow('EEXIST')
  const task = start(forever('user', run(SECOND), systemCall(call(outer, run(10)))))
  for (const name of ['two', 'three', 'one']) {
    after(SECOND + 50 * MS)
    expect(model.reverse(name)).toBeNull()
    expect(() => model.apply(patchOf('four', outer))).toThrow('EBUSY')
    after(10 * MS)
  }
  after(SECOND + 50 * MS)
  expect(reached(task, outer)).toEqual(['three', 'three', 'one', null])
  expect(model.status).toBe('at_rest')
})
