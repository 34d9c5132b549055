import type { Channel, ChannelChange, ChannelEvents, NewChannel } from '@rebootless/shared/contract/channels.ts'
import type { AlertRuleId, AlertSeverity } from '@rebootless/shared/domain/alerts/alert-words.ts'
import { CHANNEL_FACTS, type ChannelKind, PAGERDUTY_ADDRESS } from '@rebootless/shared/domain/channel-words.ts'
import type { DecisionKind } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { NEEDS_SOMEBODY } from './channel-words.ts'

/** A channel as its form has it. */
export interface ChannelDraft {
  readonly kind: ChannelKind
  readonly name: string
  readonly address: string
  /** Token, routing key or password; of a channel that is there, empty leaves it as it is. */
  readonly token: string
  readonly user: string
  readonly from: string
  /** As it was typed: a line or a comma between two. */
  readonly to: string
  readonly pages: string
  readonly alerts: 'all' | 'some' | 'none'
  readonly severityAtLeast: AlertSeverity
  readonly rules: readonly AlertRuleId[]
  readonly which: 'all' | 'some' | 'none'
  readonly kinds: readonly DecisionKind[]
  readonly heads: boolean
  /** As it was typed. */
  readonly everyMinutes: string
  readonly scope: string | null
}

const MINUTES_MAX = 1440
const MINUTES = '15'
const RECIPIENTS_MAX = 20

export const NEW_DRAFT: ChannelDraft = {
  ...{ kind: 'webhook', name: '', address: '', token: '', user: '', from: '', to: '', pages: '' },
  ...{ alerts: 'all', severityAtLeast: 'ticket', rules: [] },
  ...{ which: 'some', kinds: NEEDS_SOMEBODY, heads: false, everyMinutes: MINUTES, scope: null },
}

/** What another kind begins with: an address that only it has. */
export const ofKind = (kind: ChannelKind): Partial<ChannelDraft> => ({
  ...{ kind, address: kind === 'pagerduty' ? PAGERDUTY_ADDRESS : '', token: '', user: '' },
})

export const draftOf = (channel: Channel): ChannelDraft => {
  const { kind, name, address, scope, user, mail, pages } = channel
  const { decisions, auditHeads, alerts } = channel.events
  return {
    // What is shown of a secret address is no address to begin from.
    ...{ kind, name, address: CHANNEL_FACTS[kind].addressIsSecret ? '' : address, token: '', scope },
    ...{ user: user ?? '', from: mail?.from ?? '', to: mail?.to.join('\n') ?? '', pages: pages ?? '' },
    alerts: alerts === undefined ? 'none' : alerts.rules === 'all' ? 'all' : 'some',
    severityAtLeast: alerts?.severityAtLeast ?? 'ticket',
    rules: alerts === undefined || alerts.rules === 'all' ? [] : alerts.rules,
    which: decisions === 'all' ? 'all' : decisions.length === 0 ? 'none' : 'some',
    kinds: decisions === 'all' || decisions.length === 0 ? NEEDS_SOMEBODY : decisions,
    heads: auditHeads !== null,
    everyMinutes: auditHeads === null ? MINUTES : String(auditHeads.everyMinutes),
  }
}

export const sendsHeads = ({ kind, heads }: ChannelDraft): boolean => heads && CHANNEL_FACTS[kind].heads
const sendsDecisions = ({ kind, which, kinds }: ChannelDraft): boolean =>
  CHANNEL_FACTS[kind].decisions && (which === 'all' || (which === 'some' && kinds.length > 0))
const sendsAlerts = ({ alerts, rules }: ChannelDraft): boolean =>
  alerts === 'all' || (alerts === 'some' && rules.length > 0)
/** Whether anything that it is sent is of hosts. */
export const isOfHosts = (draft: ChannelDraft): boolean => sendsDecisions(draft) || sendsAlerts(draft)

export const eventsOf = (draft: ChannelDraft): ChannelEvents => ({
  decisions: sendsDecisions(draft) ? (draft.which === 'all' ? 'all' : [...draft.kinds]) : [],
  auditHeads: sendsHeads(draft) ? { everyMinutes: Number(draft.everyMinutes) } : null,
  ...(sendsAlerts(draft)
    ? {
        alerts: {
          severityAtLeast: draft.severityAtLeast,
          rules: draft.alerts === 'all' ? ('all' as const) : [...draft.rules],
        },
      }
    : {}),
})

const recipientsOf = (to: string): string[] => to.split(/[\s,;]+/).filter((one) => one !== '')
const typed = (text: string): string | null => (text.trim() === '' ? null : text.trim())
const mailOf = ({ from, to }: ChannelDraft) => ({ from: from.trim(), to: recipientsOf(to) })

export const newChannelOf = (draft: ChannelDraft): NewChannel => {
  const { kind } = draft
  const place = { name: draft.name.trim(), address: draft.address.trim(), events: eventsOf(draft) }
  const what = { ...place, scope: isOfHosts(draft) ? (draft.scope?.trim() ?? null) : null }
  const [token, pages] = [draft.token.trim(), typed(draft.pages)]
  const login = { user: typed(draft.user), token: typed(draft.token) }
  switch (kind) {
    case 'webhook':
      return { kind, ...what }
    case 'grafana':
      return { kind, ...what, token }
    case 'slack':
    case 'teams':
      return { kind, ...what, pages }
    case 'pagerduty':
      return { kind, ...what, pages, token }
    case 'smtp':
      return { kind, ...what, pages, ...login, mail: mailOf(draft) }
    case 'alertmanager':
      return { kind, ...what, pages, ...login }
  }
}

