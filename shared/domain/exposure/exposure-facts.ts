import type { ExposureFacts } from '../../contract/exposure.ts'
import type { Snapshot } from '../../contract/snapshot.ts'
import { canonicalJson } from '../canonical-json.ts'
import { effectiveKernelDoubt } from '../effective-kernel-doubt.ts'
import type { HostAccount } from '../host-account.ts'

/** CVEs that the catalogue says a module fixes, by the module's srcversion. */
export type CatalogueCves = ReadonlyMap<string, readonly string[]>

const byText = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0)

const sorted = (texts: Iterable<string>, countMax: number): string[] =>
  [...new Set(texts)].sort(byText).slice(0, countMax)

/** What of a host decides to which CVEs it is exposed; two readings of an unchanged host give the same. */
export const exposureFactsOf = (
  snapshot: Snapshot,
  account: HostAccount,
  catalogue: CatalogueCves = new Map(),
): ExposureFacts => {
  const { kernel, operatingSystem, distribution } = snapshot
  return {
    release: kernel.release,
    version: kernel.version === null ? null : withoutBuildTime(kernel.version),
    architecture: kernel.architecture,
    operatingSystem: { id: operatingSystem.id, versionId: operatingSystem.versionId },
    effectiveKernel: effectiveKernelOf(account, kernel.release),
    livepatches: livepatchesOf(account, catalogue),
    livepatchPackages: distribution?.livepatchPackages ? sorted(distribution.livepatchPackages, 128) : null,
    installedKernels: distribution?.installedKernels ? sorted(distribution.installedKernels, 64) : null,
  }
}

/** Equal for hosts of one class, and for no others; its hash names the class. */
export const exposureClassKey = (facts: ExposureFacts): string => canonicalJson(facts)

/**
 * `#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)` stays; of `#101-Ubuntu SMP Tue Nov 14 13:30:08 UTC 2023` goes what starts at
 * the day of the week and ends with the year, as scripts/mkcompile_h writes `date`. Two builds of one package, as on two
 * architectures, differ in nothing else.
 */
export const withoutBuildTime = (version: string): string =>
  version
    .replace(
      /\s*\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} +\d{1,2} \d{2}:\d{2}:\d{2} [A-Z0-9+:-]{1,8} \d{4}\b/,
      '',
    )
    .trim()

const effectiveKernelOf = ({ providers }: HostAccount, release: string): ExposureFacts['effectiveKernel'] => {
  const report = providers.find(
    (candidate) => candidate.effectiveKernel !== null && effectiveKernelDoubt(candidate, release) === null,
  )
  return report?.effectiveKernel ? { provider: report.name, release: report.effectiveKernel } : null
}

const livepatchesOf = (account: HostAccount, catalogue: CatalogueCves): ExposureFacts['livepatches'] => {
  const statuses = new Map(account.statuses.map((status) => [status.name, status]))
  return account.effective
    .filter(({ protects }) => protects)
    .map(({ name, provider, cves }) => {
      const status = statuses.get(name)
      const srcversion = status?.srcversion ?? null
      return {
        ...{ name, provider, version: toldVersion(account, name) ?? status?.moduleVersion ?? null },
        cves: sorted(cves, 2048),
        catalogueCves: sorted((srcversion === null ? undefined : catalogue.get(srcversion)) ?? [], 1000),
      }
    })
    .sort((left, right) => byText(left.name, right.name) || byText(left.provider, right.provider))
    .slice(0, 512)
}

const toldVersion = ({ providers }: HostAccount, name: string): string | null =>
  providers
    .flatMap(({ patches }) => patches ?? [])
    .find((patch) => patch.target === 'kernel' && (patch.livepatch ?? patch.name) === name)?.version ?? null
