import type { ProviderReport } from '../contract/provider.ts'
import type { EffectivePatch } from './joined-patches.ts'
import { endsInLivepatch } from './provider-facts.ts'

const CLIENTS = ['ksplice', 'kernelcare', 'canonical']

/** The one that does the work, and those at work beside it that know nothing of it. kpatch, klp and Canonical all end in livepatch. */
export const rivalSystems = ({
  reports,
  effective,
}: {
  /** The one that does the work first. */
  readonly reports: readonly ProviderReport[]
  readonly effective: readonly EffectivePatch[]
}): { first: ProviderReport; other: ProviderReport }[] => {
  // A vendor's client applies what comes, so it is at work before the first patch is in; a tool is when it has one in.
  const isClient = ({ name, active, access }: ProviderReport) =>
    CLIENTS.includes(name) && active === true && (access === 'ok' || access === 'unknown')
  const working = reports.filter(
    (report) =>
      report.name !== 'livepatch' && (isClient(report) || effective.some(({ provider }) => provider === report.name)),
  )
  const [first, ...others] = working
  return first === undefined
    ? []
    : others
        .filter(({ name }) => !(endsInLivepatch(first.name) && endsInLivepatch(name)))
        .map((other) => ({ first, other }))
}

export const whyNotBoth = (first: string, second: string): string => {
  const names = [first, second]
  const both = 'Each replaces functions without knowing of the other, so neither can say what runs'
  return names.includes('kernelcare') && names.includes('canonical')
    ? // TuxCare documentation, "Live patching services".
      `${both}. TuxCare's documentation says that KernelCare must not share a host with Canonical Livepatch.`
    : `${both}; one of them was left on when the other came.`
}
