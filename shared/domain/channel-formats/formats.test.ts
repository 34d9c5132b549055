// Goal: each kind of channel gets what its vendor's documents ask for, within their limits, and what hosts call themselves stays text
// there. Method: one alert through its life, the largest one that the contract lets be, and one of a hostile host.
import { describe, expect, test } from 'vitest'
import type { ChannelTested, RolloutDecided } from '../../contract/channel-messages.ts'
import { alertmanagerTest, KEPT_MS, postableAlert, REFRESH_MS } from './alertmanager.ts'
import { mailText } from './mail.ts'
import {
  PAGERDUTY_BYTES_MAX,
  PAGERDUTY_KEY_MAX,
  PAGERDUTY_SUMMARY_MAX,
  pagerdutyEvent,
  pagerdutyTest,
} from './pagerduty.ts'
import { PUSH_BYTES_MAX, pushNote } from './push.ts'
import {
  SLACK_BLOCKS_MAX,
  SLACK_FIELD_MAX,
  SLACK_FIELDS_MAX,
  SLACK_HEADER_MAX,
  SLACK_TEXT_MAX,
  slackMessage,
} from './slack.ts'
import { TEAMS_BYTES_MAX, teamsMessage } from './teams.ts'
import { ALERT_ID, alertChanged, HOSTILE, hostId, largestAlert, PAGES } from './test-alert.ts'
import { type Told, toldOf } from './told.ts'

const told = (message = alertChanged(), pages: string | null = PAGES): Told => {
  const found = toldOf(message, pages)
  if (found === null) throw new Error('nothing is told')
  return found
}
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value))
const hostile = () =>
  alertChanged({ title: HOSTILE, sentence: HOSTILE, cause: HOSTILE, hosts: [{ id: hostId(1), name: HOSTILE }] })
const tested: ChannelTested = {
  type: 'channel.tested',
  timestamp: '2026-11-26T12:30:00.000Z',
  data: { channel: 'on call', by: 'ann' },
}
const ROLLOUT = '00000000-0000-4000-8000-00000000000b'
const decided: RolloutDecided = {
  type: 'rollout.decided',
  timestamp: '2026-11-26T12:30:00.000Z',
  data: {
    rollout: { id: ROLLOUT, name: 'CVE-2026-1', phase: 'paused', path: `/rollouts/${ROLLOUT}` },
    ...{ number: 7, kind: 'paused by itself', wave: { number: 1, name: 'canary', begunAt: null } },
    ...{ sentence: 'More failed than may: it paused.', because: '1 of 4 hosts failed; none may.', by: null },
    ...{ hosts: [{ id: hostId(1), name: 'web-1' }], hostCount: 1 },
  },
}

describe('what is told', () => {
  test('an alert tells its hosts, cause and labels, and leads to its page and runbook', () => {
    const { title, facts, links, thread, tone } = told()
    expect([title, thread, tone]).toEqual(['Two hosts are stalled', `alert.${ALERT_ID}`, 'page'])
    expect(Object.fromEntries(facts)).toMatchObject({
      ...{ Severity: 'page', Cause: 'kworker in d_path', '2 hosts': 'web-1, web-2', 'Label env': 'production' },
    })
    expect(links.map(({ href }) => href)).toEqual([
      `https://reboot.example/alerts/${ALERT_ID}`,
      'https://reboot.example/alerts/runbooks/transition-stalled',
    ])
    expect(told(alertChanged(), null).links).toEqual([])
  })
  test.each([
    ['fired', 'Two hosts are stalled'],
    ['resolved', 'Resolved: Two hosts are stalled'],
    ['escalated', 'Nobody answered yet: Two hosts are stalled'],
    ['grown', 'More hosts: Two hosts are stalled'],
  ] as const)('%s is said first', (change, title) => expect(told(alertChanged({ change })).title).toBe(title))
  test('of many hosts some are named, and all are counted', () => {
    const many = Array.from({ length: 50 }, (_, at) => ({ id: hostId(at), name: `web-${at}` }))
    const hosts = told(alertChanged({ hosts: many, hostCount: 5000 })).facts.find(([name]) => name === '5000 hosts')
    expect(hosts?.[1]).toMatch(/^web-0, .* web-9 and 4990 more$/)
  })
  test('a decision of a rollout, and a test', () => {
    expect(toldOf(decided, PAGES)).toMatchObject({ title: 'CVE-2026-1: paused by itself', tone: 'page' })
    expect(toldOf(tested, PAGES)).toMatchObject({ title: 'A test of the channel on call', thread: null })
  })
})

