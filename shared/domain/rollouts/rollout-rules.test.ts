// Goal: each rule of a plan does what it says, and no more. Method: one rule at a time over a few hosts, of which the test says
// what each host does.
import { expect, test } from 'vitest'
import type { RolloutOrder } from '../../contract/rollouts-api.ts'
import { actRefusal } from './offered-acts.ts'
import { overlapOf } from './overlap.ts'
import { rolloutSentence } from './rollout-sentence.ts'
import { TestRollout, testHosts, testPlan } from './test-rollout.ts'

const reason = 'so decided'
const ALL = [{ name: 'all', share: { kind: 'rest' } }]
const STALL = { effect: 'going in', stalledBy: 'tar (812) in nfs4_open' } as const
const started = (plan: object, count: number, labels?: (index: number) => Record<string, string>) => {
  const rollout = new TestRollout(testPlan({ waves: ALL, ...plan }), testHosts(count, labels))
  return { rollout, orders: rollout.act({ kind: 'start', reason }) }
}
const first = (orders: readonly RolloutOrder[]): RolloutOrder => {
  const [order] = orders
  if (order === undefined) throw new Error('nobody was told')
  return order
}
const sentence = ({ plan, state, now }: TestRollout) => rolloutSentence(plan, state, now)

test('T36 limits hold for all and for each failure domain; hosts without the label share one', () => {
  const limits = { atOnce: 3, domains: [{ label: 'rack', atMost: 1 }] }
  const { rollout, orders } = started(
    { limits },
    6,
    (index): Record<string, string> => (index < 2 ? { rack: 'a' } : index < 4 ? { rack: 'b' } : {}),
  )
  const racks = (told: readonly RolloutOrder[]) =>
    told.map(({ host }) => rollout.state.hosts.get(host)?.domains[0] ?? 'none').sort()
  expect(racks(orders)).toEqual(['a', 'b', 'none'])
  // One that is not heard keeps its place.
  const [lost, ...others] = orders
  rollout.read(lost?.host ?? '', { connected: false })
  expect(racks(rollout.obey(others))).toHaveLength(2)
  expect(rollout.wait(120)).toEqual([])
})

test('a host that gets another label in the middle of its change keeps the place that it has', () => {
  const limits = { atOnce: null, domains: [{ label: 'rack', atMost: 1 }] }
  const { rollout, orders } = started({ limits }, 2, () => ({ rack: 'a' }))
  const { host } = first(orders)
  expect(rollout.read(host, { effect: 'going in', domains: ['b'] })).toEqual([])
  expect(rollout.state.hosts.get(host)?.domains).toEqual(['a'])
})

test('a stall: wait does nothing, retry begins it anew three times and then asks, reverse takes the host back', () => {
  const stalled = (policy: string) => {
    const { rollout, orders } = started({ stalls: { policy, afterSeconds: 60 } }, 1)
    rollout.result(first(orders), 'started')
    rollout.read(first(orders).host, STALL)
    return rollout
  }
  const waits = stalled('wait')
  expect([waits.wait(7200), waits.state.phase]).toEqual([[], 'running'])

  const retries = stalled('retry')
  let told = retries.wait(61)
  for (const attempt of [2, 3, 4]) {
    const retry = first(told)
    expect([retry.action, retry.attempt]).toEqual(['retry', attempt])
    // While nobody knows whether it has begun, it is not told again.
    expect(retries.wait(300)).toEqual([])
    told = retries.result(retry, 'failed', 'retry_stalled')
  }
  retries.wait(120)
  expect(retries.state.phase).toBe('paused')

  const reverses = stalled('reverse')
  const undo = first(reverses.wait(61))
  expect(undo.action).toBe('reversal')
  reverses.obey([undo])
  expect([reverses.stages(), reverses.state.phase]).toEqual([['failed'], 'paused'])
  expect(sentence(reverses)).toContain('tar (812) in nfs4_open')
  for (const { orders } of [waits, retries, reverses]) expect(orders.map(({ action }) => action)).not.toContain('force')
})