/** What is another than before; empty: nothing. */
export const changeOf = (draft: ChannelDraft, before: Channel): ChannelChange => {
  const { kind } = draft
  const [address, token, pages, user] = [
    draft.address.trim(),
    draft.token.trim(),
    typed(draft.pages),
    typed(draft.user),
  ]
  const events = eventsOf(draft)
  const scope = draft.scope?.trim() ?? null
  const mail = mailOf(draft)
  const takesLogin = CHANNEL_FACTS[kind].token === 'optional'
  // Without a user its password is of no use.
  const endsLogin = takesLogin && user === null && before.user !== null && token === ''
  return {
    ...(draft.name.trim() === before.name ? {} : { name: draft.name.trim() }),
    ...(address === '' || address === before.address ? {} : { address }),
    ...(JSON.stringify(events) === JSON.stringify(eventsOf(draftOf(before))) ? {} : { events }),
    ...(scope === before.scope ? {} : { scope }),
    ...(token === '' ? {} : { token }),
    ...(endsLogin ? { token: null } : {}),
    ...(takesLogin && user !== before.user ? { user } : {}),
    ...(kind === 'smtp' && JSON.stringify(mail) !== JSON.stringify(before.mail) ? { mail } : {}),
    ...(hasPages(kind) && pages !== before.pages ? { pages } : {}),
  }
}

/** Whether its messages are read by people, who follow links. */
export const hasPages = (kind: ChannelKind): boolean => kind !== 'webhook' && kind !== 'grafana'

const isAddress = (text: string): boolean => URL.canParse(text) && /^https?:\/\/\S/i.test(text)
const isMailServer = (text: string): boolean => URL.canParse(text) && /^smtps?:\/\/[^/\s]+\/?$/i.test(text)
const isMail = (text: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)
/** `smtp:` has no origin in a browser. */
const placeOf = (address: string): string => /^\w+:\/\/[^/]*/.exec(address.toLowerCase())?.[0] ?? address

type Mistake = 'name' | 'address' | 'token' | 'user' | 'from' | 'to' | 'pages' | 'events' | 'everyMinutes' | 'scope'

/** What is wrong with each field, in words; a field that is right is left out. @param before the channel that is changed */
export const mistakesOf = (
  draft: ChannelDraft,
  before?: Pick<Channel, 'address' | 'hasToken'>,
): Partial<Record<Mistake, string>> => {
  const { name, everyMinutes, scope, kind } = draft
  const every = Number(everyMinutes)
  const sends = sendsDecisions(draft) || sendsHeads(draft) || sendsAlerts(draft)
  return {
    ...(name.trim() === '' ? { name: 'Write a name.' } : {}),
    ...addressMistake(draft, before),
    ...tokenMistake(draft, before),
    ...(kind === 'smtp' ? mailMistakes(draft) : {}),
    ...(hasPages(kind) && draft.pages.trim() !== '' && !isAddress(draft.pages.trim())
      ? { pages: 'Write an address that begins with https://, or nothing.' }
      : {}),
    ...(sends ? {} : { events: 'Choose at least one event.' }),
    ...(sendsHeads(draft) && !(Number.isInteger(every) && every >= 1 && every <= MINUTES_MAX)
      ? { everyMinutes: `Write a whole number from 1 to ${MINUTES_MAX}.` }
      : {}),
    ...(isOfHosts(draft) && scope?.trim() === '' ? { scope: 'Write which labels.' } : {}),
  }
}

type Before = Pick<Channel, 'address' | 'hasToken'> | undefined

const addressMistake = ({ kind, address: given }: ChannelDraft, before: Before): { address?: string } => {
  const address = given.trim()
  if (address === '' && before !== undefined && CHANNEL_FACTS[kind].addressIsSecret) return {}
  if (kind === 'smtp') {
    return isMailServer(address) ? {} : { address: 'Write smtp:// or smtps:// and the name of the server.' }
  }
  return isAddress(address) ? {} : { address: 'Write an address that begins with https://.' }
}

const tokenMistake = (draft: ChannelDraft, before: Before): { token?: string; user?: string } => {
  const { kind, address, user } = draft
  const token = draft.token.trim()
  const needs = CHANNEL_FACTS[kind].token
  if (needs === 'none') return {}
  if (kind === 'pagerduty' && token !== '' && !/^[0-9A-Za-z]{32}$/.test(token)) {
    return { token: 'A routing key has 32 letters and digits.' }
  }
  const elsewhere = before !== undefined && placeOf(address.trim()) !== placeOf(before.address)
  if (token !== '') return kind === 'smtp' && user.trim() === '' ? { user: 'A password needs a user.' } : {}
  if (before !== undefined && elsewhere && before.hasToken) {
    return { token: 'Another receiver takes another token or password.' }
  }
  if (needs === 'needed' && before === undefined) return { token: 'It is missing.' }
  return user.trim() !== '' && before?.hasToken !== true ? { token: 'A user needs a password.' } : {}
}

const mailMistakes = ({ from, to }: ChannelDraft): { from?: string; to?: string } => {
  const all = recipientsOf(to)
  const wrong = all.find((one) => !isMail(one))
  return {
    ...(isMail(from.trim()) ? {} : { from: 'Write a mail address, without a name.' }),
    ...(all.length === 0 ? { to: 'Write at least one mail address.' } : {}),
    ...(wrong === undefined ? {} : { to: `This is no mail address: ${wrong}` }),
    ...(all.length > RECIPIENTS_MAX ? { to: `At most ${RECIPIENTS_MAX} recipients: write to a list instead.` } : {}),
  }
}
