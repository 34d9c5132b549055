// Goal: the three styles of the freezer freeze whom they say, keep them until all is over, and fail or are forced where
// a thread cannot be frozen. Method: small machines with threads of each kind; all of it is an assumption (docs/models).
import { describe, expect, test } from 'vitest'
import { KernelCare, type KernelCareOptions } from './kernelcare.ts'
import { call, forever, inner, MS, other, outer, patchOf, rig, run, SECOND, sleep, systemCall } from './test-rig.ts'

const made = (options?: KernelCareOptions) => rig((machine) => new KernelCare(machine, 1, options))
const reader = forever('user', systemCall(call(outer, sleep('interruptible', 600 * SECOND))), run(50))
const bystander = forever('user', run(300), systemCall(call(other, sleep('interruptible', 20 * MS))))
const kthread = forever('kernel', { do: 'safe_point' }, call(other, sleep('interruptible', SECOND)))

describe('the style', () => {
  test.each([
    ['none', 'gave_up', []],
    ['smart', 'applied', [1]],
    ['full', 'applied', [1, 2, 3]],
  ] as const)('%s: %s, with these frozen: %j', (freezer, status, frozen) => {
    const { model, start, after, told } = made({ freezer })
    for (const plan of [reader, bystander, kthread]) start(plan)
    after(50 * MS)
    model.apply(patchOf('one', outer, inner))
    after(2 * SECOND)
    expect(model.status).toBe(status)
    expect(told('frozen').flatMap(({ tids }) => tids)).toEqual(frozen)
    expect(told('thawed')).toHaveLength(frozen.length === 0 ? 0 : 1)
    expect(told('stopped')).toHaveLength(1)
  })
})

test('frozen threads go on where they were, in new code', () => {
  const { model, start, after, machine, reached } = made({ freezer: 'full' })
  const tasks = [reader, bystander, kthread].map(start)
  after(50 * MS)
  model.apply(patchOf('one', outer, other))
  after(5 * SECOND)
  expect(tasks.map((task) => reached(task, outer).concat(reached(task, other)).at(-1))).toEqual(['one', 'one', 'one'])
  expect([...machine.tasks.values()].some((task) => task.parkedBy !== null)).toBe(false)
})

describe('a thread that cannot be frozen', () => {
  const held = (options?: KernelCareOptions) => {
    const one = made(options)
    one.start(forever('user', systemCall(call(outer, sleep('killable', 600 * SECOND)))))
    one.after(MS)
    one.model.apply(patchOf('one', outer))
    one.after(19 * SECOND)
    expect(one.model.status).toBe('in_progress')
    one.after(2 * SECOND)
    return one
  }

  test('ends it after 20 s with nothing changed', () => {
    const { model, told } = held()
    expect([model.status, model.universeOf(1)]).toEqual(['gave_up', 'old'])
    expect(told('blocked').map(({ why }) => why)).toEqual(['cannot be frozen'])
  })

  test('does not end it when it is forced', () => {
    const { model, told } = held({ force: true })
    expect([model.status, told('forced').length]).toEqual(['applied', 1])
  })
})

test('a new set takes the place of the old; what comes out leaves the original', () => {
  const { model, start, after, reached } = made()
  const task = start(forever('user', systemCall(call(outer, call(inner, run(10)), sleep('interruptible', 100 * MS)))))
  for (const patch of [patchOf('one', outer), patchOf('two', inner)]) {
    model.apply(patch)
    after(300 * MS)
  }
  expect([reached(task, outer).at(-1), reached(task, inner).at(-1)]).toEqual([null, 'two'])
  expect([model.reverse(), model.reverse()]).toEqual([null, 'EBUSY'])
  after(300 * MS)
  expect([model.status, model.reverse(), reached(task, inner).at(-1)]).toEqual(['at_rest', 'EINVAL', null])
})