test('a host on which another livepatch is in transition waits for its turn, and the sentence says for what; not for ever', () => {
  const rollout = new TestRollout(testPlan({ waves: ALL }), testHosts(2))
  const [busy = '', free] = [...rollout.state.hosts.keys()]
  rollout.read(busy, { busyWith: 'lp_other' })
  const orders = rollout.act({ kind: 'start', reason })
  expect(orders.map(({ host }) => host)).toEqual([free])
  expect(rollout.obey(orders)).toEqual([])
  expect(rollout.stages()).toEqual(['waiting', 'done'])
  expect(sentence(rollout)).toContain('waits until lp_other is no longer in transition there')
  const late = new TestRollout(testPlan({ waves: ALL, vanished: { afterSeconds: 900 } }), testHosts(1))
  late.read([...late.state.hosts.keys()][0] ?? '', { busyWith: 'lp_other' })
  late.act({ kind: 'start', reason })
  late.wait(800)
  expect(late.stages()).toEqual(['waiting'])
  late.wait(200)
  expect([late.stages(), late.state.phase]).toEqual([['refused'], 'paused'])
  expect(sentence(late)).toMatch(/lp_other has been in transition for 1\d min/)
  // Its transition began after it was last read.
  rollout.read(busy, { busyWith: null })
  const told = rollout.orders.at(-1)
  if (told === undefined) throw new Error('nobody was told')
  expect(told.host).toBe(busy)
  expect(rollout.result(told, 'refused', 'transition_running').map(({ host, attempt }) => [host, attempt])).toEqual([
    [busy, 2],
  ])
})

test('a host whose stall was undone only when its wave had passed does not go again when somebody resumes', () => {
  const trouble = {
    stalls: { policy: 'reverse', afterSeconds: 60 },
    budget: { failures: 5 },
    vanished: { afterSeconds: 120 },
    waves: [
      { name: 'canary', share: { kind: 'count', hosts: 1 } },
      { name: 'rest', share: { kind: 'rest' }, soakSeconds: 1800 },
    ],
  }
  const rollout = new TestRollout(testPlan(trouble), testHosts(2))
  const order = first(rollout.act({ kind: 'start', reason }))
  rollout.result(order, 'started')
  rollout.read(order.host, STALL)
  rollout.wait(61)
  rollout.read(order.host, { connected: false })
  const next = rollout.wait(130).find(({ host }) => host !== order.host)
  if (next === undefined) throw new Error('the next wave was not told')
  expect(rollout.state.hosts.get(order.host)?.stage).toBe('undo failed')
  rollout.obey([next])
  // It was started anew meanwhile.
  rollout.read(order.host, { effect: 'out' })
  rollout.wait(601)
  expect(rollout.state.hosts.get(order.host)?.stage).toBe('undone')
  rollout.act({ kind: 'pause', reason })
  rollout.act({ kind: 'resume', reason })
  rollout.wait(1800)
  expect([rollout.state.hosts.get(order.host)?.stage, rollout.state.phase]).toEqual(['undone', 'done'])
})

test('a host that vanishes in its change counts as failed and keeps its place, or is left out, as the plan says', () => {
  const vanished = (count: string) => {
    const limits = { atOnce: 1, domains: [] }
    const { rollout, orders } = started({ vanished: { afterSeconds: 600, count }, limits, budget: { failures: 1 } }, 2)
    rollout.result(first(orders), 'started')
    rollout.read(first(orders).host, { effect: 'going in', connected: false })
    return { rollout, host: first(orders).host, told: rollout.wait(660) }
  }
  const failed = vanished('as failed')
  expect([failed.told, failed.rollout.stageOf(failed.host)]).toEqual([[], 'vanished'])
  expect(sentence(failed.rollout)).toContain('every place is held by hosts that vanished')
  // It comes back, and is done after all.
  expect(failed.rollout.read(failed.host, { effect: 'in' })).toHaveLength(1)
  expect(failed.rollout.stageOf(failed.host)).toBe('done')

  const out = vanished('as left out')
  expect([out.told.length, out.rollout.stageOf(out.host)]).toEqual([1, 'left out'])
})