describe('Slack (Block Kit)', () => {
  test('a header, the sentence, fields, and links of our own pages', () => {
    const { text, blocks, unfurl_links } = slackMessage(told())
    expect(text).toContain('Two hosts are stalled')
    expect(unfurl_links).toBe(false)
    expect(blocks.map(({ type }) => type)).toEqual(['header', 'section', 'section', 'section'])
    expect(JSON.stringify(blocks.at(-1))).toContain(`<https://reboot.example/alerts/${ALERT_ID}|Open the alert>`)
  })
  test('within its limits, however large', () => {
    const { text, blocks } = slackMessage(told(largestAlert()))
    expect(text.length).toBeLessThanOrEqual(SLACK_TEXT_MAX)
    expect(blocks.length).toBeLessThanOrEqual(SLACK_BLOCKS_MAX)
    for (const block of blocks) {
      if (block.type === 'header') expect(block.text.text.length).toBeLessThanOrEqual(SLACK_HEADER_MAX)
      else {
        expect(block.text?.text.length ?? 0).toBeLessThanOrEqual(SLACK_TEXT_MAX)
        expect(block.fields?.length ?? 0).toBeLessThanOrEqual(SLACK_FIELDS_MAX)
        for (const { text: field } of block.fields ?? []) expect(field.length).toBeLessThanOrEqual(SLACK_FIELD_MAX)
      }
    }
  })
  test('T04 a host mentions nobody and makes no link', () => {
    const { text, blocks } = slackMessage(told(hostile()))
    expect(text).toContain('&lt;!channel&gt;')
    expect(text).not.toContain('<!channel>')
    const markdown = JSON.stringify(blocks.filter((block) => block.type === 'section' && block.text?.type === 'mrkdwn'))
    expect(markdown).not.toContain('channel')
    expect(markdown).not.toContain('evil')
  })
})

describe('Teams (Adaptive Card)', () => {
  test('a card of text blocks and buttons that open our pages', () => {
    const [attachment] = teamsMessage(told()).attachments
    expect(attachment.contentType).toBe('application/vnd.microsoft.card.adaptive')
    expect(attachment.content).toMatchObject({ type: 'AdaptiveCard', version: '1.4' })
    expect(attachment.content.actions.map(({ type, url }) => [type, url])[0]).toEqual([
      'Action.OpenUrl',
      `https://reboot.example/alerts/${ALERT_ID}`,
    ])
  })
  test('below 28 KB, however large', () => {
    const message = teamsMessage(told(largestAlert()))
    expect(bytesOf(message)).toBeLessThanOrEqual(TEAMS_BYTES_MAX)
    expect(JSON.stringify(message)).toContain('Severity')
    const tooMuch: Told = { ...told(), facts: Array.from({ length: 40 }, (_, at) => [`${at}`, '𝕏'.repeat(500)]) }
    const cut = teamsMessage(tooMuch)
    expect(bytesOf(cut)).toBeLessThanOrEqual(TEAMS_BYTES_MAX)
    expect(cut.attachments[0].content.body.length).toBeGreaterThan(5)
  })
  test('T04 no text of a host stands where Markdown is read', () => {
    const { body } = teamsMessage(told(hostile())).attachments[0].content
    expect(new Set(body.map(({ type }) => type))).toEqual(new Set(['RichTextBlock']))
  })
})

describe('PagerDuty (Events API v2)', () => {
  const KEY = 'k'.repeat(32)
  test.each([
    ['firing', 'trigger'],
    ['acknowledged', 'acknowledge'],
    ['silenced', 'acknowledge'],
    ['resolved', 'resolve'],
  ] as const)('%s is %s, under one key', (status, action) => {
    const event = pagerdutyEvent(KEY, alertChanged({ status }), PAGES)
    expect(event).toMatchObject({ routing_key: KEY, event_action: action, dedup_key: `alert:${ALERT_ID}` })
    expect(event.payload === undefined).toBe(action !== 'trigger')
  })
  test.each([
    ['page', 'critical'],
    ['ticket', 'warning'],
    ['info', 'info'],
  ] as const)('%s is %s', (severity, theirs) => {
    expect(pagerdutyEvent(KEY, alertChanged({ severity }), PAGES).payload?.severity).toBe(theirs)
  })
  test('it leads to page and runbook', () => {
    const event = pagerdutyEvent(KEY, alertChanged(), PAGES)
    expect(event.links?.map(({ text }) => text)).toEqual(['The alert in Rebootless', 'Runbook'])
    expect(event.client_url).toBe(`https://reboot.example/alerts/${ALERT_ID}`)
    expect(pagerdutyEvent(KEY, alertChanged(), null)).not.toHaveProperty('links')
  })
  test('within its limits, however large', () => {
    const event = pagerdutyEvent(KEY, largestAlert(), PAGES)
    expect(event.payload?.summary.length).toBeLessThanOrEqual(PAGERDUTY_SUMMARY_MAX)
    expect(event.dedup_key.length).toBeLessThanOrEqual(PAGERDUTY_KEY_MAX)
    expect(bytesOf(event)).toBeLessThan(PAGERDUTY_BYTES_MAX)
  })
  test('a test leaves no incident open', () => {
    const [opened, ended] = pagerdutyTest(KEY, 'm', tested)
    expect([opened?.event_action, ended?.event_action]).toEqual(['trigger', 'resolve'])
    expect(opened?.dedup_key).toBe(ended?.dedup_key)
  })
})

