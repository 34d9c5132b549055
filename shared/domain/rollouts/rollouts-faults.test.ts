// Goal: one fault at any point of a rollout changes neither its end nor whom it tells. Method: the same rollout again and again,
// with the fault at its first effect, its second, and so on to its last.
import { describe, expect, test } from 'vitest'
import { replayRollout } from './replay.ts'
import { faultyRun, type Run, type RunFault } from './test-faulty-run.ts'

const DAY = 24 * 60 * 60 * 1000
const usual = faultyRun(null)
const points = Array.from({ length: usual.effects }, (_, index) => index + 1)

const endOf = ({ state, orders, decisions }: Run) => ({
  phase: state.phase,
  hosts: [...state.hosts.values()].map(({ name, stage, attempt }) => `${name} ${stage} ${attempt}`),
  told: orders.map(({ host }) => host).sort(),
  begun: decisions.filter(({ kind }) => kind === 'wave begun').map(({ wave }) => wave),
  replayed: replayRollout(3, decisions),
})
const AS_USUAL = {
  phase: 'done',
  hosts: usual.orders.map(() => expect.stringMatching(/ done 1$/)),
  told: endOf(usual).told,
  begun: [0, 1, 2],
  replayed: { phase: 'done', stages: ['done', 'done', 'done'] },
}

test('without a fault each host is told once, and it is done', () => {
  expect(endOf(usual)).toEqual(AS_USUAL)
  expect(new Set(usual.orders.map(({ host }) => host)).size).toBe(6)
  expect(usual.effects).toBeGreaterThanOrEqual(8)
})

describe.each(points)('at effect %i', (effect) => {
  const run = (fault: Omit<RunFault, 'effect'>) => faultyRun({ effect, ...fault })

  test('T35 its leader is killed before it commits, and what was not committed is lost', () =>
    expect(endOf(run({ kind: 'killed before' }))).toEqual(AS_USUAL))

  test('T35 its leader is killed right after it committed', () =>
    expect(endOf(run({ kind: 'killed after' }))).toEqual(AS_USUAL))

  test('T37 its leader is frozen, another takes over, and the first is woken late: its write is refused', () => {
    const end = run({ kind: 'frozen leader' })
    expect(endOf(end)).toEqual(AS_USUAL)
    expect(end.rejected).toBe(1)
    expect(end.decisions.map(({ number }) => number)).toEqual(end.decisions.map((_, index) => index))
  })

  test('T28 all changes are frozen: nobody is told until that is lifted', () => {
    const end = run({ kind: 'freeze' })
    expect(end.toldInFreeze).toBe(0)
    expect(endOf(end)).toEqual(AS_USUAL)
  })

  test.each([
    ['a day ahead', (now: number) => now + DAY],
    ['a day behind', (now: number) => now - DAY],
    ['in 1970', (now: number) => now % DAY],
    ['after 2038', (now: number) => Date.UTC(2038, 0, 19, 3, 14, 8) + (now % DAY)],
  ])('T21 its clock is %s for two minutes: no soak is cut short, and nobody is told twice', (_name, clockTo) => {
    const end = run({ kind: 'clock', clockTo })
    expect(endOf(end)).toEqual(AS_USUAL)
    for (const [wave, soaked] of end.soaked.entries()) expect(soaked).toBeGreaterThanOrEqual(usual.soaked[wave] ?? 0)
  })
})