test('a failed re-check blocks promotion, by itself and by a person', () => {
  const waves = [{ name: 'canary', share: { kind: 'count', hosts: 1 }, soakSeconds: 300 }, ...ALL]
  const { rollout, orders } = started({ waves }, 2)
  rollout.obey(orders)
  rollout.read(first(orders).host, { effect: 'out' })
  const name = rollout.state.hosts.get(first(orders).host)?.name
  expect(rollout.act({ kind: 'promote', reason })).toEqual([])
  expect(rollout.decisions.at(-1)?.sentence).toBe(
    `ann could not promote: The change is no longer in effect on ${name}.`,
  )
  expect(rollout.wait(600)).toEqual([])
  expect(sentence(rollout)).toBe(`canary stands at its gate: The change is no longer in effect on ${name}.`)
  expect(rollout.read(first(orders).host, { effect: 'in' })).toHaveLength(1)
})

test('a person promotes past a soak and shut gates, not while hosts of the wave change', () => {
  const waves = [{ name: 'canary', share: { kind: 'count', hosts: 1 }, soakSeconds: 3600 }, ...ALL]
  const { rollout, orders } = started({ waves, gates: [{ kind: 'approval' }] }, 2)
  const promote = { kind: 'promote', reason } as const
  expect(actRefusal(rollout.plan, rollout.state, promote, 'ann')).toContain('have not settled')
  rollout.obey(orders)
  expect(rollout.act(promote)).toHaveLength(1)
})

test('gates: each must be open at the end of the soak', () => {
  const waves = [{ name: 'canary', share: { kind: 'count', hosts: 2 }, soakSeconds: 60 }, ...ALL]
  const gates = [
    { kind: 'approval', people: 2 },
    { kind: 'agents' },
    { kind: 'transitions', percent: 100, withinSeconds: 60 },
    { kind: 'prometheus', url: 'https://metrics.example', query: 'errors', is: '<', value: 1 },
  ]
  const { rollout, orders } = started({ waves, gates }, 3)
  rollout.obey(orders)
  const early = { wave: 0, gate: 3, reading: { open: true, words: '0.1 < 1', at: new Date(rollout.now).toISOString() } }
  rollout.step({ gates: [early] })
  rollout.wait(120)
  expect(sentence(rollout)).toBe('canary stands at its gate: approval: 0 of 2 approvals')
  const approve = { kind: 'approve gate', wave: 0, gate: 0, reason } as const
  rollout.act(approve)
  expect(actRefusal(rollout.plan, rollout.state, approve, 'ann')).toBe('You have approved it.')
  rollout.act(approve, 'bob')
  expect(sentence(rollout)).toContain('Prometheus, errors < 1: not read since the soak was over')
  rollout.read(orders[0]?.host ?? '', { effect: 'in', connected: false })
  const at = () => new Date(rollout.now).toISOString()
  const read = (open: boolean) =>
    rollout.step({ gates: [{ wave: 0, gate: 3, reading: { open, words: 'as read', at: at() } }] })
  expect(read(true)).toEqual([])
  expect(sentence(rollout)).toMatch(/agents: web-\d\d not heard$/)
  rollout.read(orders[0]?.host ?? '', { effect: 'in' })
  expect(rollout.state.waves[0]?.stage).toBe('done')
})

test('a transition that took longer than its gate lets shuts it', () => {
  const waves = [{ name: 'canary', share: { kind: 'count', hosts: 1 } }, ...ALL]
  const { rollout, orders } = started({ waves, gates: [{ kind: 'transitions', percent: 50, withinSeconds: 60 }] }, 2)
  rollout.read(first(orders).host, { effect: 'going in' })
  rollout.wait(120)
  expect(rollout.obey(orders)).toEqual([])
  expect(sentence(rollout)).toContain('transitions: 0 of 1 host within 1 minute')
})

