// Goal: tasks run, sleep, call and are interrupted as their programs say, and a run repeats itself. Method: small
// programs on a machine whose trace is kept.
import { describe, expect, test } from 'vitest'
import { Machine } from './machine.ts'
import type { Body, KernelFunction } from './program.ts'
import { isInKernel, stackOf } from './task.ts'
import type { TraceEvent } from './trace.ts'

const MS = 1_000
const SECOND = 1_000_000
const waits: KernelFunction = { object: 'vmlinux', name: 'wait', sympos: 1 }

const machine = (cpus = 2, seed = 1) => {
  const made = new Machine({ seed, cpus })
  const trace: TraceEvent[] = []
  made.onTrace = (event) => trace.push(event)
  return { made, trace, kinds: (tid: number) => trace.flatMap((e) => ('tid' in e && e.tid === tid ? [e.kind] : [])) }
}

const reader = (sleep: Extract<Body[number], { do: 'sleep' }>, after: Body = []): Body => [
  { do: 'run', us: 100 },
  { do: 'system_call', name: 'read', body: [{ do: 'call', function: waits, body: [sleep] }] },
  ...after,
]

describe('a task', () => {
  test('runs in user mode, enters the kernel, sleeps in a function, and comes back', () => {
    const { made, kinds } = machine()
    const task = made.spawn({
      comm: 'cat',
      kind: 'user',
      program: reader({ do: 'sleep', kind: 'killable', us: 5 * MS }),
    })
    made.advanceTo(50)
    expect([task.state, isInKernel(task)]).toEqual(['running', false])
    made.advanceTo(MS)
    expect([task.state, stackOf(task).map((call) => call.function.name)]).toEqual(['killable', ['wait']])
    made.advanceTo(10 * MS)
    expect(task.state).toBe('dead')
    expect(kinds(1).filter((kind) => kind !== 'state')).toEqual([
      ...['spawned', 'entered_kernel', 'called', 'returned', 'left_kernel', 'exited'],
    ])
  })

  test.each([
    ['interruptible', true],
    ['killable', false],
    ['uninterruptible', false],
  ] as const)('asleep %s: a signal that is not fatal ends the sleep: %s', (kind, ends) => {
    const { made, trace } = machine()
    const task = made.spawn({ comm: 'cat', kind: 'user', program: reader({ do: 'sleep', kind }) })
    made.advanceTo(MS)
    made.interrupt(task)
    made.advanceTo(2 * MS)
    expect(trace.filter(({ kind: what }) => what === 'called')).toHaveLength(ends ? 2 : 1)
    expect(task.state).toBe(kind)
  })

  test.each([
    ['interruptible', 'dead'],
    ['killable', 'dead'],
    ['uninterruptible', 'uninterruptible'],
  ] as const)('asleep %s and killed: %s', (kind, state) => {
    const { made } = machine()
    const task = made.spawn({ comm: 'cat', kind: 'user', program: reader({ do: 'sleep', kind, event: 'done' }) })
    made.advanceTo(MS)
    made.kill(task, 'SIGKILL')
    made.advanceTo(2 * MS)
    expect(task.state).toBe(state)
    made.signalEvent('done')
    made.advanceTo(3 * MS)
    expect(task.state).toBe('dead')
  })

  test('in user mode is killed at the next timer interrupt', () => {
    const { made } = machine()
    const task = made.spawn({ comm: 'spin', kind: 'user', program: [{ do: 'run', us: SECOND }] })
    made.advanceTo(MS)
    made.kill(task, 'SIGTERM')
    made.advanceTo(4 * MS)
    expect([task.state, made.cpus[0]?.current]).toEqual(['dead', null])
  })
})

describe('CPUs', () => {
  test('are shared by those that want to run', () => {
    const { made } = machine(1)
    const [one, two] = ['one', 'two'].map((comm) =>
      made.spawn({ comm, kind: 'user', program: [{ do: 'run', us: 30 * MS }] }),
    )
    made.advanceTo(59 * MS)
    expect([one?.state, two?.state].filter((state) => state === 'dead')).toHaveLength(1)
    made.advanceTo(61 * MS)
    expect([one?.state, two?.state]).toEqual(['dead', 'dead'])
  })

  test('stand still in stop_machine, and go on with what was left', () => {
    const { made } = machine(1)
    const task = made.spawn({ comm: 'spin', kind: 'user', program: [{ do: 'run', us: 10 * MS }] })
    made.advanceTo(4 * MS)
    made.stopMachine(
      20 * MS,
      () => undefined,
      () => undefined,
    )
    made.advanceTo(29 * MS)
    expect(task.state).toBe('running')
    made.advanceTo(31 * MS)
    expect(task.state).toBe('dead')
  })
})

const busy = (seed: number) => {
  const { made, trace } = machine(2, seed)
  for (let index = 0; index < 40; index += 1) {
    const loop: Body = [
      { do: 'run', us: { mean: 200 } },
      ...reader({ do: 'sleep', kind: 'interruptible', us: { median: 8 * MS, sigma: 1 } }),
    ]
    made.spawn({ comm: `task-${index}`, kind: 'user', program: [{ do: 'loop', body: loop }] })
  }
  made.advanceTo(SECOND)
  return JSON.stringify(trace)
}

test('the same seed gives the same run, another seed another', () => {
  expect(busy(7)).toBe(busy(7))
  expect(busy(7)).not.toBe(busy(8))
})

test('tasks at rest cost nothing and go on where they were', () => {
  const { made, trace } = machine()
  made.spawn({
    comm: 'loop',
    kind: 'user',
    program: [{ do: 'loop', body: reader({ do: 'sleep', kind: 'killable', us: MS }) }],
  })
  made.advanceTo(10 * MS)
  made.rest(true)
  const before = trace.length
  expect(made.nextUs()).toBeUndefined()
  made.advanceTo(60 * SECOND)
  expect(trace).toHaveLength(before)
  made.rest(false)
  made.advanceTo(60 * SECOND + 10 * MS)
  expect(trace.length).toBeGreaterThan(before)
  expect(trace.slice(before).every(({ atUs }) => atUs >= 60 * SECOND)).toBe(true)
})
