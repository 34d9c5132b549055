import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { ProviderPatch, ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { endsInLivepatch } from '@rebootless/shared/domain/provider-facts.ts'
import { plural } from '../../ui/duration.ts'
import { stackWords } from './stack-words.ts'

type Given = Pick<HostDetail, 'providers' | 'providerReports' | 'stack'>

/** Those that are there, the one that does the work first, as the host's own list has them. */
export const presentReports = ({
  providers,
  providerReports,
}: Pick<Given, 'providers' | 'providerReports'>): ProviderReport[] => {
  const place = ({ name }: ProviderReport) => (providers.includes(name) ? providers.indexOf(name) : providers.length)
  return providerReports.filter(({ present }) => present).sort((left, right) => place(left) - place(right))
}

/**
 * Patches of the kernel that are in it and that sysfs does not show as livepatches: this system keeps them elsewhere. What
 * a tool of livepatches names without their modules is none of these, where sysfs is there to show what is in.
 */
export const ownPatches = ({ providers }: Pick<Given, 'providers'>, report: ProviderReport): ProviderPatch[] =>
  (report.patches ?? []).filter(
    ({ target, livepatch, state, objects }) =>
      target === 'kernel' &&
      livepatch === null &&
      ['applied', 'patching', 'unpatching'].includes(state) &&
      (objects !== undefined || !endsInLivepatch(report.name) || !providers.includes('livepatch')),
  )

/** Built without livepatch: what sysfs does not show is then known, and is nothing that could not be read. */
export const lacksLivepatch = ({ kernel }: Pick<HostDetail, 'kernel'>): boolean => kernel?.livepatchConfigured === false

/** Systems with such patches: what is said of livepatches on this host is not all of it. */
export const outsideLivepatch = (host: Pick<HostDetail, 'providers' | 'providerReports'>): ProviderReport[] =>
  presentReports(host).filter((report) => ownPatches(host, report).length > 0)

/** What is in the kernel, by whichever system does the work: `12 patches in the kernel`, else the stack's words. */
export const workWords = (host: Given): string => {
  const [working] = presentReports(host)
  const own = working ? ownPatches(host, working).length : 0
  return own > 0 ? `${plural(own, 'patch', 'patches')} in the kernel` : stackWords(host.stack)
}
