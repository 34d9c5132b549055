import type { AlertChanged, ChannelTested } from '../../contract/channel-messages.ts'
import { hostsText, linkTo } from './told.ts'

/** An element of the body of POST /api/v2/alerts (Alertmanager, api/v2/openapi.yaml, `postableAlert`). */
export interface PostableAlert {
  /** What it is known by: the same alert must have the same for good. */
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
  readonly generatorURL?: string
}

/**
 * Alertmanager keeps alerts in memory and takes one for resolved when `endsAt` is past, so what fires is said again. It is told to keep
 * it for several times as long, so that a restart of ours resolves nothing.
 */
export const REFRESH_MS = 2 * 60_000
export const KEPT_MS = 15 * 60_000
const TEST_MS = 60_000

/** Prometheus, "Metric names and labels": others are not taken; two that become one would be one label. */
const labelName = (name: string): string => `label_${name.replace(/[^a-zA-Z0-9_]/g, '_')}`

const text = (values: Readonly<Record<string, string | null | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] != null && entry[1] !== ''),
  )

/**
 * @param first the first message of this alert that this Alertmanager was sent: hosts that join may share fewer labels, and other labels
 *   would be another alert, while the first never ends
 * @param at when it is sent
 */
export const postableAlert = (
  { data }: AlertChanged,
  { first, at, pages }: { readonly first: AlertChanged; readonly at: Date; readonly pages: string | null },
): PostableAlert => {
  const { acknowledged, silencedUntil, resolvedAt } = data
  const own = linkTo(pages, data.path)
  return {
    labels: {
      ...text(Object.fromEntries(Object.entries(first.data.labels).map(([name, value]) => [labelName(name), value]))),
      alertname: `Rebootless ${first.data.rule}`,
      severity: first.data.severity,
      rebootless_alert: first.data.id,
    },
    annotations: text({
      summary: data.title,
      description: data.sentence,
      cause: data.cause,
      hosts: hostsText(data),
      host_count: String(data.hostCount),
      acknowledged_by: acknowledged?.by,
      silenced_until: silencedUntil,
      runbook_url: linkTo(pages, data.runbookPath),
    }),
    startsAt: data.firedAt,
    // Of a clock that was set back: an end before the beginning is refused.
    endsAt: later(data.firedAt, resolvedAt ?? new Date(at.getTime() + KEPT_MS).toISOString()),
    ...(own === null ? {} : { generatorURL: own }),
  }
}

const later = (one: string, other: string): string => (Date.parse(one) > Date.parse(other) ? one : other)

/** A test ends by itself. */
export const alertmanagerTest = (id: string, { data }: ChannelTested, at: Date): PostableAlert => ({
  labels: { alertname: 'Rebootless test', severity: 'info', rebootless_alert: id },
  annotations: { summary: `A test of the channel ${data.channel} by ${data.by}` },
  startsAt: at.toISOString(),
  endsAt: new Date(at.getTime() + TEST_MS).toISOString(),
})
