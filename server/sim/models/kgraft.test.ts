// Goal: kGraft stops nothing, keeps each thread in one world until it passes a safe point, and waits for the last.
// Method: small machines with one thread of a kind; each line of when a kind goes over is tried.
import { describe, expect, test } from 'vitest'
import { KGRAFT_AGES } from './assumptions/kgraft.ts'
import { Kgraft } from './kgraft.ts'
import { call, forever, inner, MS, other, outer, patchOf, rig, run, SECOND, sleep, systemCall } from './test-rig.ts'

const made = (age?: (typeof KGRAFT_AGES)[keyof typeof KGRAFT_AGES]) => rig((machine) => new Kgraft(machine, 1, age))
const patch = patchOf('one', outer, inner)

describe('a thread', () => {
  test('asleep in the kernel keeps to old code until it has left it, also within the set', () => {
    const { model, start, after, told, reached, trace } = made()
    const task = start(
      forever('user', run(100), systemCall(call(outer, sleep('killable', 3 * SECOND), call(inner, run(5))))),
    )
    after(MS)
    model.apply(patch)
    after(10 * SECOND)
    expect([reached(task, outer), reached(task, inner)]).toEqual([
      [null, 'one', 'one', 'one'],
      [null, 'one', 'one'],
    ])
    expect(told('switched').map(({ how }) => how)).toEqual(['kernel_exit'])
    expect(trace.some(({ kind }) => kind === 'stopped')).toBe(false)
    expect([model.status, told('stopped')]).toEqual(['applied', []])
  })

  test('in user mode goes over when it next enters the kernel', () => {
    const { model, start, after, told } = made(KGRAFT_AGES.posted)
    start(forever('user', run(5 * SECOND), systemCall(call(outer, run(10)))))
    after(MS)
    model.apply(patch)
    after(4 * SECOND)
    expect(told('switched')).toEqual([])
    after(2 * SECOND)
    expect(told('switched').map(({ how }) => how)).toEqual(['kernel_entry'])
  })

  test('that never enters the kernel goes over by the fake signal, which the first postings lacked', () => {
    const over = Object.values(KGRAFT_AGES).map((age) => {
      const { model, start, after } = made(age)
      start(forever('user', run(600 * SECOND)))
      after(MS)
      model.apply(patch)
      after(200 * SECOND)
      return model.status
    })
    expect(over).toEqual(['in_progress', 'applied'])
  })

  test.each([
    ['interruptible', 'applied'],
    ['killable', 'in_progress'],
    ['uninterruptible', 'in_progress'],
  ] as const)('asleep %s for ever: after the signal %s', (kind, status) => {
    const { model, start, after, told } = made()
    start(forever('user', systemCall(call(outer, sleep(kind)))))
    after(MS)
    model.apply(patch)
    after(10 * SECOND)
    expect(model.status).toBe(status)
    expect(told('blocked')).toHaveLength(1)
  })

  test('of the kernel is woken, even from an uninterruptible sleep, and goes over only where it may be frozen', () => {
    const status = [true, false].map((annotated) => {
      const { model, start, after } = made()
      const point = annotated ? [{ do: 'safe_point' } as const] : []
      start(forever('kernel', ...point, call(outer, sleep('uninterruptible', 600 * SECOND))))
      after(MS)
      model.apply(patch)
      after(10 * SECOND)
      return model.status
    })
    expect(status).toEqual(['applied', 'in_progress'])
  })

  test('that is forked has the mark of its parent', () => {
    const { model, start, after, machine } = made()
    const child = forever('user', run(500 * MS), systemCall(call(inner, sleep('killable', 600 * SECOND))))
    start(
      forever(
        'user',
        systemCall(call(outer, sleep('killable', SECOND), { do: 'fork', child }, sleep('killable', 600 * SECOND))),
      ),
    )
    after(MS)
    model.apply(patch)
    after(SECOND + 10)
    expect([...machine.tasks.values()].map((task) => task.patchPending)).toEqual([true, true])
    after(SECOND)
    // The child entered the kernel for the first time, and so went over; the parent is still in there.
    expect([...machine.tasks.values()].map((task) => task.patchPending)).toEqual([true, false])
  })
})

test('an interrupt goes by the flag of its CPU, whomever it interrupts', () => {
  const { model, start, after, machine, trace } = made()
  start(forever('user', systemCall(call(outer, run(100 * SECOND)))))
  after(MS)
  model.apply(patch)
  machine.interruptCall(0, inner)
  machine.interruptCall(1, inner)
  after(10 * MS)
  expect(machine.tasks.get(1)?.patchPending).toBe(true)
  machine.interruptCall(0, inner)
  const seen = trace.flatMap((event) => (event.kind === 'called_in_interrupt' ? [event.patch] : []))
  expect(seen).toEqual([null, null, 'one'])
})

describe('a change', () => {
  const waiting = () => {
    const one = made()
    one.start(forever('user', systemCall(call(outer, sleep('uninterruptible', undefined, 'disk')))))
    one.after(MS)
    one.model.apply(patch)
    one.after(SECOND)
    return one
  }

  test('is not turned round midway, and no other begins', () => {
    const { model } = waiting()
    expect(model.reverse()).toBe('EAGAIN')
    expect(() => model.apply(patchOf('two', other))).toThrow('EAGAIN')
  })

  test('is ended by force, with threads still in old code', () => {
    const { model, after, told, machine, reached } = waiting()
    expect(model.force()).toBeNull()
    expect(told('switched').map(({ how }) => how)).toEqual(['forced'])
    after(5 * SECOND)
    expect([model.status, model.force()]).toEqual(['applied', 'EINVAL'])
    machine.signalEvent('disk')
    after(MS)
    expect(reached(machine.tasks.get(1) ?? expect.fail('gone'), outer)).toEqual([null, 'one'])
  })

  test('is reverted by the same steps the other way', () => {
    const { model, start, after, reached } = made()
    const task = start(forever('user', systemCall(call(outer, sleep('interruptible', 700 * MS))), run(10)))
    after(MS)
    model.apply(patch)
    after(10 * SECOND)
    expect(model.reverse()).toBeNull()
    after(10 * SECOND)
    expect([model.status, model.universeOf(task.tid), reached(task, outer).at(-1)]).toEqual(['at_rest', 'old', null])
    expect(reached(task, outer)).toContain('one')
  })

  test('below a newer patch of the same function is refused', () => {
    const { model, after } = made()
    for (const name of ['one', 'two']) {
      model.apply(patchOf(name, outer))
      after(10 * SECOND)
    }
    expect([model.reverse('one'), model.reverse('none'), model.reverse('two')]).toEqual(['EBUSY', 'EINVAL', null])
  })
})
