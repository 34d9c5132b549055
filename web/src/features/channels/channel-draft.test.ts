// Goal: what the form of a channel says is what is sent, and what is wrong is said where it is wrong. Method: a table of drafts,
// and channels that go through the form unchanged.
import { type Channel, ChannelEvents } from '@rebootless/shared/contract/channels.ts'
import { describe, expect, test } from 'vitest'
import { type ChannelDraft, draftOf, eventsOf, mistakesOf, NEW_DRAFT } from './channel-draft.ts'
import { DECISION_GROUPS, decisionsText, headsText } from './channel-words.ts'

const right: ChannelDraft = { ...NEW_DRAFT, name: 'hook', address: 'https://hooks.example/in' }
const grafana = { kind: 'grafana', address: 'https://graphs.example/' } as const

describe('mistakes', () => {
  test('are none of a draft that is right', () => {
    expect(mistakesOf(right)).toEqual({})
    expect(mistakesOf({ ...right, ...grafana, token: 'glsa_x' })).toEqual({})
  })
  test.each<[string, Partial<ChannelDraft>, string]>([
    ['no name', { name: ' ' }, 'name'],
    ['no address', { address: 'hooks.example' }, 'address'],
    ['a file', { address: 'file:///etc/passwd' }, 'address'],
    ['no kind of decision', { kinds: [] }, 'events'],
    ['nothing at all', { which: 'none' }, 'events'],
    ['heads, which Grafana is not sent', { ...grafana, token: 'x', which: 'none', heads: true }, 'events'],
    ['no token', grafana, 'token'],
    ['a part of a minute', { heads: true, everyMinutes: '1.5' }, 'everyMinutes'],
    ['more than a day', { heads: true, everyMinutes: '1441' }, 'everyMinutes'],
    ['no label', { scope: '' }, 'scope'],
  ])('%s', (_name, change, field) => {
    expect(Object.keys(mistakesOf({ ...right, ...change }))).toEqual([field])
  })
  test('a token that is there goes with its Grafana, and not to another', () => {
    const draft = { ...right, ...grafana }
    expect(mistakesOf({ ...draft, address: 'https://graphs.example/other' }, grafana)).toEqual({})
    expect(mistakesOf({ ...draft, address: 'https://mine.example/' }, grafana)).toHaveProperty('token')
    expect(mistakesOf({ ...draft, address: 'https://mine.example/', token: 'x' }, grafana)).toEqual({})
  })
})

test.each<ChannelEvents>([
  { decisions: 'all', auditHeads: null },
  { decisions: ['done', 'failed'], auditHeads: { everyMinutes: 60 } },
  { decisions: [], auditHeads: { everyMinutes: 1 } },
])('events go through the form as they are: %o', (events) => {
  const channel = { kind: 'webhook', name: 'a', address: 'https://a.example/', events, scope: null } as Channel
  expect(eventsOf(draftOf(channel))).toEqual(events)
  expect(ChannelEvents.parse(events)).toEqual(events)
})

test('each kind of decision is under one head', () => {
  const all = DECISION_GROUPS.flatMap(({ kinds }) => kinds)
  expect(new Set(all).size).toBe(all.length)
  expect(DECISION_GROUPS.every(({ kinds }) => kinds.length > 0)).toBe(true)
})

test('what is sent, in words', () => {
  expect(decisionsText({ decisions: ['done'], auditHeads: null })).toBe('done')
  expect(decisionsText(eventsOf(NEW_DRAFT))).toMatch(/^\d+ kinds of decisions$/)
  expect(headsText({ decisions: [], auditHeads: { everyMinutes: 60 } })).toBe('heads of the audit log every hour')
  expect(headsText({ decisions: [], auditHeads: { everyMinutes: 90 } })).toBe('heads of the audit log every 90 minutes')
})
