import type { RebootNeed } from '../contract/host.ts'
import type { ProviderReport } from '../contract/provider.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import { coverageEnded, isUpToDate, lostAccess, mayWork, providerTitle } from './provider-facts.ts'
import { cut, listed } from './sentence.ts'
import type { RebootAnswer } from './words.ts'

const DAY_MS = 24 * 60 * 60_000

type Facts = Pick<Snapshot, 'takenAt' | 'kernel' | 'distribution' | 'memory' | 'kernelEvents' | 'livepatches'>

/** One thing that a reboot would bring or end. */
export interface RebootCause extends RebootNeed {
  readonly kind: 'forced' | 'tool_says' | 'coverage_ended' | 'newer_kernel' | 'distribution_asks'
  /** In the host's clock; null: nothing on the host tells. */
  readonly since: string | null
}

/**
 * All that asks for a reboot, what weighs most first.
 *
 * @param reports those that are there, the one that does the work first
 * @param doubted names of those that say that more is fixed than the kernel shows: their word calms nobody
 */
export const rebootCauses = (
  facts: Facts,
  reports: readonly ProviderReport[],
  doubted: ReadonlySet<string>,
): RebootCause[] => {
  const sure = reports.filter(({ name }) => !doubted.has(name))
  const covered = 'says that a newer kernel waits, and that its fixes are live patched meanwhile.'
  const found: readonly (RebootCause | null)[] = [
    forced(facts),
    ofTool(reports, 'yes', 'says that a reboot is needed.'),
    ended(facts, reports),
    of('newer_kernel', newerKernel(facts, reports, sure)),
    of('distribution_asks', packages(facts, reports, sure)),
    ofTool(sure, 'yes_but_covered', covered),
  ]
  return found.filter((cause) => cause !== null).map((cause) => ({ ...cause, reason: cut(cause.reason, 500) }))
}

/**
 * Whether a host needs a reboot, with the reason that weighs most: what is covered until then weighs less than what is not. `no`
 * only where something says so: that nothing asks for a reboot is not yet an answer.
 */
export const rebootNeed = (
  causes: readonly RebootCause[],
  facts: Facts,
  reports: readonly ProviderReport[],
  doubted: ReadonlySet<string>,
): RebootNeed => {
  const sure = reports.filter(({ name }) => !doubted.has(name))
  const { answer, reason } =
    causes.find((cause) => cause.answer === 'yes') ?? causes[0] ?? notNeeded(facts, sure) ?? unknown(facts)
  return { answer, reason: cut(reason, 500) }
}

const of = (kind: RebootCause['kind'], need: RebootNeed | null): RebootCause | null =>
  need === null ? null : { ...need, kind, since: null }

const forced = ({ memory, kernelEvents }: Facts): RebootCause | null => {
  const patches = memory.filter(({ forcedAt }) => forcedAt !== null)
  const events = (kernelEvents ?? []).filter(({ kind }) => kind === 'forced')
  const [since = null] = [...patches.map(({ forcedAt }) => forcedAt), ...events.map(({ at }) => at)].sort()
  if (since === null) return null
  const what = patches.length === 0 ? 'A livepatch' : listed(patches.map(({ name }) => name))
  return {
    ...{ kind: 'forced', since, answer: 'yes' },
    reason: `${what} was forced since the last boot; only a reboot makes this host sure again.`,
  }
}

const ofTool = (reports: readonly ProviderReport[], answer: RebootAnswer, says: string): RebootCause | null => {
  const since = reports.find(({ reboot }) => reboot === answer)?.since ?? null
  const need = byProvider(reports, answer, says)
  return need === null ? null : { ...need, kind: 'tool_says', since }
}

const byProvider = (reports: readonly ProviderReport[], answer: RebootAnswer, says: string): RebootNeed | null => {
  const report = reports.find(({ reboot }) => reboot === answer)
  if (report === undefined) return null
  const title = providerTitle(report.name)
  const own = report.rebootReason
  if (own?.startsWith(title)) return { answer, reason: sentence(own) }
  return { answer, reason: sentence(own === null ? `${title} ${says}` : `${title}: ${own}`) }
}

