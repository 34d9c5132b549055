import type { ChannelChange, ChannelEvents, NewChannel } from '@rebootless/shared/contract/channels.ts'
import { CHANNEL_FACTS, type ChannelKind } from '@rebootless/shared/domain/channel-words.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { KindSettings } from '../database/channel-tables.ts'
import type { ChannelSecret } from './channel-secret.ts'

/** Where a channel leads, by which secret, and what its kind asks for: pure. */

const refused = (detail: string) => new DomainError('channel_refused', detail)

/** What the log keeps of an address: path and query may be a receiver's secret. `smtp:` has no origin of its own. */
export const originOf = (address: string): string => {
  const { protocol, host } = new URL(address)
  return `${protocol}//${host}`
}

const isMail = (address: string) => /^smtps?:$/.test(new URL(address).protocol)

/** @throws DomainError `channel_refused` */
const requireAddress = (kind: ChannelKind, address: string): void => {
  const { username, password, pathname, host } = new URL(address)
  if (username !== '' || password !== '') throw refused('An address with a name or password in it is not called.')
  if (isMail(address) !== (kind === 'smtp')) throw refused('Mail goes to smtp or smtps, all else to http or https.')
  if (kind === 'smtp' && (host === '' || !['', '/'].includes(pathname))) {
    throw refused('A mail server has a name and perhaps a port, and nothing behind.')
  }
}

/** @throws DomainError `channel_refused` */
export const requireEvents = (kind: ChannelKind, { auditHeads, decisions }: ChannelEvents): void => {
  const takes = CHANNEL_FACTS[kind]
  if (!takes.heads && auditHeads !== null) {
    throw refused('It keeps no heads of the audit log: send them to a webhook.')
  }
  if (!takes.decisions && decisions.length > 0) {
    throw refused('It takes alerts alone: send decisions of rollouts to another kind of channel.')
  }
}

/** @throws DomainError `channel_refused`: a user without his password, or the other way round */
const requireLogin = (kind: ChannelKind, user: string | null, hasSecret: boolean): void => {
  if (user !== null && !hasSecret) throw refused('A user needs a password.')
  if (kind === 'smtp' && user === null && hasSecret) throw refused('A password needs a user.')
}

/** @throws DomainError `channel_refused` */
export const requireFit = (wanted: NewChannel): void => {
  requireAddress(wanted.kind, wanted.address)
  requireEvents(wanted.kind, wanted.events)
  if (wanted.kind === 'smtp' || wanted.kind === 'alertmanager') {
    requireLogin(wanted.kind, wanted.user, wanted.token !== null)
  }
}

/** What is shown of it and stands unsealed. */
export const shownAddress = ({ kind, address }: { kind: ChannelKind; address: string }): string =>
  CHANNEL_FACTS[kind].addressIsSecret ? originOf(address) : address

/** Of every kind but a webhook, whose secret is made here. */
export const secretOf = (wanted: NewChannel): ChannelSecret => {
  switch (wanted.kind) {
    case 'webhook':
      throw new Error('a webhook is given its secret')
    case 'slack':
    case 'teams':
      return { kind: wanted.kind, address: wanted.address }
    case 'grafana':
    case 'pagerduty':
      return { kind: wanted.kind, token: wanted.token }
    case 'smtp':
    case 'alertmanager':
      return { kind: wanted.kind, token: wanted.token }
  }
}

export const hasToken = (secret: ChannelSecret): boolean => 'token' in secret && secret.token !== null

export const settingsOf = (wanted: NewChannel): KindSettings => ({
  ...('pages' in wanted ? { pages: wanted.pages } : {}),
  ...('user' in wanted ? { user: wanted.user } : {}),
  ...('mail' in wanted ? { mail: wanted.mail } : {}),
})

/** As the log keeps them: none of it is a secret. */
export const auditedSettings = (settings: KindSettings | null) => ({
  ...(settings?.mail === undefined ? {} : { from: settings.mail.from, recipients: [...settings.mail.to] }),
  ...(settings?.user == null ? {} : { user: settings.user }),
})

/** As the contract asks of a new channel. */
const TOKEN = /^[!-~]+$/
const TOKENS: Readonly<Partial<Record<ChannelKind, RegExp>>> = { smtp: /^/, pagerduty: /^[0-9A-Za-z]{32}$/ }

interface Place {
  readonly address: string
  readonly settings: KindSettings
  /** The one that was given, where it stays. */
  readonly secret: ChannelSecret
}
interface PlaceBefore {
  readonly kind: ChannelKind
  readonly address: string
  readonly settings: KindSettings | null
}
type PlaceChange = Pick<ChannelChange, 'address' | 'token' | 'user' | 'mail' | 'pages'>

/** @throws DomainError `channel_refused` */
export const changedPlace = (row: PlaceBefore, secret: ChannelSecret, wanted: PlaceChange): Place => {
  const { kind } = row
  const { address = row.address, token, user, mail, pages } = wanted
  const facts = CHANNEL_FACTS[kind]
  requireAddress(kind, address)
  if (token !== undefined && facts.token === 'none') {
    throw refused('This kind has no token: a webhook is given its secret here, others have it in their address.')
  }
  if (token != null && !(TOKENS[kind] ?? TOKEN).test(token)) throw refused('That is no token of this kind of channel.')
  if (token === null && facts.token === 'needed') throw refused('It cannot do without its token.')
  if (mail !== undefined && kind !== 'smtp') throw refused('Only mail has a sender and recipients.')
  if (user !== undefined && facts.token !== 'optional') throw refused('This kind has no user.')
  // Else whoever may change the address could have a token that nobody can read sent to himself.
  if (hasToken(secret) && token === undefined && originOf(address) !== originOf(row.address)) {
    throw refused('Another receiver takes another token or password: give it along with the address.')
  }
  const settings: KindSettings = {
    ...row.settings,
    ...(user === undefined ? {} : { user }),
    ...(mail === undefined ? {} : { mail }),
    ...(pages === undefined ? {} : { pages }),
  }
  const next = changedSecretOf(secret, { address, token, before: row.address })
  if (facts.token === 'optional') requireLogin(kind, settings.user ?? null, hasToken(next))
  return { address: shownAddress({ kind, address }), settings, secret: next }
}

const changedSecretOf = (
  secret: ChannelSecret,
  { address, token, before }: { address: string; token: string | null | undefined; before: string },
): ChannelSecret => {
  switch (secret.kind) {
    case 'slack':
    case 'teams':
      // Its origin is what it is shown by: sent back, it changes nothing.
      return address === before ? secret : { kind: secret.kind, address }
    case 'grafana':
    case 'pagerduty':
      return token == null ? secret : { kind: secret.kind, token }
    case 'smtp':
    case 'alertmanager':
      return token === undefined ? secret : { kind: secret.kind, token }
    case 'webhook':
    case 'push':
      return secret
  }
}
