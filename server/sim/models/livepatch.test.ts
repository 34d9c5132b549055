// Goal: the core of the simulated kernel, as one of the systems, holds its promise from the first moment of a change and
// can be turned round and forced in the middle. Method: threads asleep in the set, and threads that come in between.
import { expect, test } from 'vitest'
import { Livepatch } from './livepatch.ts'
import { call, forever, inner, MS, other, outer, patchOf, rig, run, SECOND, sleep, systemCall } from './test-rig.ts'

const made = () => rig((machine) => new Livepatch(machine))
const patch = patchOf('one', outer, inner)
const sleeper = forever(
  'user',
  systemCall(call(outer, sleep('uninterruptible', undefined, 'disk'), call(inner, run(5)))),
)

test('a task that comes while functions are still being registered calls old code alone', () => {
  for (let delay = 100; delay < 6 * MS; delay += 100) {
    const { model, start, after, reached } = made()
    start(forever('user', systemCall(call(other, sleep('killable', 600 * SECOND)))))
    after(MS)
    model.apply(patchOf('one', outer, inner, other))
    after(delay)
    const task = start(forever('user', systemCall(call(outer, call(inner, run(20)))), run(20)))
    after(50 * MS)
    expect(reached(task, inner)).toEqual(reached(task, outer).slice(0, reached(task, inner).length))
  }
})

test('a task that sleeps in the set goes over when it leaves it, never in between', () => {
  const { model, start, after, machine, told, reached } = made()
  const task = start(sleeper)
  after(MS)
  model.apply(patch)
  after(30 * SECOND)
  expect([model.status, model.universeOf(task.tid)]).toEqual(['in_progress', 'old'])
  expect(told('signalled').length).toBeGreaterThan(0)
  machine.signalEvent('disk')
  after(2 * SECOND)
  expect([reached(task, outer), reached(task, inner)]).toEqual([[null, 'one'], [null]])
  expect([model.status, told('switched').map(({ how }) => how)]).toEqual(['applied', ['kernel_exit']])
})

test('is turned round in the middle, and ends where it began', () => {
  const { model, start, after, told, machine, reached } = made()
  const task = start(sleeper)
  after(MS)
  model.apply(patch)
  after(3 * SECOND)
  expect(model.reverse()).toBeNull()
  after(3 * SECOND)
  expect([model.status, task.patchState]).toEqual(['at_rest', -1])
  expect(told('started').map(({ direction }) => direction)).toEqual(['patching', 'unpatching'])
  machine.signalEvent('disk')
  after(SECOND)
  expect([reached(task, outer), reached(task, inner)]).toEqual([[null, null], [null]])
})

test('is forced: the task that slept in the set is over, and mixes', () => {
  const { model, start, after, machine, reached } = made()
  const task = start(sleeper)
  after(MS)
  model.apply(patch)
  after(3 * SECOND)
  expect(model.force()).toBeNull()
  after(3 * SECOND)
  expect([model.status, model.force()]).toEqual(['applied', 'EINVAL'])
  machine.signalEvent('disk')
  after(SECOND)
  expect([reached(task, outer)[0], reached(task, inner)[0]]).toEqual([null, 'one'])
})

test('a second patch waits for nobody: it is refused while the first is in transition', () => {
  const { model, start, after } = made()
  start(sleeper)
  after(MS)
  model.apply(patch)
  after(SECOND)
  expect(() => model.apply(patchOf('two', other))).toThrow('EBUSY')
})
