/** Who signed, and whether he may still approve. */
export interface ApprovalFacts {
  readonly userId: string
  readonly username: string
  readonly publicKey: string
  /** Why it no longer counts; null: it does. */
  readonly lost: 'disabled' | 'role' | 'key revoked' | 'removed' | null
}

/**
 * The life of an authorisation. `void`: an approver lost his place, so nobody may act on it any more. `done`: every
 * command of it has ended.
 */
export const AUTHORISATION_STATES = ['waiting', 'approved', 'done', 'cancelled', 'void', 'expired'] as const
export type AuthorisationState = (typeof AUTHORISATION_STATES)[number]

const LOST: Readonly<Record<NonNullable<ApprovalFacts['lost']>, string>> = {
  disabled: 'was disabled',
  role: 'no longer has the role approver',
  'key revoked': 'took back the key that he signed with',
  removed: 'was removed',
}

const APPROVED = 'It is approved. Each host still holds the keys that signed against those of its own agent.json.'

/** Why an authorisation is void: an approver lost his place; null: none did. */
export const lostApproval = (approvals: readonly ApprovalFacts[]): string | null => {
  const found = approvals.find(({ lost }) => lost !== null)
  return found?.lost ? `${found.username}, who approved it, ${LOST[found.lost]}: ask anew.` : null
}

/**
 * What an authorisation is worth now, derived at each look, so that a removed approver counts from that moment on
 * (threat-model T25). Whether one host takes it is another question: its own settings name its approvers.
 */
export const authorisationState = (facts: {
  readonly cancelledBy: string | null
  /** Kept from when it became void; null: it has not, as far as anybody noticed. */
  readonly voidReason: string | null
  readonly expired: boolean
  readonly allEnded: boolean
  readonly needed: number
  readonly approvals: readonly ApprovalFacts[]
}): { state: AuthorisationState; reason: string } => {
  const { approvals, needed } = facts
  if (facts.cancelledBy !== null) return { state: 'cancelled', reason: `${facts.cancelledBy} cancelled it.` }
  if (facts.voidReason !== null) return { state: 'void', reason: facts.voidReason }
  if (facts.allEnded && approvals.length >= needed) return { state: 'done', reason: 'Every command of it has ended.' }
  const lost = lostApproval(approvals)
  if (lost !== null) return { state: 'void', reason: lost }
  if (facts.expired) return { state: 'expired', reason: 'Its time is over: ask anew.' }
  const missing = needed - approvals.length
  if (missing > 0) {
    const reason = `It waits for ${missing} more ${missing === 1 ? 'approval' : 'approvals'} of ${needed}.`
    return { state: 'waiting', reason }
  }
  const reason = needed === 0 ? 'It needs no approval: its hosts are of class lab.' : APPROVED
  return { state: 'approved', reason }
}

/** Whether commands may still be made of it. */
export const isOpen = (state: AuthorisationState): boolean => state === 'waiting' || state === 'approved'
