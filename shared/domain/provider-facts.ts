import type { ProviderPatch, ProviderReport, ProviderStep } from '../contract/provider.ts'
import { PROVIDER_DECLARATIONS, type ProviderDeclaration } from './provider-declarations.ts'
import type { AccessState, PatchLifeState, ProviderName, ProviderPatchState } from './words.ts'

/** null: a system that this server does not know, told by a newer agent. */
export const declarationOf = (name: string): ProviderDeclaration | null =>
  Object.hasOwn(PROVIDER_DECLARATIONS, name) ? PROVIDER_DECLARATIONS[name as ProviderName] : null

/** As a sentence names it: `Ksplice`. */
export const providerTitle = (name: string): string => declarationOf(name)?.title.replace(/ \(.*\)$/, '') ?? name

/** Whether its patches are livepatch modules, which /sys/kernel/livepatch shows on kernels that have it. */
export const endsInLivepatch = (name: string): boolean => name === 'kpatch' || name === 'klp' || name === 'canonical'

/** Patches of the kernel; those of programs and libraries say nothing of it. */
export const kernelPatches = ({ patches }: ProviderReport): ProviderPatch[] =>
  (patches ?? []).filter(({ target }) => target === 'kernel')

/** Installed, and not switched off. */
export const mayWork = ({ present, active }: ProviderReport): boolean => present && active !== false

export const isChanging = (state: PatchLifeState | ProviderPatchState) => state === 'patching' || state === 'unpatching'

/** Whether the tool says that it is changing the kernel. */
export const isAtWork = (report: ProviderReport): boolean =>
  report.inProgress === true || kernelPatches(report).some(({ state }) => isChanging(state))

/**
 * Whether what is in the kernel is known. A list of nothing but programs' patches, from a tool that failed somewhere, may
 * just as well lack the kernel's.
 */
export const knowsKernelPatches = (report: ProviderReport): boolean =>
  report.patches !== null &&
  (report.patches.length === 0 || kernelPatches(report).length > 0 || report.troubles.length === 0)

/** As a sentence names it. Ksplice's names are sentences themselves. */
export const patchWord = ({ id, name }: Pick<ProviderPatch, 'id' | 'name'>): string => name.replace(/\.$/, '') || id

/**
 * Whether the vendor makes no more patches for the running kernel.
 * @param takenAt when the host was read: a day on which support ended is judged by the host's clock
 */
export const coverageEnded = (
  { coverage, coverageUntil }: Pick<ProviderReport, 'coverage' | 'coverageUntil'>,
  takenAt: string,
): boolean =>
  coverage === 'end_of_life' ||
  coverage === 'upgrade_required' ||
  (coverageUntil !== null && coverageUntil < takenAt.slice(0, 10))

/** Who has lost access gets no more patches until someone does something; what is only unreachable may come back. */
const LOST: readonly AccessState[] = ['not_registered', 'expired', 'refused']
export const lostAccess = ({ access }: ProviderReport): boolean => LOST.includes(access)

export interface Offer {
  /** Updates to be installed; 0: the tool says only that there is something newer. */
  readonly count: number
  /** Fixed by what is offered, and not yet by what is in. */
  readonly cves: readonly string[]
}

/** What the vendor offers and the kernel lacks; null: nothing, or it is not known. */
export const offerOf = (report: ProviderReport): Offer | null => {
  const { steps, behind } = report
  const installs = (steps ?? []).filter(({ action }) => action === 'install')
  const inside = kernelPatches(report).filter(({ state }) => state === 'applied')
  if (installs.length === 0) {
    // A plan that only takes out what was withdrawn offers nothing.
    return behind === true && !inside.some(({ withdrawn }) => withdrawn) ? { count: 0, cves: [] } : null
  }
  const known = new Set(inside.map(({ id }) => id))
  const fixed = new Set(inside.filter(({ protects }) => protects).flatMap(({ cves }) => cves))
  const lacking = distinct(installs.filter(({ id }) => !known.has(id)))
  // An upgrade also takes out what newer updates build on and puts it in again: those alone are builds made anew.
  const offered = lacking.length > 0 ? lacking : distinct(installs)
  const cves = new Set(offered.flatMap((step) => step.cves).filter((cve) => !fixed.has(cve)))
  return { count: offered.length, cves: [...cves] }
}

const distinct = (steps: readonly ProviderStep[]): ProviderStep[] => [
  ...new Map(steps.map((step) => [step.id, step])).values(),
]

/** Whether it is known that its vendor would change nothing. */
export const isUpToDate = ({ steps, behind }: ProviderReport): boolean =>
  steps === null ? behind === false : steps.length === 0 && behind !== true
