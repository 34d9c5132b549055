import type { PatchStatus } from '../../contract/host.ts'
import type { HostAccount } from '../host-account.ts'
import { mayWork, offerOf } from '../provider-facts.ts'
import { cut, listed } from '../sentence.ts'
import type { DebtAnswer, RebootReason } from './reboot-debt-words.ts'

/** One reason that the host itself tells; `since` in the host's clock, null: nothing tells. */
export interface HostReason {
  readonly reason: RebootReason
  readonly answer: DebtAnswer
  readonly since: string | null
  /** One full sentence. */
  readonly why: string
}

export interface HostDebt {
  readonly reasons: readonly HostReason[]
  /** The first end of coverage that a tool at work names, and whose it is: whether it is over depends on the day. */
  readonly coverage: { readonly until: string; readonly provider: string } | null
  /** CVEs whose fixes its tools would bring without a boot. Sorted. */
  readonly offeredCves: readonly string[]
}

/**
 * So many livepatches on each other are a stack that has grown. The kernel sets no bound: Documentation/livepatch/cumulative-patches.rst
 * tells what each further one costs whoever has to order them.
 */
export const STACK_GROWN_AT = 5
const OFFERED_MAX = 2048

/** What asks for a boot by what was read of the host alone; the reasons that CVEs give come from its class. */
export const hostDebt = ({
  rebootCauses,
  statuses,
  providers,
}: Pick<HostAccount, 'rebootCauses' | 'statuses' | 'providers'>): HostDebt => {
  const told = rebootCauses.map(({ kind, answer, since, reason }): HostReason => {
    return { reason: kind, answer: answer === 'yes' ? 'yes' : 'yes_but_covered', since, why: reason }
  })
  const found = [...told, stackGrown(statuses), modulePinned(statuses)].filter((one) => one !== null)
  const offered = providers.filter(mayWork).flatMap((report) => offerOf(report)?.cves ?? [])
  return {
    reasons: firstOfEach(found),
    coverage: nextEnd(providers),
    offeredCves: [...new Set(offered)].sort().slice(0, OFFERED_MAX),
  }
}

/** One tool may say yes and another that it can wait: what weighs most stands first. */
const firstOfEach = (found: readonly HostReason[]): HostReason[] =>
  found.filter((one, index) => found.findIndex(({ reason }) => reason === one.reason) === index)

const stackGrown = (statuses: readonly PatchStatus[]): HostReason | null => {
  const inside = statuses.filter(({ order }) => order !== null)
  // Newest first. One that replaces all takes what is below it out, or is about to.
  const replacer = inside.findIndex(({ replace }) => replace === true)
  const stack = replacer < 0 ? inside : inside.slice(0, replacer + 1)
  if (stack.length < STACK_GROWN_AT) return null
  return {
    ...{ reason: 'stack_grown', answer: 'yes_but_covered', since: stack.at(-STACK_GROWN_AT)?.enabledAt ?? null },
    why: `${stack.length} livepatches stand on each other, and the last does not replace the others; a newer kernel has their fixes without them.`,
  }
}

const modulePinned = (statuses: readonly PatchStatus[]): HostReason | null => {
  const pinned = statuses.filter((status) => status.pinned)
  if (pinned.length === 0) return null
  const [since = null] = pinned.flatMap(({ forcedAt, disabledAt }) => forcedAt ?? disabledAt ?? []).sort()
  const stays = pinned.length === 1 ? 'stays' : 'stay'
  return {
    ...{ reason: 'module_pinned', answer: 'yes_but_covered', since },
    why: cut(`${listed(pinned.map(({ name }) => name))} ${stays} in memory, pinned: only a boot takes it out.`, 500),
  }
}

const nextEnd = (providers: HostAccount['providers']): HostDebt['coverage'] => {
  const ends = providers.filter(mayWork).flatMap(({ name: provider, coverageUntil: until }) => {
    return until === null ? [] : [{ until, provider }]
  })
  return ends.reduce<HostDebt['coverage']>(
    (first, one) => (first !== null && first.until <= one.until ? first : one),
    null,
  )
}
