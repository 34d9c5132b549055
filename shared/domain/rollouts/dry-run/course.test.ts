// Goal: a dry run passes through time as the rollout would, however it skips. Method: the engine over hosts whose orders come to
// what the test says, against times that are reckoned by hand.
import { expect, test } from 'vitest'
import { RolloutPlan } from '../../../contract/rollout-plan.ts'
import { runCourse } from './course.ts'
import type { CourseHost, DrawOutcome, OrderOutcome } from './course-host.ts'

const ID = '88888888-8888-4888-8888-888888888888'
/** A Friday, 21:00 in Berlin. */
const FRIDAY = Date.parse('2026-11-27T20:00:00.000Z')
const SHA = 'e'.repeat(64)

const plan = (rest: object = {}): RolloutPlan =>
  RolloutPlan.parse({
    ...{ version: 1, name: 'a fix', reason: 'a test', change: { kind: 'load', patches: [SHA] }, hosts: 'name:*' },
    waves: [
      { name: 'canary', share: { kind: 'count', hosts: 1 }, soakSeconds: 3600 },
      { name: 'rest', share: { kind: 'rest' } },
    ],
    ...rest,
  })

const host = (index: number, rest: Partial<CourseHost> = {}): CourseHost => ({
  id: `77777777-7777-4777-8777-${String(index).padStart(12, '0')}`,
  ...{ name: `host-${index}`, labels: {}, fit: { fits: true, artefact: SHA, patch: 'lp' } },
  ...{ effect: 'out', connected: true, refusal: null, incidentsKnown: true },
  ...rest,
})
const hosts = [host(0), host(1), host(2)]
const PLAIN: OrderOutcome = { delivery: 1, change: 2, report: 1, heldBy: null, refused: null }
const run = (
  rest: object = {},
  draw: DrawOutcome = () => PLAIN,
  among: readonly CourseHost[] = hosts,
  beginsAt = FRIDAY,
) => runCourse(plan(rest), among, { id: ID, beginsAt, draw })

test('a rollout takes its soak, and the time of its transitions', () => {
  const course = run()
  expect(course).toMatchObject({ phase: 'done', because: null, seconds: 3608, soaked: [3600, 0], outsideWindows: 0 })
  expect(course.waves).toEqual([
    { begins: 0, ends: 3604 },
    { begins: 3604, ends: 3608 },
  ])
  expect([course.stalled.size, course.failed.size, course.asked.length]).toEqual([0, 0, 0])
})

test('one host at a time takes as long as all after one another', () => {
  expect(run({ limits: { atOnce: 1, domains: [] } }).seconds).toBe(3600 + 3 * 4)
})

test('it waits for its maintenance window, by the clock of its place', () => {
  const windows = [{ timeZone: 'Europe/Berlin', days: ['sunday'], from: '02:00', to: '04:00' }]
  const course = run({ windows })
  // Sunday, 02:00 in Berlin is 29 hours after Friday, 21:00.
  expect(course.waves[0]?.begins).toBe(29 * 3600)
  expect(course.outsideWindows).toBe(29 * 3600)
  expect(course.seconds).toBe(29 * 3600 + 3608)
})

test('a stall for which somebody is to be asked ends after what the plan says, and the host is left out', () => {
  const held: OrderOutcome = { ...PLAIN, change: 5000, heldBy: 'tail (5) in pipe_read' }
  const draw: DrawOutcome = ({ name }) => (name === 'host-1' ? held : PLAIN)
  const course = run(
    { stalls: { policy: 'ask', afterSeconds: 600 }, waves: [{ name: 'all', share: { kind: 'rest' } }] },
    draw,
  )
  expect(course.asked.map(({ kind }) => kind)).toEqual(['pause'])
  expect(course.asked[0]?.why).toContain('host-1 stalled for 10 minutes. It waits for tail (5) in pipe_read.')
  expect([...course.stalled.keys()]).toEqual([host(1).id])
  expect(course.phase).toBe('done')
  expect(course.seconds).toBeGreaterThanOrEqual(600)
  expect(course.seconds).toBeLessThan(620)
})