test('newcomers join the last wave or are left out, as the plan says; excluded ones and repeats never', () => {
  const come = (newcomers: string) => {
    const [, , late, excluded] = testHosts(4)
    const rollout = new TestRollout(testPlan({ newcomers, exclude: [excluded?.id] }), testHosts(4).slice(0, 2))
    rollout.act({ kind: 'start', reason })
    const found = [late, excluded].flatMap((host) => host ?? [])
    rollout.step({ newcomers: found })
    rollout.step({ newcomers: found })
    return rollout.state.hosts.size
  }
  expect([come('join'), come('leave out')]).toEqual([3, 2])
})

test('a refusal counts as a failure; an order that ran out is given again, five times', () => {
  const { rollout, orders } = started({ budget: { failures: 0 } }, 1)
  let order = first(orders)
  for (const attempt of [2, 3, 4, 5]) {
    order = first(rollout.result(order, 'expired', 'command_expired'))
    expect(order.attempt).toBe(attempt)
  }
  rollout.result(order, 'expired', 'command_expired')
  expect([rollout.stages(), rollout.state.phase]).toEqual([['failed'], 'paused'])

  const refused = started({}, 1)
  refused.rollout.result(first(refused.orders), 'refused', 'hours')
  expect([refused.rollout.stages(), refused.rollout.state.phase]).toEqual([['refused'], 'paused'])
  expect(refused.rollout.kinds()).toEqual(['started', 'wave begun', 'failed', 'paused by itself'])
})

test('within the budget it goes on; what a person has seen and resumed from counts no more', () => {
  const { rollout, orders } = started({ budget: { failures: 1 }, limits: { atOnce: 1, domains: [] } }, 4)
  const second = first(rollout.result(first(orders), 'failed', 'ENOENT'))
  expect(rollout.state.phase).toBe('running')
  rollout.result(second, 'failed', 'EINVAL')
  expect(rollout.state.phase).toBe('paused')
  expect(rollout.state.because).toMatch(/^web-\d\d and web-\d\d failed, and at most 1 may fail\./)
  const third = first(rollout.act({ kind: 'resume', reason }))
  rollout.result(third, 'failed', 'ENOENT')
  expect(rollout.state.phase).toBe('running')
})

test('T33 a host of which the state cannot be read, or that says no, is not told', () => {
  for (const change of [{ effect: 'unknown' }, { refusal: 'The host is in quarantine.' }] as const) {
    const rollout = new TestRollout(testPlan({ waves: ALL }), testHosts(1))
    const [host = ''] = rollout.state.hosts.keys()
    rollout.read(host, change)
    expect([rollout.act({ kind: 'start', reason }), rollout.stages()]).toEqual([[], ['refused']])
  }
})

test('an agent that says done is not believed against its kernel', () => {
  const { rollout, orders } = started({}, 1)
  rollout.result(first(orders), 'done')
  expect(rollout.stages()).toEqual(['changing'])
  rollout.wait(900)
  expect(rollout.stages()).toEqual(['failed'])
})

test('T36 repeats and late words change nothing', () => {
  const { rollout, orders } = started({}, 1)
  const { host } = first(orders)
  const late = rollout.reading(host, { effect: 'out' })
  rollout.obey(orders)
  const { phase, hosts } = rollout.state
  const before = hosts.get(host)
  rollout.step({
    readings: [late],
    results: [{ order: first(orders).id, host, state: 'failed', code: 'x', detail: null }],
  })
  expect([rollout.state.phase, rollout.state.hosts.get(host)]).toEqual([phase, before])
})

test('disabling is undone by enabling, a vendor’s update by nothing', () => {
  const disabling = started({ change: { kind: 'disable', patch: 'lp_fix' } }, 1)
  disabling.rollout.obey(disabling.orders)
  const undo = disabling.rollout.act({ kind: 'reverse', reason, fromWave: 0, afterwards: 'end' })
  expect(undo.map(({ action }) => action)).toEqual(['enable'])
  const updating = started({ change: { kind: 'update', provider: 'kernelcare' }, budget: { whenSpent: 'reverse' } }, 2)
  updating.rollout.result(first(updating.orders), 'failed', 'tool_failed')
  expect(updating.rollout.state.phase).toBe('paused')
})

