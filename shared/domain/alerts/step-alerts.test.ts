// Goal: an alert is told when it should be, once each time, and of nothing else. Method: steps by hand, one rule at a time.
import { expect, test } from 'vitest'
import type { AlertRuleSettings } from '../../contract/alerts.ts'
import type { AlertCondition } from './alert-facts.ts'
import type { AlertGroupState } from './alert-group.ts'
import { settingsOfRules } from './alert-rules.ts'
import { type ActiveSilence, stepAlerts } from './step-alerts.ts'

const MINUTE = 60_000
const START = Date.parse('2026-11-26T12:00:00.000Z')

const condition = (hostId: string | null, since = START, cause = 'nfs'): AlertCondition => ({
  ...{ cause, title: 'nfs holds a transition back', detail: 'A thread sleeps.' },
  ...{ hostId, since, path: '/hosts' },
})

const bench = (settings: Partial<AlertRuleSettings> = {}) => {
  let groups: readonly AlertGroupState[] = []
  let count = 0
  const rules = settingsOfRules(new Map([['transition-stalled', settings]]))
  const step = (
    minute: number,
    hosts: readonly (string | AlertCondition)[],
    silences: readonly ActiveSilence[] = [],
  ) => {
    const result = stepAlerts({
      groups: groups.filter(({ resolvedAt }) => resolvedAt === null),
      conditions: new Map([
        ['transition-stalled', hosts.map((host) => (typeof host === 'string' ? condition(host) : host))],
      ]),
      ...{ silences, settings: rules, now: START + minute * MINUTE },
      newId: () => {
        count += 1
        return `g${count}`
      },
    })
    groups = result.groups
    return result.notifications.map(({ change, to }) => `${change} → ${to}`)
  }
  return {
    step,
    group: () => groups[0],
    acknowledge: () => {
      const acknowledged = { by: 'ann', at: new Date(START).toISOString(), note: null }
      groups = groups.map((group) => ({ ...group, acknowledged }))
    },
  }
}

test('fires once it lasted so long, whichever hosts have it by then, and is resolved after quiet time', () => {
  const { step, group } = bench()
  expect(step(0, ['a'])).toEqual([])
  expect(step(9, ['a', 'b'])).toEqual([])
  expect(step(10, ['a', 'b'])).toEqual(['fired → first'])
  expect(step(11, ['a', 'b'])).toEqual([])
  expect(step(12, [])).toEqual([])
  expect(step(16, [])).toEqual([])
  expect(step(17, [])).toEqual(['resolved → told'])
  expect(group()?.members.get('a')?.until).toBe(START + 12 * MINUTE)
})

test('a cause that comes and goes is one alert, and one that went before it fired is none', () => {
  const { step, group } = bench()
  step(0, ['a'])
  expect(step(5, [])).toEqual([])
  expect(group()).toBeUndefined()
  expect(step(20, [condition('a', START + 20 * MINUTE)])).toEqual([])
  expect(step(30, [condition('a', START + 20 * MINUTE)])).toEqual(['fired → first'])
  for (const minute of [31, 34, 35, 39, 40, 44]) {
    expect(step(minute, [31, 35, 40].includes(minute) ? [] : ['a'])).toEqual([])
  }
})

test('hosts that have it for a moment each make none of it', () => {
  const { step } = bench()
  for (let minute = 0; minute < 30; minute += 5) {
    expect(step(minute, [condition(`h${minute}`, START + minute * MINUTE)])).toEqual([])
  }
})

test('what a rule measures anew at each step fires too', () => {
  const { step } = bench()
  step(0, [condition(null, START)])
  expect(step(10, [condition(null, START + 10 * MINUTE)])).toEqual(['fired → first'])
})

test('a new one follows when it comes back', () => {
  const { step, group } = bench({ forSeconds: 0, quietSeconds: 0 })
  expect(step(0, ['a'])).toEqual(['fired → first'])
  const first = group()?.id
  expect(step(1, [])).toEqual(['resolved → told'])
  expect(step(2, ['a'])).toEqual(['fired → first'])
  expect(group()?.id).not.toBe(first)
})

