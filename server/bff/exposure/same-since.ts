import type { VerdictStatus } from '@rebootless/shared/domain/exposure/exposure-words.ts'

interface Period {
  readonly fromAt: Date
  /** Null: it still holds. */
  readonly toAt: Date | null
}

export interface ClassPeriod extends Period {
  readonly classId: string
}

export interface VerdictPeriod extends Period {
  readonly status: VerdictStatus
}

/**
 * Since when a host has been what it is, over changes of its class and over verdicts that changed in their words alone. The
 * moments in which a class was not judged yet are no break.
 * @param periods the host's, oldest first, up to the one that is asked about
 * @param verdictsOf those of the CVE over a class, oldest first, none that began later
 */
export const sameSince = (
  status: VerdictStatus,
  periods: readonly ClassPeriod[],
  verdictsOf: (classId: string) => readonly VerdictPeriod[],
): Date | null => {
  let since: Date | null = null
  for (const period of [...periods].reverse()) {
    for (const verdict of [...verdictsOf(period.classId)].reverse()) {
      if (!overlap(period, verdict)) continue
      if (verdict.status !== status) return since
      since = later(verdict.fromAt, period.fromAt)
    }
  }
  return since
}

const overlap = (left: Period, right: Period): boolean =>
  (left.toAt === null || right.fromAt < left.toAt) && (right.toAt === null || left.fromAt < right.toAt)

const later = (left: Date, right: Date): Date => (left > right ? left : right)
