import type { ProviderReport } from '../contract/provider.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { HostAccount } from './host-account.ts'
import {
  coverageEnded,
  endsInLivepatch,
  isAtWork,
  kernelPatches,
  knowsKernelPatches,
  lostAccess,
  mayWork,
  offerOf,
  patchWord,
  providerTitle,
} from './provider-facts.ts'
import { counted, cut, listed } from './sentence.ts'
import type { AccessState, HostState } from './words.ts'

/** Something about one live patching system that a person has to look into. */
export interface ProviderNeed {
  /** `unreadable`: nothing is known of its patches; `trouble`: its tool or files failed only in part. */
  readonly kind: 'failed' | 'withdrawn' | 'behind' | 'ended' | 'access' | 'unreadable' | 'trouble'
  readonly provider: string
  /** The patch, or the word for the trouble with access; empty where the kind says all. */
  readonly about: string
  /** The state in which it puts the host; null: none by itself. */
  readonly state: HostState | null
  /** One full sentence. */
  readonly reason: string
}

const NEEDS_OF_KIND_MAX = 8

/** What needs someone at the systems on one host, the one that does the work first. */
export const providerNeeds = (
  snapshot: Pick<Snapshot, 'takenAt' | 'kernel' | 'livepatches'>,
  account: Pick<HostAccount, 'providers' | 'effective'>,
): ProviderNeed[] =>
  account.providers.flatMap((report) => {
    const inEffect = account.effective.some(({ provider }) => provider === report.name)
    return [
      ...failed(report),
      ...withdrawn(report),
      ...ended(report, snapshot),
      ...behind(report),
      ...access(report, inEffect),
      ...unreadable(report),
    ].map(({ reason, ...need }) => ({ ...need, provider: report.name, reason: cut(reason, 500) }))
  })

type Found = Omit<ProviderNeed, 'provider'>

const failed = (report: ProviderReport): Found[] => {
  const title = providerTitle(report.name)
  const named = kernelPatches(report)
    .filter(({ state }) => state === 'failed')
    .slice(0, NEEDS_OF_KIND_MAX)
    .map((patch) => ({ about: patchWord(patch), what: `apply ${patchWord(patch)}` }))
  // Ksplice names who was in its way after a failure; what failed is not in the kernel, so it is no patch of it.
  const left = report.blockers.length > 0 && !isAtWork(report) && !endsInLivepatch(report.name)
  const found = named.length > 0 || !left ? named : [{ about: '', what: 'make its last change' }]
  return found.map(({ about, what }) => ({
    ...{ kind: 'failed', about, state: 'failed' },
    reason: `${title} could not ${what}${inTheWay(report)}.`,
  }))
}

/** `: crond (1234) is in its way`, or nothing. */
export const inTheWay = ({ blockers }: ProviderReport): string => {
  if (blockers.length === 0) return ''
  const names = blockers.map(({ comm, pid, tid }) => `${comm ?? 'a process'} (${tid ?? pid ?? 'number unknown'})`)
  return `: ${listed(names)} ${names.length === 1 ? 'is' : 'are'} in its way`
}

const withdrawn = (report: ProviderReport): Found[] =>
  kernelPatches(report)
    .filter(({ withdrawn, state }) => withdrawn && state !== 'not_loaded')
    .slice(0, NEEDS_OF_KIND_MAX)
    .map((patch) => ({
      ...{ kind: 'withdrawn', about: patchWord(patch), state: 'exposed' },
      reason: `${patchWord(patch)} is in this kernel, but its vendor has withdrawn it: take it out with ${providerTitle(report.name)}.`,
    }))

const ended = (report: ProviderReport, { takenAt, kernel }: Pick<Snapshot, 'takenAt' | 'kernel'>): Found[] => {
  if (!mayWork(report) || !coverageEnded(report, takenAt)) return []
  const until = report.coverageUntil === null ? '' : `, with ${report.coverageUntil} as the last day`
  const reason = `${providerTitle(report.name)} gets no more patches for ${kernel.release}${until}; further fixes need a newer kernel.`
  return [{ kind: 'ended', about: '', state: 'exposed', reason }]
}

const behind = (report: ProviderReport): Found[] => {
  const offer = offerOf(report)
  if (offer === null) return []
  const title = providerTitle(report.name)
  const what =
    offer.count === 0
      ? `${title} has something newer than what is in this kernel`
      : `${title} offers ${counted(offer.count, 'update')} that this kernel lacks`
  const cves = offer.cves.length === 0 ? '' : `, for ${listed(offer.cves)}`
  return [{ kind: 'behind', about: '', state: 'exposed', reason: `${what}${cves}.` }]
}

/** What is wrong with a system's access, behind its name; a state that is not in it is no trouble. */
export const ACCESS_TROUBLES: Readonly<Partial<Record<AccessState, string>>> = {
  not_registered: 'is not registered',
  expired: 'has an expired subscription',
  refused: 'is refused by its server',
  disabled: 'is switched off',
  unreachable: 'cannot reach its server',
}

/**
 * A kernel whose system gets no more patches is as fixed as before, so not exposed by what is known. Nor is it patched: that
 * says that nothing is offered which it lacks, and nobody may ask any more. It was to be kept patched here and is not, so it
 * has drifted. What is only unreachable may be back at the next try, and a system is switched off on purpose: both leave the
 * state as it is, and are told as a cause.
 */
const access = (report: ProviderReport, inEffect: boolean): Found[] => {
  const what = ACCESS_TROUBLES[report.access]
  if (what === undefined || !(inEffect || mayWork(report))) return []
  const after = inEffect ? '; what it has applied stays in effect, but no more comes' : ', so it gets no patches'
  return [
    {
      ...{ kind: 'access', about: report.access, state: inEffect && lostAccess(report) ? 'drifted' : null },
      reason: `${providerTitle(report.name)} ${what}${after}.`,
    },
  ]
}

const unreadable = (report: ProviderReport): Found[] => {
  // livepatch has no patches of its own to list: sysfs is read by itself.
  if (!mayWork(report) || report.name === 'livepatch') return []
  const title = providerTitle(report.name)
  const [trouble] = report.troubles
  const known = knowsKernelPatches(report)
  // sysfs shows these, so that their tool does not is no trouble by itself; nor is a list that is known.
  if (trouble === undefined && (known || endsInLivepatch(report.name))) return []
  const why = trouble === undefined ? '' : `: ${trouble.source}: ${trouble.text.trim().replace(/[.\s]+$/, '')}`
  const [kind, what] = known
    ? (['trouble', `Part of what ${title} tells`] as const)
    : (['unreadable', `What ${title} has in this kernel`] as const)
  return [{ kind, about: '', state: null, reason: `${cut(`${what} could not be read${why}`, 499)}.` }]
}
