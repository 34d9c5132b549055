// Goal: what the form of a channel says is what is sent, and what is wrong is said where it is wrong. Method: a table of drafts,
// and channels that go through the form unchanged.
import { type Channel, ChannelChange, ChannelEvents, NewChannel } from '@rebootless/shared/contract/channels.ts'
import { describe, expect, test } from 'vitest'
import {
  type ChannelDraft,
  changeOf,
  draftOf,
  eventsOf,
  mistakesOf,
  NEW_DRAFT,
  newChannelOf,
  ofKind,
} from './channel-draft.ts'
import { DECISION_GROUPS, decisionsText, headsText } from './channel-words.ts'

const right: ChannelDraft = { ...NEW_DRAFT, name: 'hook', address: 'https://hooks.example/in' }
const grafana = { kind: 'grafana', address: 'https://graphs.example/' } as const
const before = { address: grafana.address, hasToken: true }
const mail: ChannelDraft = {
  ...{ ...right, kind: 'smtp', address: 'smtp://mail.example:587', from: 'a@example.org' },
  to: 'b@example.org, c@example.org\nd@example.org',
}

describe('mistakes', () => {
  test('are none of a draft that is right', () => {
    expect(mistakesOf(right)).toEqual({})
    expect(mistakesOf({ ...right, ...grafana, token: 'glsa_x' })).toEqual({})
  })
  test.each<[string, Partial<ChannelDraft>, string]>([
    ['no name', { name: ' ' }, 'name'],
    ['no address', { address: 'hooks.example' }, 'address'],
    ['a file', { address: 'file:///etc/passwd' }, 'address'],
    ['no kind of decision, and no alert', { kinds: [], alerts: 'none' }, 'events'],
    ['nothing at all', { which: 'none', alerts: 'none' }, 'events'],
    ['no rule', { which: 'none', alerts: 'some' }, 'events'],
    ['decisions, which PagerDuty is not sent', { kind: 'pagerduty', token: 'k'.repeat(32), alerts: 'none' }, 'events'],
    ['a key that is none', { kind: 'pagerduty', token: 'k' }, 'token'],
    ['mail by HTTPS', { ...mail, address: 'https://mail.example' }, 'address'],
    ['mail from nobody', { ...mail, from: 'a' }, 'from'],
    ['mail to nobody', { ...mail, to: ' , ' }, 'to'],
    ['mail to too many', { ...mail, to: 'a@example.org '.repeat(21) }, 'to'],
    ['a user without a password', { ...mail, user: 'u' }, 'token'],
    ['a password without a user', { ...mail, token: 'p' }, 'user'],
    ['pages that are none', { ...mail, pages: 'here' }, 'pages'],
    [
      'heads, which Grafana is not sent',
      { ...grafana, token: 'x', which: 'none', alerts: 'none', heads: true },
      'events',
    ],
    ['no token', grafana, 'token'],
    ['a part of a minute', { heads: true, everyMinutes: '1.5' }, 'everyMinutes'],
    ['more than a day', { heads: true, everyMinutes: '1441' }, 'everyMinutes'],
    ['no label', { scope: '' }, 'scope'],
  ])('%s', (_name, change, field) => {
    expect(Object.keys(mistakesOf({ ...right, ...change }))).toEqual([field])
  })
  test('a token that is there goes with its Grafana, and not to another', () => {
    const draft = { ...right, ...grafana }
    expect(mistakesOf({ ...draft, address: 'https://graphs.example/other' }, before)).toEqual({})
    expect(mistakesOf({ ...draft, address: 'https://mine.example/' }, before)).toHaveProperty('token')
    expect(mistakesOf({ ...draft, address: 'https://mine.example/', token: 'x' }, before)).toEqual({})
  })
})

test.each<ChannelEvents>([
  { decisions: 'all', auditHeads: null },
  { decisions: ['done', 'failed'], auditHeads: { everyMinutes: 60 } },
  { decisions: [], auditHeads: { everyMinutes: 1 } },
  { decisions: [], auditHeads: null, alerts: { severityAtLeast: 'page', rules: ['sla-broken'] } },
])('events go through the form as they are: %o', (events) => {
  const place = { kind: 'webhook', name: 'a', address: 'https://a.example/', scope: null }
  const channel = { ...place, events, user: null, mail: null, pages: null } as Channel
  expect(eventsOf(draftOf(channel))).toEqual(events)
  expect(ChannelEvents.parse(events)).toEqual(events)
})

const KINDS: readonly Partial<ChannelDraft>[] = [
  { kind: 'webhook' },
  { kind: 'slack' },
  { kind: 'teams', pages: 'https://reboot.example' },
  { ...ofKind('pagerduty'), token: 'k'.repeat(32) },
  { kind: 'alertmanager', token: 'bearer' },
  { ...grafana, token: 'glsa_x' },
  mail,
  { ...mail, user: 'u', token: 'p w' },
]
test.each(KINDS)('a new channel of $kind is one that the server takes, and unchanged it has no change', (change) => {
  const draft = { ...right, ...change }
  expect(mistakesOf(draft)).toEqual({})
  const body = NewChannel.parse(newChannelOf(draft))
  const secret = body.kind === 'slack' || body.kind === 'teams'
  const made = {
    ...{ user: null, mail: null, pages: null },
    ...body,
    ...{ address: secret ? new URL(body.address).origin : body.address, hasToken: draft.token !== '' },
  } as unknown as Channel
  expect(changeOf(draftOf(made), made)).toEqual({})
  expect(mistakesOf(draftOf(made), made)).toEqual({})
  const renamed = changeOf({ ...draftOf(made), name: 'other', token: 't'.repeat(32) }, made)
  expect(ChannelChange.parse(renamed)).toEqual({ name: 'other', token: 't'.repeat(32) })
})

test('each kind of decision is under one head', () => {
  const all = DECISION_GROUPS.flatMap(({ kinds }) => kinds)
  expect(new Set(all).size).toBe(all.length)
  expect(DECISION_GROUPS.every(({ kinds }) => kinds.length > 0)).toBe(true)
})

test('what is sent, in words', () => {
  expect(decisionsText({ decisions: ['done'], auditHeads: null })).toBe('decisions: done')
  expect(decisionsText(eventsOf(NEW_DRAFT))).toMatch(/^\d+ kinds of decisions$/)
  expect(headsText({ decisions: [], auditHeads: { everyMinutes: 60 } })).toBe('heads of the audit log every hour')
  expect(headsText({ decisions: [], auditHeads: { everyMinutes: 90 } })).toBe('heads of the audit log every 90 minutes')
})
