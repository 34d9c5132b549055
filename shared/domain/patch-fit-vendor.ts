import type { FitReason } from '../contract/patch-hosts.ts'
import { compareToRunning } from './kernel-release.ts'
import type { FitHost, FitSystem } from './patch-fit-host.ts'
import { commandReasons, type Fit, fitOf, misfit, missing, note } from './patch-fit-reasons.ts'
import { providerTitle } from './provider-facts.ts'
import type { UpdatableProvider } from './updatable-providers.ts'

/** Whether a host's tool can be told to bring it to a level; null: to the newest that its vendor has. */
export const vendorFit = (
  { provider, level }: { readonly provider: UpdatableProvider; readonly level: string | null },
  host: FitHost,
): Fit => {
  if (host.release === '') return fitOf([missing('not_read', 'Nothing has been read of this host yet.')], [])
  const title = providerTitle(provider)
  const system = host.systems.find(({ name }) => name === provider)
  if (system === undefined) return fitOf([misfit('system_absent', `${title} is not on this host.`)], [])
  return fitOf(
    [
      ...commandReasons(host, 'update'),
      ...(system.active === false
        ? [misfit('system_absent', `${title} is installed and switched off, or another system does the work.`)]
        : []),
      ...(system.lostAccess
        ? [misfit('access_lost', `${title} gets no patches from its vendor: its access has ended.`)]
        : []),
      ...(system.coverageEnded
        ? [misfit('coverage_ended', `Its vendor makes no more patches for ${host.release}.`)]
        : []),
      ...levelReasons(system, level, title),
      ...(host.connected ? [] : [note('offline', 'Its agent is not connected: what is known may be old.')]),
    ],
    [],
  )
}

const levelReasons = (system: FitSystem, level: string | null, title: string): FitReason[] => {
  const { effectiveKernel, upToDate, patches } = system
  if (level === null) {
    if (upToDate === null) return [missing('vendor_level', `Whether ${title} has something newer is not known here.`)]
    return upToDate ? [misfit('already_there', `${title} says that there is nothing newer.`)] : []
  }
  if (patches.includes(level) || effectiveKernel === level)
    return [misfit('already_there', `It is at ${level} already.`)]
  if (effectiveKernel === null) {
    return [missing('vendor_level', `${title} does not say which level this kernel is at.`)]
  }
  const order = compareToRunning(effectiveKernel, level)
  if (order === 'newer' || order === 'same') {
    return [misfit('already_there', `It is at ${effectiveKernel} already, which is no older than ${level}.`)]
  }
  return order === 'older'
    ? []
    : [missing('vendor_level', `It is at ${effectiveKernel}, which cannot be compared with ${level}.`)]
}