test('two rollouts that would change one host at once: the overlap is named', () => {
  const hosts = testHosts(4)
  const [a, b] = [testPlan({ name: 'fix A' }), testPlan({ name: 'fix B' })]
  expect(overlapOf(a, hosts.slice(0, 2), b, hosts.slice(2))).toBeNull()
  expect(overlapOf(a, hosts.slice(0, 3), b, hosts.slice(2))?.sentence).toBe(
    'fix A and fix B would change 1 host at once: web-03. Leave them out of one, or wait for the other.',
  )
})

test('T28 a freeze stops undoing too', () => {
  const { rollout, orders } = started({}, 1)
  rollout.obey(orders)
  const act = { kind: 'reverse', reason, fromWave: 0, afterwards: 'end' } as const
  expect(rollout.step({ frozen: true, acts: [{ by: 'ann', act }] })).toEqual([])
  expect(rollout.step({ frozen: true })).toEqual([])
  expect(rollout.step()).toHaveLength(1)
})

test('who is left out while told settles first, and is told no more when its order runs out', () => {
  const { rollout, orders } = started({ limits: { atOnce: 1, domains: [] } }, 2)
  const { host } = first(orders)
  expect(rollout.act({ kind: 'exclude', reason, hosts: [host] })).toEqual([])
  const next = rollout.result(first(orders), 'expired', 'command_expired')
  expect([rollout.stageOf(host), next.map((order) => order.host).includes(host), next.length]).toEqual([
    'left out',
    false,
    1,
  ])
})

test('a wave without a host that is changed neither soaks nor stands at a gate', () => {
  const waves = [
    { name: 'canary', share: { kind: 'label', key: 'role', values: ['canary'] }, soakSeconds: 3600 },
    ...ALL,
  ]
  const { rollout, orders } = started({ waves, gates: [{ kind: 'approval' }] }, 1)
  expect([orders.length, rollout.state.wave]).toEqual([1, 1])
  expect(started({ livePatching: 'never' }, 3).rollout.state.phase).toBe('done')
})

test('only what has begun is reversed; an abort in the middle of it goes no further, and what is on its way back is undone', () => {
  const { rollout, orders } = started({ limits: { atOnce: 1, domains: [] } }, 2)
  const reverse = { kind: 'reverse', reason, fromWave: 0, afterwards: 'end' } as const
  const fresh = new TestRollout(
    testPlan({ windows: [{ timeZone: 'UTC', days: ['monday'], from: '01:00', to: '02:00' }] }),
    testHosts(1),
  )
  fresh.act({ kind: 'start', reason })
  expect(actRefusal(fresh.plan, fresh.state, reverse, 'ann')).toContain('Nobody was told anything')
  rollout.obey(rollout.obey(orders))
  const undo = rollout.act(reverse)
  rollout.act({ kind: 'abort', reason })
  expect(rollout.obey(undo)).toEqual([])
  expect([rollout.state.phase, rollout.stages().sort()]).toEqual(['aborted', ['done', 'undone']])
  expect(rollout.act(reverse)).toHaveLength(1)
})

test('an order that a pause took back says nothing against the host', () => {
  const { rollout, orders } = started({}, 1)
  let order = first(orders)
  for (let round = 0; round < 7; round += 1) {
    rollout.act({ kind: 'pause', reason })
    rollout.result(order, 'cancelled')
    order = first(rollout.act({ kind: 'resume', reason }))
  }
  expect([order.attempt, rollout.stages()]).toEqual([8, ['told']])
})

test('T25 an approval that is lost in the middle: nobody more is told until there is another', () => {
  const { rollout, orders } = started({ limits: { atOnce: 1, domains: [] } }, 2)
  rollout.read(first(orders).host, { effect: 'going in' })
  const done = rollout.reading(first(orders).host, { effect: 'in' })
  const approvalMissing = 'bob, who approved it, was disabled: ask anew.'
  expect(rollout.step({ readings: [done], approvalMissing })).toEqual([])
  expect(sentence(rollout)).toBe(`all waits for approval, and nobody more is told: ${approvalMissing}`)
  expect(rollout.step()).toHaveLength(1)
})

