import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { mayWork, providerTitle } from '@rebootless/shared/domain/provider-facts.ts'
import type { AccessState, HostState } from '@rebootless/shared/domain/words.ts'
import { count } from '../../ui/duration.ts'
import type { NextStep } from './next-step.ts'
import { presentReports } from './provider-reports.ts'

const MORE = { tab: 'provider', word: 'Provider' } as const

const accessLead = (title: string, access: AccessState): string | null => {
  switch (access) {
    case 'expired':
      return `Renew the subscription of ${title}.`
    case 'not_registered':
      return `Register this host with ${title}.`
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
  const lead = report ? accessLead(providerTitle(report.name), report.access) : null
  if (!report || lead === null) return null
  return { lead, why: report.accessDetail ? sentence(report.accessDetail) : why, more: MORE }
}

const sentence = (text: string) => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`)

const offeredStep = ({ name, steps, behind }: ProviderReport, why: string): NextStep | null => {
  if ((steps?.length ?? 0) === 0 && behind !== true) return null
  const what = steps?.length
    ? `the ${steps.length === 1 ? 'step' : `${count(steps.length)} steps`} that it offers`
    : 'the newer patches that it offers'
  return { lead: `Have ${providerTitle(name)} take ${what}.`, why, more: MORE }
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
      first(({ coverage }) =>
        coverage === 'end_of_life' || coverage === 'upgrade_required' || coverage === 'unsupported'
          ? { lead: 'Boot a newer kernel: no more patches come for this one.', why, more: MORE }
          : null,
      ) ??
      accessStep(working, why) ??
      first((report) => offeredStep(report, why)) ??
      disagreeing,
    drifted: () => disagreeing ?? accessStep(working, why),
    stale: () => first(unread),
    patched: () =>
      accessStep(working, why) ??
      (host.reboot === 'yes' ? { lead: 'Plan a reboot.', why: host.rebootNeed.reason, more: MORE } : null) ??
      first((report) => offeredStep(report, why)) ??
      first(unread) ??
      (host.reboot === 'yes_but_covered'
        ? { lead: 'Nothing to do now; reboot when it suits.', why: host.rebootNeed.reason, more: MORE }
        : null),
    unsupported: () =>
      host.reboot === 'yes' ? { lead: 'Plan a reboot.', why: host.rebootNeed.reason, more: MORE } : null,
  }
  return of[host.state]?.() ?? null
}