test('escalates, repeats, and is quiet once somebody has taken it up', () => {
  const escalation = [
    { afterMinutes: 10, channels: ['00000000-0000-4000-8000-000000000001'] },
    { afterMinutes: 30, channels: ['00000000-0000-4000-8000-000000000002'] },
  ]
  const { step, acknowledge, group } = bench({ forSeconds: 0, escalation, repeatMinutes: 60 })
  expect(step(0, ['a'])).toEqual(['fired → first'])
  expect(step(9, ['a'])).toEqual([])
  expect(step(10, ['a'])).toEqual(['escalated → step'])
  expect(step(30, ['a'])).toEqual(['escalated → step'])
  expect(group()?.escalationLevel).toBe(2)
  expect(step(89, ['a'])).toEqual([])
  expect(step(90, ['a'])).toEqual(['repeated → first and told'])
  acknowledge()
  expect(step(91, ['a'])).toEqual(['acknowledged → told'])
  expect(step(500, ['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toEqual([])
  step(501, [])
  expect(step(510, [])).toEqual(['resolved → told'])
})

test('many more hosts are news', () => {
  const { step } = bench({ forSeconds: 0 })
  step(0, ['a', 'b'])
  expect(step(1, ['a', 'b', 'c', 'd', 'e', 'f'])).toEqual([])
  expect(step(2, ['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toEqual(['grown → first and told'])
  expect(step(3, ['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toEqual([])
})

test('what is silenced all the time is never told of, and what is told before hears of the silence', () => {
  const whole = { rule: 'transition-stalled', cause: null, hosts: null, endsAt: START + 20 * MINUTE } as const
  const quiet = bench({ forSeconds: 0, quietSeconds: 0 })
  expect(quiet.step(0, ['a'], [whole])).toEqual([])
  expect(quiet.step(1, [], [whole])).toEqual([])
  expect(quiet.step(2, ['a'], [whole])).toEqual([])
  expect(quiet.step(20, ['a'], [whole])).toEqual(['fired → first'])
  const told = bench({ forSeconds: 0 })
  expect(told.step(0, ['a'])).toEqual(['fired → first'])
  expect(told.step(1, ['a'], [whole])).toEqual(['silenced → told'])
  expect(told.step(20, ['a'], [whole])).toEqual(['no longer silenced → told'])
})

test('words of hosts silence a group only where they hold all of it', () => {
  const some = { rule: null, cause: null, hosts: new Set(['a']), endsAt: START + 90 * MINUTE }
  const { step } = bench({ forSeconds: 0 })
  expect(step(0, ['a'], [some])).toEqual([])
  expect(step(1, ['a', 'b'], [some])).toEqual(['fired → first'])
  expect(step(2, ['a'], [some])).toEqual(['silenced → told'])
})

test('a clock that was set back neither repeats nor forgets', () => {
  const { step } = bench({ forSeconds: 0, quietSeconds: 60, repeatMinutes: 60 })
  expect(step(100, ['a'])).toEqual(['fired → first'])
  expect(step(0, ['a'])).toEqual([])
  expect(step(59, ['a'])).toEqual([])
  expect(step(60, ['a'])).toEqual(['repeated → first and told'])
  expect(step(61, [])).toEqual([])
  expect(step(10, [])).toEqual([])
  expect(step(11, [])).toEqual(['resolved → told'])
})

test('a host that is found twice stands for no other', () => {
  const { step, group } = bench()
  step(0, ['a', 'b'])
  step(1, ['a', 'a'])
  expect([group()?.members.get('a')?.until, group()?.members.get('b')?.until]).toEqual([null, START + MINUTE])
})

test('members that nothing changes are the very same', () => {
  const { step, group } = bench()
  step(0, ['a', 'b'])
  const members = group()?.members
  step(1, ['b', 'a'])
  expect(group()?.members).toBe(members)
})

test('a rule that is turned off ends what it told of at once', () => {
  const { step, group } = bench({ forSeconds: 0 })
  step(0, ['a'])
  const { notifications } = stepAlerts({
    ...{
      groups: [group() as AlertGroupState],
      conditions: new Map(),
      silences: [],
      now: START + MINUTE,
      newId: () => 'g9',
    },
    settings: settingsOfRules(new Map([['transition-stalled', { enabled: false }]])),
  })
  expect(notifications.map(({ change }) => change)).toEqual(['resolved'])
})

test('nobody is told anything while it may be over', () => {
  const some = { rule: null, cause: null, hosts: new Set(['a']), endsAt: START + 90 * MINUTE }
  const { step } = bench({ forSeconds: 0, quietSeconds: 3600, repeatMinutes: 10 })
  expect(step(0, ['a'])).toEqual(['fired → first'])
  expect(step(20, [])).toEqual([])
  expect(step(21, ['a'])).toEqual(['repeated → first and told'])
  const silenced = bench({ forSeconds: 0, quietSeconds: 600 })
  expect(silenced.step(0, ['a'], [some])).toEqual([])
  expect(silenced.step(1, [], [some])).toEqual([])
  expect(silenced.step(11, [], [some])).toEqual([])
})
