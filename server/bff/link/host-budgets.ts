import { createRate, type RateLimit } from '@rebootless/shared/domain/message-rate.ts'

export interface BudgetLimits {
  readonly messages: RateLimit
  readonly bytes: RateLimit
  /** Of what was sent so much is looked at; the rest waits its time, for as long as there is room for it. */
  readonly changes: RateLimit
  /** A handshake, and several changes of the host's row, each. */
  readonly links: RateLimit
  /** How long a host that has sent more than it may is let in no more: as long as our own agent stays away then. */
  readonly floodHoldMs: number
}

/** What one host may send, over all links that it opens one after the other (threat-model T20). */
export interface HostBudget {
  /** False: that is more than the host may send, and from now on it is held off. */
  take(bytes: number, nowMs: number): boolean
  /** A link more. False: the host is held off. */
  takeLink(nowMs: number): boolean
  /** More of its messages wait than may: it is held off as well. */
  overflowed(nowMs: number): void
  /** How long the next message has to wait before it is looked at. */
  pauseMs(nowMs: number): number
}

/** By then each bucket has long been full again, so a budget that was forgotten gives nothing away. */
const FORGOTTEN_AFTER_MS = 5 * 60_000

/**
 * Of the host and not of its link: else a flood that comes back each time it is cut would begin with a full bucket. Times
 * are of any clock that never goes back.
 */
export const createHostBudgets = (limits: BudgetLimits) => {
  const budgets = new Map<string, { budget: HostBudget; askedForAt: number }>()
  let sweptAt = Number.NEGATIVE_INFINITY

  const create = (startMs: number): HostBudget => {
    const messages = createRate(limits.messages, startMs)
    const bytes = createRate(limits.bytes, startMs)
    const changes = createRate(limits.changes, startMs)
    const links = createRate(limits.links, startMs)
    let heldUntil = Number.NEGATIVE_INFINITY
    const hold = (nowMs: number): false => {
      heldUntil = nowMs + limits.floodHoldMs
      return false
    }
    return {
      take: (count, nowMs) => (messages.take(1, nowMs) && bytes.take(count, nowMs)) || hold(nowMs),
      overflowed: hold,
      pauseMs: changes.waitFor,
      takeLink: (nowMs) => nowMs >= heldUntil && (links.take(1, nowMs) || hold(nowMs)),
    }
  }

  return {
    /** Asked for at each connection. */
    of(hostId: string, nowMs: number): HostBudget {
      if (nowMs - sweptAt > FORGOTTEN_AFTER_MS) {
        sweptAt = nowMs
        for (const [id, { askedForAt }] of budgets) if (nowMs - askedForAt > FORGOTTEN_AFTER_MS) budgets.delete(id)
      }
      const budget = budgets.get(hostId)?.budget ?? create(nowMs)
      budgets.set(hostId, { budget, askedForAt: nowMs })
      return budget
    },
  }
}
