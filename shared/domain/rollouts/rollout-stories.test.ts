// Goal: a rollout goes as people expect of it, and says at each point why it stands there. Method: stories over a few hosts, of
// which the test says what each host does.
import { expect, test } from 'vitest'
import { replayRollout } from './replay.ts'
import { rolloutSentence } from './rollout-sentence.ts'
import { TestRollout, testHosts, testPlan } from './test-rollout.ts'

const reason = 'so decided'
const sentence = (rollout: TestRollout, frozen = false) =>
  rolloutSentence(rollout.plan, rollout.state, rollout.now, { frozen })
const STALL = { effect: 'going in', stalledBy: 'kworker/3 (57) in nfs4_open' } as const

test('all goes well: the canary, its soak, then the rest', () => {
  const waves = [
    { name: 'canary', share: { kind: 'count', hosts: 1 }, soakSeconds: 300 },
    { name: 'rest', share: { kind: 'rest' } },
  ]
  const rollout = new TestRollout(testPlan({ waves }), testHosts(3))
  expect(sentence(rollout)).toBe('Nobody has started it.')
  const canary = rollout.act({ kind: 'start', reason })
  expect(canary.map(({ action, attempt }) => [action, attempt])).toEqual([['load', 1]])
  expect(sentence(rollout)).toMatch(/^canary: 0 of 1 host have settled; web-\d\d in change\.$/)
  expect(rollout.obey(canary)).toEqual([])
  expect(sentence(rollout)).toBe('canary soaks: 5 minutes left.')
  expect(rollout.wait(299)).toEqual([])
  const rest = rollout.step()
  expect(rest.map(({ action }) => action)).toEqual(['load', 'load'])
  rollout.obey(rest)
  expect(rollout.state.phase).toBe('done')
  expect(sentence(rollout)).toBe('Done: 3 done.')
  expect(rollout.kinds()).toEqual([
    'started',
    'wave begun',
    'wave settled',
    'wave done',
    'wave begun',
    'wave settled',
    'wave done',
    'done',
  ])
})

test('the canary stalls, it pauses by itself and names the cause; its wave is reversed, the host left out, and the rest is done', () => {
  const rollout = new TestRollout(testPlan({ stalls: { policy: 'ask', afterSeconds: 600 } }), testHosts(3))
  const [order] = rollout.act({ kind: 'start', reason })
  const canary = order?.host ?? ''
  const name = rollout.state.hosts.get(canary)?.name ?? ''
  rollout.result(order, 'started')
  rollout.read(canary, STALL)
  expect(sentence(rollout)).toContain(`${name} has waited 0 seconds for kworker/3 (57) in nfs4_open`)
  expect(rollout.wait(720)).toEqual([])
  expect(rollout.state.phase).toBe('paused')
  expect(sentence(rollout)).toContain(
    `Paused by itself: ${name} has waited 12 minutes for kworker/3 (57) in nfs4_open; reverse the wave, leave the host out, or wait.`,
  )

  const [undo] = rollout.act({ kind: 'reverse', reason, fromWave: 0, afterwards: 'pause' })
  expect([undo?.host, undo?.action, undo?.attempt]).toEqual([canary, 'reversal', 2])
  rollout.obey(undo === undefined ? [] : [undo])
  expect([rollout.state.phase, rollout.stageOf(canary), rollout.state.waves[0]?.stage]).toEqual([
    'paused',
    'undone',
    'not begun',
  ])
  rollout.act({ kind: 'exclude', reason, hosts: [canary] })
  const rest = rollout.act({ kind: 'resume', reason })
  expect(rest.map(({ host }) => host)).not.toContain(canary)
  rollout.obey(rest)
  expect([rollout.state.phase, rollout.stageOf(canary)]).toEqual(['done', 'left out'])
  const { phase, stages } = replayRollout(2, rollout.decisions)
  expect([phase, stages]).toEqual(['done', ['done', 'done']])
})

