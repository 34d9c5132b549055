import type { FitReason } from '../contract/patch-hosts.ts'
import { compareToRunning } from './kernel-release.ts'
import type { FitHost, FitSystem } from './patch-fit-host.ts'
import { commandReasons, type Fit, fitOf, misfit, missing, note } from './patch-fit-reasons.ts'
import { providerTitle } from './provider-facts.ts'
import { comesAsPackage, type UpdatableProvider } from './updatable-providers.ts'

/** Whether a host's tool can be told to bring it to a level; null: to the newest that its vendor has. */
export const vendorFit = (
  { provider, level }: { readonly provider: UpdatableProvider; readonly level: string | null },
  host: FitHost,
): Fit => {
  if (host.release === '') return fitOf([missing('not_read', 'Nothing has been read of this host yet.')], [])
  const title = providerTitle(provider)
  const system = host.systems.find(({ name }) => name === provider)
  if (system === undefined) return fitOf([misfit('system_absent', `${title} is not on this host.`)], [])
  const levels = levelReasons(system, level, title)
  return fitOf(
    [
      ...commandReasons(host, 'update'),
      ...(levels.some(({ code }) => code === 'already_there') ? [] : packageReasons(system, host)),
      // Without a patch klp is not active, and waits for its first package.
      ...(system.active === false && provider !== 'klp'
        ? [misfit('system_absent', `${title} is installed and switched off, or another system does the work.`)]
        : []),
      ...(system.lostAccess
        ? [misfit('access_lost', `${title} gets no patches from its vendor: its access has ended.`)]
        : []),
      ...(system.coverageEnded
        ? [misfit('coverage_ended', `Its vendor makes no more patches for ${host.release}.`)]
        : []),
      ...levels,
      ...(host.connected ? [] : [note('offline', 'Its agent is not connected: what is known may be old.')]),
    ],
    [],
  )
}

/** Of kpatch's, packages alone are barred: what is on the host's disk already may be loaded. */
const packageReasons = ({ name, offered }: FitSystem, { policy }: FitHost): FitReason[] => {
  const isPackage = name === 'klp' || (comesAsPackage(name) && offered.length > 0)
  if (!isPackage || policy === null || policy.packageUpdates === true) return []
  return [misfit('action_barred', "The host's agent.json does not say packageUpdates: no package is installed there.")]
}

const levelReasons = (system: FitSystem, level: string | null, title: string): FitReason[] => {
  const { effectiveKernel, upToDate, patches } = system
  if (level === null) {
    if (upToDate === null) return [missing('vendor_level', `Whether ${title} has something newer is not known here.`)]
    return upToDate ? [misfit('already_there', `${title} says that there is nothing newer.`)] : []
  }
  if (patches.includes(level) || effectiveKernel === level)
    return [misfit('already_there', `It is at ${level} already.`)]
  if (comesAsPackage(system.name)) return packageLevel(system, level)
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

/** A level is the version of a package: SUSE's `3`, or `3-150600.4.7.1`; Red Hat's `1-4`. Its kernel is the host's own. */
const packageLevel = ({ versions, offered }: FitSystem, level: string): FitReason[] => {
  const there = versions.find((version) => isNoOlder(version, level))
  if (there !== undefined)
    return [misfit('already_there', `It is at ${there} already, which is no older than ${level}.`)]
  const editions = offered.flatMap((id) => /-(\d[^-]*-[^-]+)\.\w+$/.exec(id)?.[1] ?? [])
  return editions.some((edition) => isNoOlder(edition, level))
    ? []
    : [missing('vendor_level', `The host's package lists have nothing for its kernel that is known to be ${level}.`)]
}

const numbers = (text: string): number[] | null =>
  /^\d{1,9}(?:[-.]|$)/.test(text) ? (text.match(/\d{1,9}/g) ?? []).map(Number) : null

/** As far as both have numbers. */
const isNoOlder = (version: string, level: string): boolean => {
  const [left, right] = [numbers(version), numbers(level)]
  if (left === null || right === null) return false
  const common = Math.min(left.length, right.length)
  for (let index = 0; index < common; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}
