import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { ProviderPatch, ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { kernelPatches, mayWork, patchWord, providerTitle } from '@rebootless/shared/domain/provider-facts.ts'
import { listed } from '@rebootless/shared/domain/sentence.ts'
import type { AccessState, Coverage, HostState } from '@rebootless/shared/domain/words.ts'
import { count } from '../../ui/duration.ts'
import { exposureStep } from './exposure-step.ts'
import type { NextStep } from './next-step.ts'
import { presentReports } from './provider-reports.ts'

const MORE = { tab: 'provider', word: 'Provider' } as const

const accessLead = (name: string, access: AccessState): string | null => {
  const title = providerTitle(name)
  switch (access) {
    case 'expired':
      return `Renew the subscription of ${title}.`
    case 'not_registered':
      // Canonical's own word for it.
      return name === 'canonical' ? `Enable ${title} on this host.` : `Register this host with ${title}.`
    case 'refused':
      return `Find out why the vendor of ${title} refuses this host.`
    case 'disabled':
      return `Switch ${title} on again, if it is to patch this host.`
    case 'unreachable':
      return `Find out why ${title} does not reach its vendor.`
    case 'ok':
    case 'unknown':
      return null
  }
}

const accessStep = (report: ProviderReport | undefined, why: string): NextStep | null => {
  const lead = report ? accessLead(report.name, report.access) : null
  if (!report || lead === null) return null
  return { lead, why: report.accessDetail ? sentence(report.accessDetail) : why, more: MORE }
}

const sentence = (text: string) => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`)

/** `Have Ksplice take the 2 steps that it offers`; null: it offers nothing, as far as is known. */
const offeredWords = ({ name, steps, behind }: ProviderReport): string | null => {
  if ((steps?.length ?? 0) === 0 && behind !== true) return null
  const what = steps?.length
    ? `the ${steps.length === 1 ? 'step' : `${count(steps.length)} steps`} that it offers`
    : 'the newer patches that it offers'
  return `Have ${providerTitle(name)} take ${what}`
}

const offeredStep = (report: ProviderReport, why: string): NextStep | null => {
  const words = offeredWords(report)
  return words === null ? null : { lead: `${words}.`, why, more: MORE }
}

const ENDED: readonly Coverage[] = ['end_of_life', 'upgrade_required', 'unsupported']

/** What was published before the end may still be had, and a newer kernel may have to be installed first. */
const endedStep = (host: HostDetail, report: ProviderReport, why: string): NextStep | null => {
  if (!ENDED.includes(report.coverage)) return null
  const newest = host.distribution?.newestInstalled ?? null
  const isNewest = newest !== null && newest === host.kernelRelease
  const boot = isNewest ? 'install and boot a newer kernel' : 'boot a newer kernel'
  const offered = offeredWords(report)
  const act = offered === null ? boot.charAt(0).toUpperCase() + boot.slice(1) : `${offered}, then ${boot}`
  return { lead: `${act}: no more patches come for this one.`, why, more: MORE }
}

/** A patch on disk for this kernel that fixes what nothing in the kernel does. */
const notLoadedStep = (report: ProviderReport): NextStep | null => {
  const patches = kernelPatches(report)
  const fixed = new Set(patches.filter(({ state }) => state === 'applied').flatMap(({ cves }) => cves))
  const lacking = ({ cves }: ProviderPatch) => cves.filter((cve) => !fixed.has(cve))
  const found = patches.find((patch) => patch.state === 'not_loaded' && lacking(patch).length > 0)
  if (found === undefined) return null
  return {
    lead: `Have ${providerTitle(report.name)} load ${patchWord(found)}.`,
    why: `It is installed for this kernel and not in it, and fixes ${listed(lacking(found))}.`,
    more: MORE,
  }
}

/** Two systems at once come before what either of them offers: neither knows what runs. */
const rivalStep = ({ disagreements }: HostDetail, reports: readonly ProviderReport[]): NextStep | null => {
  for (const { provider, subject, why } of disagreements) {
    const other = providerTitle(provider)
    const first = reports.map(({ name }) => providerTitle(name)).find((title) => subject === `${title} and ${other}`)
    if (first !== undefined)
      return {
        lead: `Switch ${first} or ${other} off: one system alone may patch a kernel.`,
        why,
        more: { tab: 'provider', word: 'Both accounts' },
      }
  }
  return null
}

/** What the host's providers make the one thing to do; null: nothing, the state's own advice holds. */
export const providerStep = (host: HostDetail, why: string): NextStep | null => {
  const reports = presentReports(host)
  const [working] = reports
  const inUse = reports.filter(mayWork)
  const first = <Value>(of: (report: ProviderReport) => Value | null): Value | null =>
    inUse.map(of).find((value) => value !== null) ?? null
  const inTheWay = ({ name, blockers: [blocker] }: ProviderReport): NextStep | null => {
    if (blocker === undefined) return null
    const number = blocker.tid ?? blocker.pid ?? 'number unknown'
    const who =
      blocker.comm === null ? `${blocker.tid === null ? 'process' : 'thread'} ${number}` : `${blocker.comm} (${number})`
    return { lead: `Find out what keeps ${who}: it is in the way of ${providerTitle(name)}.`, why, more: MORE }
  }
  const unread = ({ name, troubles, patches }: ProviderReport): NextStep | null => {
    if (troubles.length === 0) return null
    const lead = `Find out why ${providerTitle(name)} could not be read${patches === null ? '' : ' in full'}.`
    return { lead, why, more: MORE }
  }
  const disagreeing: NextStep | null =
    host.disagreements.length === 0
      ? null
      : { lead: 'Find out which account is true.', why, more: { tab: 'provider', word: 'Both accounts' } }
  const of: Partial<Record<HostState, () => NextStep | null>> = {
    failed: () =>
      first(inTheWay) ??
      first(({ name, patches }) =>
        patches?.some(({ state }) => state === 'failed')
          ? { lead: `Read what ${providerTitle(name)} said of its failed patch.`, why, more: MORE }
          : null,
      ),
    patching: () =>
      (host.transition === null ? first(inTheWay) : null) ??
      first(({ name, inProgress }) =>
        inProgress && host.transition === null
          ? { lead: `Nothing to do: ${providerTitle(name)} is at work.`, why, more: MORE }
          : null,
      ),
    stalled: () => (host.transition === null ? first(inTheWay) : null),
    exposed: () =>
      rivalStep(host, reports) ??
      first(({ name, patches }) => {
        const withdrawn = patches?.find((patch) => patch.withdrawn && patch.state !== 'not_loaded')
        return withdrawn
          ? {
              lead: `Have ${providerTitle(name)} remove ${withdrawn.id}: its vendor has taken it back.`,
              why,
              more: MORE,
            }
          : null
      }) ??
      first((report) => endedStep(host, report, why)) ??
      accessStep(working, why) ??
      first((report) => offeredStep(report, why)) ??
      disagreeing ??
      first(notLoadedStep),
    drifted: () => rivalStep(host, reports) ?? disagreeing ?? accessStep(working, why),
    stale: () => first(unread),
    patched: () =>
      rivalStep(host, reports) ??
      accessStep(working, why) ??
      (host.reboot === 'yes' ? { lead: 'Plan a reboot.', why: host.rebootNeed.reason, more: MORE } : null) ??
      first((report) => offeredStep(report, why)) ??
      first(notLoadedStep) ??
      exposureStep(host) ??
      first(unread) ??
      (host.reboot === 'yes_but_covered'
        ? { lead: 'Nothing to do now; reboot when it suits.', why: host.rebootNeed.reason, more: MORE }
        : null),
    unsupported: () =>
      host.reboot === 'yes' ? { lead: 'Plan a reboot.', why: host.rebootNeed.reason, more: MORE } : null,
  }
  return of[host.state]?.() ?? null
}