test('an oops takes all of it back by itself, what was done last first', () => {
  const plan = testPlan({
    waves: [{ name: 'one by one', share: { kind: 'rest' } }],
    limits: { atOnce: 1, domains: [] },
    gates: [{ kind: 'kernel log' }],
    budget: { failures: 0, whenSpent: 'reverse' },
  })
  const rollout = new TestRollout(plan, testHosts(3))
  const first = rollout.act({ kind: 'start', reason })
  const second = rollout.obey(first)
  const third = rollout.obey(second)
  const struck = second[0]?.host ?? ''
  const oops = { kind: 'oops' as const, text: 'BUG: unable to handle page fault', at: '2026-11-27T20:00:09.000Z' }
  rollout.step({
    results: third.map(({ id, host }) => ({ order: id, host, state: 'started' as const, code: null, detail: null })),
  })
  const [taken] = rollout.read(struck, { effect: 'in', incidents: [oops] })
  expect(rollout.state.phase).toBe('reversing')
  expect(rollout.decisions.find(({ kind }) => kind === 'reversing by itself')?.because).toContain(
    'BUG: unable to handle',
  )
  // The place is taken by the third, which is in the middle of it: it goes back first.
  expect([taken?.host, taken?.action]).toEqual([third[0]?.host, 'reversal'])
  const next = rollout.obey(taken === undefined ? [] : [taken])
  expect(next.map(({ host }) => host)).toEqual([struck])
  const lastOne = rollout.obey(next)
  expect(lastOne.map(({ host }) => host)).toEqual([first[0]?.host])
  rollout.obey(lastOne)
  expect([rollout.state.phase, ...rollout.stages()]).toEqual(['reversed', 'undone', 'undone', 'undone'])
  expect(sentence(rollout)).toMatch(/^Undone: .*BUG: unable to handle page fault[^.]*\. 3 undone\.$/)
})

test('what was there before is not undone', () => {
  const rollout = new TestRollout(testPlan({ waves: [{ name: 'all', share: { kind: 'rest' } }] }), testHosts(2))
  const [before, other] = [...rollout.state.hosts.keys()]
  rollout.read(before ?? '', { effect: 'in' })
  const orders = rollout.act({ kind: 'start', reason })
  expect(orders.map(({ host }) => host)).toEqual([other])
  rollout.obey(orders)
  const undo = rollout.act({ kind: 'reverse', reason, fromWave: 0, afterwards: 'end' })
  expect(undo.map(({ host }) => host)).toEqual([other])
  rollout.obey(undo)
  expect([rollout.state.phase, rollout.stageOf(before ?? '')]).toEqual(['reversed', 'done'])
})

test('a pause stops new orders at once, and what runs ends as it will', () => {
  const plan = testPlan({ waves: [{ name: 'all', share: { kind: 'rest' } }], limits: { atOnce: 1, domains: [] } })
  const rollout = new TestRollout(plan, testHosts(2))
  const first = rollout.act({ kind: 'start', reason })
  rollout.act({ kind: 'pause', reason })
  expect(rollout.obey(first)).toEqual([])
  expect(rollout.stageOf(first[0]?.host ?? '')).toBe('done')
  expect(sentence(rollout)).toBe('Paused: ann: so decided')
  expect(rollout.act({ kind: 'resume', reason })).toHaveLength(1)
})

test('hosts begin in their window only, no order is good after it, and undoing does not wait for it', () => {
  const windows = [{ timeZone: 'Europe/Berlin', days: ['friday'], from: '22:00', to: '22:10' }]
  const plan = testPlan({
    windows,
    limits: { atOnce: 1, domains: [] },
    waves: [{ name: 'all', share: { kind: 'rest' } }],
  })
  const rollout = new TestRollout(plan, testHosts(3))
  expect(rollout.act({ kind: 'start', reason })).toEqual([])
  expect(sentence(rollout)).toContain('the next maintenance window begins at 2026-11-27T21:00:00.000Z')
  rollout.wait(3590)
  const first = rollout.step({}, 60)
  expect(first.map(({ expiresAt }) => expiresAt)).toEqual(['2026-11-27T21:10:00.000Z'])
  const second = rollout.obey(first)
  rollout.wait(530)
  // Less than a minute is left of it.
  expect(rollout.obey(second)).toEqual([])
  rollout.wait(300)
  const undo = rollout.act({ kind: 'reverse', reason, fromWave: 0, afterwards: 'end' })
  expect(undo.map(({ action }) => action)).toEqual(['reversal'])
  expect(sentence(rollout)).toContain('maintenance windows do not hold for that')
})

test('it waits for approval, and begins when the last one has signed', () => {
  const rollout = new TestRollout(testPlan(), testHosts(1))
  const approvalMissing = 'one more approver must sign.'
  rollout.step({ acts: [{ by: 'ann', act: { kind: 'start', reason } }], approvalMissing })
  expect([rollout.state.phase, rollout.step({ approvalMissing })]).toEqual(['awaiting approval', []])
  expect(sentence(rollout)).toBe('It waits for approval: one more approver must sign.')
  expect(rollout.step()).toHaveLength(1)
})