test('a stall that nobody is to be asked about lasts as long as it lasts', () => {
  const held: OrderOutcome = { ...PLAIN, change: 5000, heldBy: 'tail' }
  const waves = [{ name: 'all', share: { kind: 'rest' } }]
  const course = run({ stalls: { policy: 'wait', afterSeconds: 600 }, waves }, ({ name }) =>
    name === 'host-1' ? held : PLAIN,
  )
  expect(course.seconds).toBe(5002)
  expect(Math.round(course.stalled.get(host(1).id) ?? 0)).toBe(4997)
})

test('a stall that is reversed takes the host out again, and counts as a failure', () => {
  const held: OrderOutcome = { ...PLAIN, change: 5000, heldBy: 'tail' }
  const draw: DrawOutcome = ({ name }, { action }) => (name === 'host-1' && action === 'load' ? held : PLAIN)
  const rest = { stalls: { policy: 'reverse', afterSeconds: 300 }, budget: { failures: 1, whenSpent: 'pause' } }
  const course = run({ ...rest, waves: [{ name: 'all', share: { kind: 'rest' } }] }, draw)
  expect(course.phase).toBe('done')
  expect([...course.failed.keys()]).toEqual([host(1).id])
})

test('more failures than may: the rollout undoes itself, and says why', () => {
  const draw: DrawOutcome = () => ({ ...PLAIN, refused: 'The kernel refused it: a kprobe holds its function.' })
  const course = run({ budget: { failures: 0, whenSpent: 'reverse' } }, draw)
  expect(course.phase).toBe('reversed')
  expect(course.because).toContain('failed')
})

test('hosts that are not heard are waited for, and then are what the plan says', () => {
  const course = run({ vanished: { afterSeconds: 900, count: 'as left out' } }, undefined, [
    host(0),
    host(1),
    host(2, { connected: false }),
  ])
  expect(course.phase).toBe('done')
  expect(course.seconds).toBeGreaterThanOrEqual(900)
})

test('approvals are given at once, gates of the outside are open, and one that stays shut is promoted past', () => {
  const gates = [
    { kind: 'approval', people: 2 },
    { kind: 'http', url: 'http://probe.example/' },
    { kind: 'kernel log' },
  ]
  const course = run({ gates }, undefined, [host(0), host(1), host(2, { incidentsKnown: false })])
  expect(course.phase).toBe('done')
  expect(course.asked.filter(({ kind }) => kind === 'approval').map(({ wave }) => wave)).toEqual([0, 1])
  const shut = course.asked.filter(({ kind }) => kind === 'gate')
  expect(shut.map(({ why }) => why)).toEqual(['kernel log: not known of host-2'])
})

test('a transition of the same patch that runs already is waited for', () => {
  const course = run({ waves: [{ name: 'all', share: { kind: 'rest' } }] }, () => ({ ...PLAIN, change: 40 }), [
    host(0, { effect: 'going in' }),
  ])
  expect([course.phase, course.seconds]).toEqual(['done', 40])
})

test('a wave that comes too late for its window waits for the next', () => {
  const windows = [{ timeZone: 'Europe/Berlin', days: ['sunday'], from: '02:00', to: '02:30' }]
  expect(run({ windows }).waves[1]?.begins).toBe((29 + 7 * 24) * 3600)
})

test('a plan that would not end is given up, with a sentence', () => {
  const waves = [{ name: 'all', share: { kind: 'rest' } }]
  const forever: DrawOutcome = () => ({ ...PLAIN, change: 1e9, heldBy: 'tail' })
  const course = run({ stalls: { policy: 'wait', afterSeconds: 600 }, waves }, forever)
  expect(course.phase).toBe('running')
  expect(course.because).toContain('60 days')
})
