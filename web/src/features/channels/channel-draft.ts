import type { Channel, ChannelEvents } from '@rebootless/shared/contract/channels.ts'
import type { ChannelKind } from '@rebootless/shared/domain/channel-words.ts'
import type { DecisionKind } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { NEEDS_SOMEBODY } from './channel-words.ts'

/** A channel as its form has it. */
export interface ChannelDraft {
  readonly kind: ChannelKind
  readonly name: string
  readonly address: string
  /** Of Grafana; of a channel that is there, empty leaves it as it is. */
  readonly token: string
  readonly which: 'all' | 'some' | 'none'
  readonly kinds: readonly DecisionKind[]
  readonly heads: boolean
  /** As it was typed. */
  readonly everyMinutes: string
  readonly scope: string | null
}

const MINUTES_MAX = 1440
const MINUTES = '15'

export const NEW_DRAFT: ChannelDraft = {
  ...{ kind: 'webhook', name: '', address: '', token: '' },
  ...{ which: 'some', kinds: NEEDS_SOMEBODY, heads: false, everyMinutes: MINUTES, scope: null },
}

export const draftOf = ({ kind, name, address, events: { decisions, auditHeads }, scope }: Channel): ChannelDraft => ({
  ...{ kind, name, address, token: '', scope },
  which: decisions === 'all' ? 'all' : decisions.length === 0 ? 'none' : 'some',
  kinds: decisions === 'all' ? NEEDS_SOMEBODY : decisions,
  heads: auditHeads !== null,
  everyMinutes: auditHeads === null ? MINUTES : String(auditHeads.everyMinutes),
})

export const sendsHeads = ({ kind, heads }: ChannelDraft): boolean => heads && kind === 'webhook'

export const eventsOf = (draft: ChannelDraft): ChannelEvents => ({
  decisions: draft.which === 'all' ? 'all' : draft.which === 'none' ? [] : [...draft.kinds],
  auditHeads: sendsHeads(draft) ? { everyMinutes: Number(draft.everyMinutes) } : null,
})

const isAddress = (text: string): boolean => URL.canParse(text) && /^https?:\/\//i.test(text)

/** What is wrong with each field, in words; a field that is right is left out. @param before the channel that is changed */
export const mistakesOf = (
  draft: ChannelDraft,
  before?: Pick<Channel, 'address'>,
): Partial<Record<'name' | 'address' | 'token' | 'events' | 'everyMinutes' | 'scope', string>> => {
  const { name, address, token, which, kinds, everyMinutes, scope } = draft
  const every = Number(everyMinutes)
  const elsewhere =
    before === undefined || (isAddress(address) && new URL(address).origin !== new URL(before.address).origin)
  const sendsDecisions = which === 'all' || (which === 'some' && kinds.length > 0)
  return {
    ...(name.trim() === '' ? { name: 'Write a name.' } : {}),
    ...(isAddress(address.trim()) ? {} : { address: 'Write an address that begins with https://.' }),
    ...(draft.kind === 'grafana' && token.trim() === '' && elsewhere
      ? { token: before === undefined ? 'A token is missing.' : 'Another Grafana takes another token.' }
      : {}),
    ...(sendsDecisions || sendsHeads(draft) ? {} : { events: 'Choose at least one event.' }),
    ...(sendsHeads(draft) && !(Number.isInteger(every) && every >= 1 && every <= MINUTES_MAX)
      ? { everyMinutes: `Write a whole number from 1 to ${MINUTES_MAX}.` }
      : {}),
    ...(scope?.trim() === '' ? { scope: 'Write which labels.' } : {}),
  }
}