test('T36 what was read before a change is not taken for its undoing', () => {
  const { rollout, orders } = started({}, 1)
  // The host says that it is done, and what was read of its kernel is older.
  rollout.result(first(orders), 'done')
  const undo = first(rollout.act({ kind: 'reverse', reason, fromWave: 0, afterwards: 'end' }))
  const again = first(rollout.result(undo, 'expired', 'command_expired'))
  expect([rollout.stages(), again.action]).toEqual([['undoing'], 'reversal'])
  rollout.result(again, 'done')
  expect(rollout.state.phase).toBe('reversed')
})

test('a host that comes back to a wave that soaks is told again, and the wave soaks anew', () => {
  const waves = [{ name: 'canary', share: { kind: 'count', hosts: 1 }, soakSeconds: 300 }, ...ALL]
  const vanished = { afterSeconds: 60, count: 'as failed' }
  const { rollout, orders } = started({ waves, vanished, budget: { failures: 1 }, gates: [{ kind: 'agents' }] }, 2)
  const { host } = first(orders)
  rollout.read(host, { connected: false })
  rollout.wait(600)
  expect(rollout.state.waves[0]?.stage).toBe('at its gate')
  rollout.read(host, {})
  const again = rollout.result(first(orders), 'expired', 'command_expired')
  expect([again.map((order) => order.host), rollout.state.waves[0]?.stage]).toEqual([[host], 'soaking'])
  expect(sentence(rollout)).toMatch(/^canary: 0 of 1 host have settled; web-\d\d in change\.$/)
  rollout.wait(100)
  rollout.obey(again)
  expect([rollout.wait(290).length, sentence(rollout)]).toEqual([0, 'canary soaks: 10 seconds left.'])
  expect(rollout.wait(20)).toHaveLength(1)
})

test('a host that comes back when its wave has passed is waited for, and not told again', () => {
  const waves = [{ name: 'canary', share: { kind: 'count', hosts: 1 } }, ...ALL]
  const vanished = { afterSeconds: 60, count: 'as failed' }
  const { rollout, orders } = started({ waves, vanished, budget: { failures: 1 } }, 2)
  const { host } = first(orders)
  rollout.read(host, { connected: false })
  const rest = rollout.wait(120)
  rollout.read(host, { effect: 'going in' })
  rollout.obey(rest)
  expect([rollout.state.phase, sentence(rollout)]).toEqual([
    'running',
    expect.stringMatching(/^Every wave is done but for web-\d\d, still in change\.$/),
  ])
  rollout.read(host, {})
  expect(rollout.result(first(orders), 'expired', 'command_expired')).toEqual([])
  expect([rollout.state.phase, rollout.stageOf(host)]).toEqual(['done', 'failed'])
})

test('the gate of the kernel’s log stays shut for a host of which nothing could be read, and names it', () => {
  const waves = [{ name: 'all', share: { kind: 'rest' as const }, soakSeconds: 60 }]
  const rollout = new TestRollout(testPlan({ waves, gates: [{ kind: 'kernel log' }] }), testHosts(2))
  rollout.obey(rollout.act({ kind: 'start', reason }))
  const [unread = ''] = rollout.state.hosts.keys()
  rollout.read(unread, { effect: 'in', incidentsKnown: false })
  for (let minute = 0; minute < 3; minute += 1) rollout.step({}, 60)
  const name = rollout.state.hosts.get(unread)?.name
  expect(rollout.state.waves[0]?.gates[0]).toMatchObject({ open: false, words: `not known of ${name}` })
  expect(rollout.state.phase).toBe('running')
  rollout.read(unread, { effect: 'in' })
  rollout.step({}, 60)
  expect(rollout.state.phase).toBe('done')
})