const sentence = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`)

const ended = ({ takenAt, kernel }: Facts, reports: readonly ProviderReport[]): RebootCause | null => {
  const report = reports.find((candidate) => mayWork(candidate) && coverageEnded(candidate, takenAt))
  return report === undefined
    ? null
    : {
        ...{ kind: 'coverage_ended', answer: 'yes', since: afterCoverage(report.coverageUntil) ?? report.since },
        reason: coverageEndedReason(report, kernel.release),
      }
}

/** As a sentence says it, whether the host was read before or after that day. */
export const coverageEndedReason = (
  { name, coverageUntil }: Pick<ProviderReport, 'name' | 'coverageUntil'>,
  release: string,
): string => {
  const until = coverageUntil === null ? '' : ` (until ${coverageUntil})`
  return `${providerTitle(name)} gets no more patches for ${release}${until}; further fixes come only with a newer kernel.`
}

/** The first moment behind the last day on which patches come; vendors give days without a zone. */
export const afterCoverage = (until: string | null): string | null =>
  until === null ? null : new Date(Date.parse(`${until}T00:00:00.000Z`) + DAY_MS).toISOString()

/** The one that keeps the running kernel as fixed as a newer one: it works, may fetch, and has nothing left to apply. */
const covering = ({ takenAt }: Facts, reports: readonly ProviderReport[]): ProviderReport | undefined =>
  reports.find(
    (report) =>
      report.reboot === 'yes_but_covered' ||
      (report.active === true &&
        report.coverage === 'supported' &&
        !coverageEnded(report, takenAt) &&
        !lostAccess(report) &&
        report.access !== 'disabled' &&
        isUpToDate(report)),
  )

const answered = (
  facts: Facts,
  reports: readonly ProviderReport[],
  sure: readonly ProviderReport[],
  why: string,
): RebootNeed => {
  const covered = covering(facts, sure)
  if (covered !== undefined)
    return {
      answer: 'yes_but_covered',
      reason: `${why}; until then ${providerTitle(covered.name)} holds this kernel up to date.`,
    }
  const claims = covering(facts, reports)
  const doubt =
    claims === undefined
      ? 'nothing tells that live patches hold its fixes'
      : `that ${providerTitle(claims.name)} holds this kernel up to date is in doubt, since the kernel shows less`
  return { answer: 'yes', reason: `${why}, and ${doubt}.` }
}

/** `installedKernels` runs from oldest to newest, so places in it tell which is newer; null: not known. */
const isNewerInstalled = ({ kernel, distribution }: Facts): boolean | null => {
  const { installedKernels, newestInstalled } = distribution ?? { installedKernels: null, newestInstalled: null }
  if (newestInstalled === null) return null
  if (newestInstalled === kernel.release) return false
  const running = installedKernels?.indexOf(kernel.release) ?? -1
  return running >= 0 && (installedKernels?.indexOf(newestInstalled) ?? -1) > running ? true : null
}

const newerKernel = (
  facts: Facts,
  reports: readonly ProviderReport[],
  sure: readonly ProviderReport[],
): RebootNeed | null => {
  if (isNewerInstalled(facts) !== true) return null
  const newest = facts.distribution?.newestInstalled
  return answered(facts, reports, sure, `A newer kernel, ${newest}, is installed and starts with the next boot`)
}

/** Packages of the kernel itself, as Debian and Ubuntu name them in /run/reboot-required.pkgs. */
const KERNEL_PACKAGE = /^(linux-(image|base|modules|generic|signed)|kernel)/

const packages = (
  facts: Facts,
  reports: readonly ProviderReport[],
  sure: readonly ProviderReport[],
): RebootNeed | null => {
  const { rebootRequired, rebootPackages } = facts.distribution ?? { rebootRequired: null, rebootPackages: [] }
  if (rebootRequired !== true) return null
  const others = rebootPackages.filter((name) => !KERNEL_PACKAGE.test(name))
  if (others.length > 0) {
    return {
      answer: 'yes',
      reason: `The distribution asks for a reboot, for ${listed(others)}, which no live patch of the kernel replaces.`,
    }
  }
  // The file may lie there empty on a host that is live patched.
  const asks =
    rebootPackages.length === 0
      ? 'The distribution asks for a reboot'
      : `The distribution asks for a reboot, for ${listed(rebootPackages)}`
  return answered(facts, reports, sure, asks)
}

const notNeeded = (facts: Facts, reports: readonly ProviderReport[]): RebootNeed | null => {
  const said = byProvider(reports, 'no', 'says that no reboot is needed.')
  const newest = isNewerInstalled(facts) === false && facts.distribution !== null
  if (said === null && !newest) return null
  // Only the log tells that a transition was forced.
  if (facts.kernelEvents === null && (facts.memory.length > 0 || (facts.livepatches ?? []).length > 0)) {
    return {
      answer: 'unknown',
      reason:
        "Nothing asks for a reboot, but the kernel's log cannot be read, so a forced transition is not ruled out.",
    }
  }
  if (said !== null) return said
  return { answer: 'no', reason: `The running kernel, ${facts.kernel.release}, is the newest that is installed.` }
}

const unknown = ({ kernel, distribution }: Facts): RebootNeed => {
  const gone =
    distribution?.installedKernels?.includes(kernel.release) === false && distribution.newestInstalled !== null
  const reason = gone
    ? `The running kernel, ${kernel.release}, is not among those installed, so the next boot starts another one.`
    : 'Nothing on this host tells whether a reboot is needed.'
  return { answer: 'unknown', reason }
}
