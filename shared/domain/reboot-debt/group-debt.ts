import type { RebootAnswer } from '../words.ts'
import { DEBT_ANSWERS, type DebtAnswer, REBOOT_REASONS, type RebootReason } from './reboot-debt-words.ts'

/** What hosts that need a boot for the same have in common. */
export interface GroupFacts {
  /** As the host's own account has it: the answer where there is no reason. */
  readonly reboot: RebootAnswer
  /** Reasons that the hosts tell themselves, by whether something is missing until then. */
  readonly needs: readonly RebootReason[]
  readonly canWait: readonly RebootReason[]
  /** The last day of coverage is over. */
  readonly coverageOver: boolean
  /** What is open, not accepted, and fixed by an installed kernel; or by no livepatch. */
  readonly cvesOnDisk: readonly string[]
  readonly cvesWithoutLivepatch: readonly string[]
}

export interface GroupDebt {
  readonly answer: RebootAnswer
  /** What weighs most first. */
  readonly reasons: ReadonlyMap<RebootReason, DebtAnswer>
}

/** Which reasons hold, and what they come to: one that nothing covers makes it `yes`. */
export const groupDebt = (facts: GroupFacts): GroupDebt => {
  const found = new Map<RebootReason, DebtAnswer>()
  for (const reason of facts.canWait) found.set(reason, 'yes_but_covered')
  for (const reason of facts.needs) found.set(reason, 'yes')
  if (facts.coverageOver) found.set('coverage_ended', 'yes')
  if (facts.cvesOnDisk.length > 0) found.set('cve_on_disk', 'yes')
  if (facts.cvesWithoutLivepatch.length > 0) found.set('cve_without_livepatch', 'yes')
  const reasons = new Map(
    REBOOT_REASONS.flatMap((reason) => {
      const answer = found.get(reason)
      return answer === undefined ? [] : [[reason, answer] as const]
    }),
  )
  const answers = new Set<RebootAnswer>([...reasons.values(), facts.reboot])
  return { answer: DEBT_ANSWERS.find((answer) => answers.has(answer)) ?? facts.reboot, reasons }
}
