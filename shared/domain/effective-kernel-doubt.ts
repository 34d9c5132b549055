import type { Disagreement } from '../contract/host.ts'
import type { ProviderReport } from '../contract/provider.ts'
import { compareToRunning } from './kernel-release.ts'
import { kernelPatches, knowsKernelPatches, providerTitle } from './provider-facts.ts'

/** Why a tool's effective kernel cannot be believed; null: nothing speaks against it. */
export const effectiveKernelDoubt = (
  report: ProviderReport,
  release: string,
): Pick<Disagreement, 'sysfsSays' | 'why'> | null => {
  if (report.effectiveKernel === null) return null
  const order = compareToRunning(report.effectiveKernel, release)
  const runs = `The running kernel is ${release}`
  const title = providerTitle(report.name)
  if (order === 'another') {
    return {
      sysfsSays: `${runs}, of another series.`,
      why: `What ${title} tells is left from an earlier boot with another kernel.`,
    }
  }
  if (order === 'older') {
    return {
      sysfsSays: `${runs}, which is newer.`,
      why: `What ${title} tells is left from an earlier boot: live patches make no kernel older.`,
    }
  }
  if (
    order === 'newer' &&
    knowsKernelPatches(report) &&
    !kernelPatches(report).some(({ state }) => state !== 'not_loaded')
  ) {
    return {
      sysfsSays: `${runs}, and ${title} has no patch in it.`,
      why: `The patches were taken out after ${title} wrote this down, or its list of them is not complete.`,
    }
  }
  return null
}
