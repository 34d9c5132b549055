import type { ChannelMessage } from '../contract/channel-messages.ts'
import { htmlText } from './channel-text.ts'

/** Body of POST /api/annotations; times in milliseconds of the epoch. `timeEnd` makes it a region (Grafana, "Annotations HTTP API"). */
export interface GrafanaAnnotation {
  readonly time: number
  readonly timeEnd?: number
  readonly tags: readonly string[]
  /** HTML, as Grafana shows it. */
  readonly text: string
}

/** By which an annotation is found that was written while its answer was lost. */
export const messageTag = (id: string): string => `message:${id}`

const ownTags = (id: string) => ['rebootless', messageTag(id)]

/** @returns null: Grafana has no use for such a message */
export const grafanaAnnotation = (id: string, message: ChannelMessage): GrafanaAnnotation | null => {
  const at = Date.parse(message.timestamp)
  switch (message.type) {
    case 'rollout.decided': {
      const { rollout, wave, kind, sentence, because } = message.data
      const begun = wave?.begunAt == null ? undefined : Date.parse(wave.begunAt)
      const lines = [`<b>${htmlText(rollout.name)}</b>`, htmlText(sentence), because === null ? '' : htmlText(because)]
      return {
        // A clock that was set back must not make a region that ends before it begins.
        ...(begun === undefined || begun >= at ? { time: at } : { time: begun, timeEnd: at }),
        tags: [
          ...ownTags(id),
          `rollout:${rollout.id}`,
          `phase:${rollout.phase}`,
          `decision:${kind}`,
          ...(wave === null ? [] : [`wave:${wave.number}`]),
        ],
        text: lines.filter((line) => line !== '').join('<br>'),
      }
    }
    case 'alert.changed': {
      const { id: group, rule, severity, change, title, sentence, since } = message.data
      const begun = Date.parse(since)
      return {
        ...(change !== 'resolved' || begun >= at ? { time: at } : { time: begun, timeEnd: at }),
        tags: [...ownTags(id), `alert:${group}`, `rule:${rule}`, `severity:${severity}`, `change:${change}`],
        text: `<b>${htmlText(title)}</b><br>${htmlText(sentence)}`,
      }
    }
    case 'channel.tested':
      return {
        time: at,
        tags: [...ownTags(id), 'test'],
        text: `A test of the channel ${htmlText(message.data.channel)} by ${htmlText(message.data.by)}.`,
      }
    case 'audit.head_signed':
    case 'compliance.report':
      return null
  }
}
