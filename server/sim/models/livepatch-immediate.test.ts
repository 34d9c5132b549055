// Goal: livepatch of 4.0 to 4.11 replaces function by function at once, for all, so that old code calls new; it never lets
// go of a module. Method: a thread asleep in a caller when the patch comes, and stacks of patches.
import { expect, test } from 'vitest'
import { LivepatchImmediate } from './livepatch-immediate.ts'
import { call, forever, inner, MS, outer, patchOf, rig, SECOND, sleep, systemCall } from './test-rig.ts'

const made = () => rig((machine) => new LivepatchImmediate(machine, 1))

test('an old caller that was asleep calls the new callee: a mix that the later model excludes', () => {
  const { model, start, after, trace } = made()
  const task = start(
    forever('user', systemCall(call(outer, sleep('killable', SECOND), call(inner, sleep('killable', SECOND))))),
  )
  after(MS)
  model.apply(patchOf('one', outer, inner))
  after(SECOND + MS)
  expect(task.frames.flatMap((frame) => (frame.call ? [frame.call.code.patch] : []))).toEqual([null, 'one'])
  expect([model.status, model.universeOf(task.tid)]).toEqual(['applied', null])
  expect(trace.some(({ kind }) => kind === 'stopped')).toBe(false)
})

test('functions go over one after the other, within milliseconds', () => {
  const { model, start, after, told } = made()
  const tasks = [inner, outer].map((called) => start(forever('user', systemCall(call(called, sleep('killable', 100))))))
  model.apply(patchOf('one', outer, inner))
  const seen = new Set<string>()
  for (let step = 0; step < 100; step += 1) {
    after(100)
    seen.add(tasks.map((task) => task.frames.find((frame) => frame.call)?.call?.code.patch ?? 'old').join())
  }
  expect(seen).toEqual(new Set(['old,old', 'old,one', 'one,one']))
  expect((told('completed')[0]?.atUs ?? 0) / MS).toBeLessThan(6)
})

test('only the newest patch goes out, and its module stays', () => {
  const { model, after } = made()
  for (const name of ['one', 'two']) {
    model.apply(patchOf(name, outer))
    after(10 * MS)
  }
  expect([model.reverse('one'), model.reverse('none'), model.reverse()]).toEqual(['EBUSY', 'EINVAL', null])
  after(10 * MS)
  expect([model.reverse(), model.removeModule()]).toEqual([null, 'EBUSY'])
  after(10 * MS)
  expect(model.status).toBe('at_rest')
})