describe('Alertmanager (API v2)', () => {
  const at = new Date('2026-11-26T12:31:00.000Z')
  const first = alertChanged()
  const post = (message = first) => postableAlert(message, { first, at, pages: PAGES })
  test('what fires is kept for several times as long as it is until it is said again', () => {
    expect(post()).toMatchObject({
      startsAt: '2026-11-26T12:30:00.000Z',
      endsAt: '2026-11-26T12:46:00.000Z',
      generatorURL: `https://reboot.example/alerts/${ALERT_ID}`,
      annotations: { runbook_url: 'https://reboot.example/alerts/runbooks/transition-stalled', hosts: 'web-1, web-2' },
    })
    expect(KEPT_MS / REFRESH_MS).toBeGreaterThan(4)
  })
  test('its labels are those of the first message for good, so that it is one alert there', () => {
    const later = alertChanged({
      ...{ labels: {}, severity: 'info', status: 'resolved', change: 'resolved' },
      resolvedAt: '2026-11-26T12:40:00.000Z',
    })
    expect(post(later).labels).toEqual(post().labels)
    expect(post().labels).toEqual({
      ...{ alertname: 'Rebootless transition-stalled', severity: 'page', rebootless_alert: ALERT_ID },
      ...{ label_env: 'production', label_data_centre: 'eu-1' },
    })
    expect(post(later).endsAt).toBe('2026-11-26T12:40:00.000Z')
  })
  test('of no label it is another’s name', () => {
    const labels = { alertname: 'x', '0': 'y', 'ü-b': '' }
    const names = Object.keys(
      postableAlert(alertChanged({ labels }), { first: alertChanged({ labels }), at, pages: null }).labels,
    )
    expect(names.sort()).toEqual(['alertname', 'label_0', 'label_alertname', 'rebootless_alert', 'severity'])
    for (const name of names) expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/)
  })
  test('a clock that was set back makes no end before the beginning, and a test ends by itself', () => {
    expect(post(alertChanged({ status: 'resolved', resolvedAt: '2026-11-26T12:00:00.000Z' })).endsAt).toBe(
      '2026-11-26T12:30:00.000Z',
    )
    expect(alertmanagerTest('m', tested, at).endsAt).toBe('2026-11-26T12:32:00.000Z')
  })
})

describe('mail', () => {
  test('messages of an alert are one thread, each its own message', () => {
    const one = mailText('m1', told(), 'example.org')
    const other = mailText('m2', told(alertChanged({ change: 'resolved' })), 'example.org')
    expect([one.messageId, other.messageId]).toEqual(['<m1@example.org>', '<m2@example.org>'])
    expect(one.references).toBe(`<alert.${ALERT_ID}@example.org>`)
    expect(other.references).toBe(one.references)
  })
  test('HTML loads nothing from anywhere, and T04 a host’s text is text', () => {
    const { html, text } = mailText('m', told(hostile()), 'example.org')
    expect(html).toContain('&lt;img src=x&gt;')
    expect(html.replaceAll('&lt;img src=x&gt;', '')).not.toMatch(/<img|src=|url\(|<script|<link/i)
    expect(text).toContain('<img src=x>')
  })
  test('T04 a subject is one line', () => {
    const { subject } = mailText(
      'm',
      { ...told(), title: `a\r\nBcc: evil@example.org\u2028b${'x'.repeat(500)}` },
      'example.org',
    )
    expect(subject).toMatch(/^a Bcc: evil@example.org bx+…$/)
    expect(subject.length).toBeLessThanOrEqual(200)
  })
})

describe('notifications of a browser', () => {
  test('are small, however large, and take the place of the one before', () => {
    const note = pushNote(largestAlert())
    expect(bytesOf(note)).toBeLessThanOrEqual(PUSH_BYTES_MAX)
    expect(pushNote(alertChanged())).toEqual({
      title: 'Two hosts are stalled',
      body: 'kworker sleeps in d_path, which the patch replaces.',
      path: `/alerts/${ALERT_ID}`,
      tag: `alert:${ALERT_ID}`,
      stays: true,
    })
    expect(pushNote(alertChanged({ status: 'resolved', change: 'resolved' }))).toMatchObject({ stays: false })
    expect(pushNote(decided)).toBeNull()
  })
})
