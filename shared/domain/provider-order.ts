import type { ProviderReport } from '../contract/provider.ts'
import type { EffectivePatch } from './joined-patches.ts'

/** Who has a vendor behind it comes before a tool that lists whatever livepatch is in. */
const ORDER = ['ksplice', 'kernelcare', 'canonical', 'klp', 'kgraft', 'kpatch', 'livepatch']
const place = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length)

/** The systems that are there, each once, whatever the order in which an agent tells of them. */
export const presentReports = (reports: readonly ProviderReport[]): ProviderReport[] =>
  [...new Map(reports.filter(({ present }) => present).map((report) => [report.name, report])).values()].sort(
    (left, right) => place(left.name) - place(right.name) || (left.name < right.name ? -1 : 1),
  )

/**
 * The one that does the work first: one whose patches protect, then one that has any in, then what is merely installed.
 * The kernel's own livepatch comes last where another drives it, or where it has nothing in.
 */
export const inWorkingOrder = (
  reports: readonly ProviderReport[],
  effective: readonly EffectivePatch[],
): ProviderReport[] => {
  const rankOf = ({ name, active }: ProviderReport): number => {
    const own = effective.filter(({ provider }) => provider === name)
    if (own.some(({ protects }) => protects)) return active === false ? 1 : 0
    if (own.length > 0) return 2
    if (name === 'livepatch') return 6
    return active === true ? 3 : active === null ? 4 : 5
  }
  const ranks = new Map(reports.map((report) => [report, rankOf(report)]))
  return [...reports].sort((left, right) => (ranks.get(left) ?? 0) - (ranks.get(right) ?? 0))
}
