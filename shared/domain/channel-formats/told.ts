import type { AlertChanged, ChannelMessage, RolloutDecided } from '../../contract/channel-messages.ts'
import { plainText } from '../channel-text.ts'
import { counted, cut } from '../sentence.ts'
import { ofReport } from './report.ts'

/** A message in words, for receivers that show text to people. All of it may hold hostile text, escaped and bounded. */
export interface Told {
  readonly title: string
  readonly sentence: string
  /** Short, in the order in which they are read. */
  readonly facts: readonly (readonly [name: string, value: string])[]
  /** Absolute; none where nobody said how these pages are reached. */
  readonly links: readonly { readonly text: string; readonly href: string }[]
  /** Messages of one subject have one thread; null: it stands alone. Of letters, digits, `-` and `.`. */
  readonly thread: string | null
  readonly tone: 'page' | 'ticket' | 'info' | 'good'
}

/** Receivers bound what they take, so names of hosts are few, and the page has all. */
const HOSTS_MAX = 10
const NAME_MAX = 100
const LABELS_MAX = 6
const TITLE_MAX = 250

type Hosts = Pick<AlertChanged['data'], 'hosts' | 'hostCount'>

/** `web-1, web-2 and 3 more`. Null: it is of no host. */
export const hostsText = ({ hosts, hostCount }: Hosts): string | null => {
  if (hostCount === 0) return null
  const shown = hosts.slice(0, HOSTS_MAX).map(({ name }) => cut(name, NAME_MAX))
  if (shown.length === 0) return counted(hostCount, 'host')
  const more = hostCount - shown.length
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** @param pages as a channel has it; null: there is no link */
export const linkTo = (pages: string | null, path: string): string | null =>
  pages === null ? null : `${pages.replace(/\/+$/, '')}${path}`

const linksOf = (pages: string | null, paths: readonly (readonly [text: string, path: string])[]): Told['links'] =>
  pages === null ? [] : paths.map(([text, path]) => ({ text, href: linkTo(pages, path) ?? '' }))

/** What a message begins with, where it is not the first of its group. */
const CHANGE_WORDS: Readonly<Partial<Record<AlertChanged['data']['change'], string>>> = {
  grown: 'More hosts: ',
  escalated: 'Nobody answered yet: ',
  repeated: 'Still so: ',
  acknowledged: 'Acknowledged: ',
  silenced: 'Silenced: ',
  'no longer silenced': 'No longer silenced: ',
  resolved: 'Resolved: ',
}

export const alertTitle = ({ title, change }: Pick<AlertChanged['data'], 'title' | 'change'>): string =>
  cut(`${CHANGE_WORDS[change] ?? ''}${title}`, TITLE_MAX)

const ofAlert = ({ data }: AlertChanged, pages: string | null): Told => {
  const { acknowledged, silencedUntil, cause, severity, labels } = data
  const hosts = hostsText(data)
  const shared = Object.entries(labels).slice(0, LABELS_MAX)
  return {
    title: alertTitle(data),
    sentence: data.sentence,
    facts: [
      ['Severity', severity],
      ...(cause === '' ? [] : [['Cause', cause] as const]),
      ...(hosts === null ? [] : [[data.hostCount === 1 ? 'Host' : `${data.hostCount} hosts`, hosts] as const]),
      ...shared.map(([name, value]) => [`Label ${name}`, cut(value, NAME_MAX)] as const),
      ['Since', data.since],
      ...(acknowledged === null
        ? []
        : [
            [
              'Acknowledged',
              `${acknowledged.by}${acknowledged.note === null ? '' : `: ${acknowledged.note}`}`,
            ] as const,
          ]),
      ...(silencedUntil === null ? [] : [['Silenced until', silencedUntil] as const]),
      ...(data.resolvedAt === null ? [] : [['Resolved', data.resolvedAt] as const]),
    ],
    links: linksOf(pages, [
      ['Open the alert', data.path],
      ['Runbook', data.runbookPath],
    ]),
    thread: `alert.${data.id}`,
    tone: data.status === 'resolved' ? 'good' : severity,
  }
}

const TONES: Readonly<Partial<Record<RolloutDecided['data']['kind'], Told['tone']>>> = {
  'awaiting approval': 'ticket',
  'gate shut': 'ticket',
  'paused by itself': 'page',
  'reversing by itself': 'page',
  stalled: 'ticket',
  failed: 'ticket',
  vanished: 'ticket',
  done: 'good',
  'wave done': 'good',
}

const ofRollout = ({ data }: RolloutDecided, pages: string | null): Told => {
  const { rollout, wave, because, by, kind } = data
  const hosts = hostsText(data)
  return {
    title: cut(`${rollout.name}: ${kind}`, TITLE_MAX),
    sentence: data.sentence,
    facts: [
      ...(because === null ? [] : [['Because', because] as const]),
      ...(wave === null ? [] : [['Wave', `${wave.number}, ${wave.name}`] as const]),
      ...(hosts === null ? [] : [[data.hostCount === 1 ? 'Host' : `${data.hostCount} hosts`, hosts] as const]),
      ['Rollout', rollout.phase],
      ...(by === null ? [] : [['By', by] as const]),
    ],
    links: linksOf(pages, [['Open the rollout', rollout.path]]),
    thread: `rollout.${rollout.id}`,
    tone: TONES[kind] ?? 'info',
  }
}

/** @returns null: nobody reads such a message; it is for programs */
export const toldOf = (message: ChannelMessage, pages: string | null): Told | null => {
  switch (message.type) {
    case 'alert.changed':
      return ofAlert(message, pages)
    case 'compliance.report':
      return ofReport(message, linksOf(pages, [['Open compliance at this moment', message.data.path]]))
    case 'rollout.decided':
      return ofRollout(message, pages)
    case 'channel.tested': {
      const { channel, by } = message.data
      return {
        title: `A test of the channel ${plainText(channel, 150)}`,
        sentence: `${plainText(by, 64)} sent it from Rebootless, to see that it arrives.`,
        facts: [],
        links: linksOf(pages, [['Open the channels', '/settings/channels']]),
        thread: null,
        tone: 'info',
      }
    }
    case 'audit.head_signed':
      return null
  }
}
