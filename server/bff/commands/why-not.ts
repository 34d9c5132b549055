import { Authorisation } from '@rebootless/shared/contract/command.ts'
import { approvalsNeeded } from '@rebootless/shared/domain/approvals-needed.ts'
import { lostApproval } from '@rebootless/shared/domain/authorisation-state.ts'
import { clockRefusal, whyNotCommanded } from '@rebootless/shared/domain/possible-actions.ts'
import { counted } from '@rebootless/shared/domain/sentence.ts'
import type { Selectable } from 'kysely'
import type { CommandsTable } from '../database/command-tables.ts'
import type { CommandHost } from './command-facts.ts'
import type { Ground } from './command-grounds.ts'

/** How much further back a host's clock may be than was measured: half a round trip, and what is not stored anew. */
const SKEW_ERROR_MS = 1_000

/** Why a command may not be made now, in a sentence; null: it may. */
export const whyNot = (
  command: Selectable<CommandsTable>,
  { authorisation, approvals }: Ground,
  { facts }: CommandHost,
  now: Date,
): string | null => {
  const lost = authorisation.void_reason ?? lostApproval(approvals)
  // What was approved with it to undo it outlives a cancellation, which goes no further and undoes nothing.
  if (authorisation.cancelled_at !== null && command.part === 'action') return 'Its request was cancelled.'
  if (lost !== null) return `The request is void: ${lost}`
  if (authorisation.expires_at <= now) return 'The time of its request is over.'
  if (command.good_until !== null && command.good_until <= now) return 'The time of its order is over.'
  const missing = authorisation.approvals_needed - approvals.length
  if (missing > 0) return `It waits for ${counted(missing, 'more approval')}.`
  if (command.not_before > now) return `Its wave begins at ${command.not_before.toISOString()}.`
  const uncommanded = whyNotCommanded(facts) ?? clockRefusal(facts)
  if (uncommanded !== null) return uncommanded
  const { action, downgrade, hosts } = Authorisation.parse(JSON.parse(authorisation.payload))
  const wave = hosts.find(({ id }) => id === command.host_id)?.notBefore ?? authorisation.expires_at.toISOString()
  // The host judges by its own clock, and would refuse what comes too early.
  if (Date.parse(wave) > now.getTime() + (facts.clockSkewMs ?? 0) - SKEW_ERROR_MS) {
    return `Its wave begins at ${wave} by the host's clock.`
  }
  const needed = approvalsNeeded(
    { hostClass: facts.hostClass, threshold: facts.policy?.threshold ?? 1 },
    { action, downgrade },
  )
  const known = new Set(facts.policy?.approvers.map(({ publicKey }) => publicKey))
  const counting = approvals.filter(
    ({ publicKey, userId }) => known.has(publicKey) && userId !== authorisation.requested_by,
  )
  if (counting.length >= needed) return null
  const have = `${counting.length} of ${counted(needed, 'approval')} by keys that this host's agent.json names`
  return counting.length < approvals.length ? `It has ${have}; other keys have signed.` : `It has ${have}.`
}
