import type { AlertChanged, ChannelTested } from '../../contract/channel-messages.ts'
import { cut } from '../sentence.ts'
import { hostsText, linkTo } from './told.ts'

/** PagerDuty, "Send an Alert Event": of a summary and of a dedup_key in characters, of an event in bytes. */
export const PAGERDUTY_SUMMARY_MAX = 1024
export const PAGERDUTY_KEY_MAX = 255
export const PAGERDUTY_BYTES_MAX = 512 * 1024

export type PagerdutySeverity = 'critical' | 'error' | 'warning' | 'info'

export interface PagerdutyEvent {
  readonly routing_key: string
  readonly event_action: 'trigger' | 'acknowledge' | 'resolve'
  readonly dedup_key: string
  /** Of `trigger` alone. */
  readonly payload?: {
    readonly summary: string
    readonly source: string
    readonly severity: PagerdutySeverity
    readonly timestamp: string
    readonly component: string
    readonly class: string
    readonly custom_details: Readonly<Record<string, string | number>>
  }
  readonly client?: string
  readonly client_url?: string
  readonly links?: readonly { readonly href: string; readonly text: string }[]
}

const SEVERITIES = { page: 'critical', ticket: 'warning', info: 'info' } as const
const CLIENT = 'Rebootless'

/** An incident that is silenced here wakes nobody there either: acknowledged it stays open, and ends with the alert. */
const ACTIONS: Readonly<Record<AlertChanged['data']['status'], PagerdutyEvent['event_action']>> = {
  firing: 'trigger',
  acknowledged: 'acknowledge',
  silenced: 'acknowledge',
  resolved: 'resolve',
}

export const pagerdutyEvent = (key: string, { data }: AlertChanged, pages: string | null): PagerdutyEvent => {
  const { status, severity, dedupKey, rule, labels } = data
  const base = { routing_key: key, event_action: ACTIONS[status], dedup_key: cut(dedupKey, PAGERDUTY_KEY_MAX) }
  if (base.event_action !== 'trigger') return base
  const hosts = hostsText(data)
  const [own, runbook] = [linkTo(pages, data.path), linkTo(pages, data.runbookPath)]
  return {
    ...base,
    payload: {
      summary: cut(data.title, PAGERDUTY_SUMMARY_MAX),
      source: data.hostCount === 1 ? (data.hosts[0]?.name ?? CLIENT) : CLIENT,
      severity: SEVERITIES[severity],
      timestamp: data.firedAt,
      component: 'kernel livepatch',
      class: rule,
      custom_details: {
        ...Object.fromEntries(Object.entries(labels).map(([name, value]) => [`label ${name}`, value])),
        sentence: data.sentence,
        cause: data.cause,
        'host count': data.hostCount,
        ...(hosts === null ? {} : { hosts }),
        since: data.since,
        'escalation level': data.escalationLevel,
      },
    },
    client: CLIENT,
    ...(own === null ? {} : { client_url: own }),
    ...(own === null || runbook === null
      ? {}
      : {
          links: [
            { href: own, text: 'The alert in Rebootless' },
            { href: runbook, text: 'Runbook' },
          ],
        }),
  }
}

/** A test opens an incident of the lowest severity and ends it at once, so that nothing stays open. */
export const pagerdutyTest = (
  key: string,
  id: string,
  { data, timestamp }: ChannelTested,
): readonly PagerdutyEvent[] => {
  const base = { routing_key: key, dedup_key: `rebootless-test-${id}` }
  return [
    {
      ...base,
      event_action: 'trigger',
      payload: {
        summary: cut(`A test of the channel ${data.channel} by ${data.by}`, PAGERDUTY_SUMMARY_MAX),
        source: CLIENT,
        severity: 'info',
        timestamp,
        component: 'channel',
        class: 'test',
        custom_details: {},
      },
      client: CLIENT,
    },
    { ...base, event_action: 'resolve' },
  ]
}
