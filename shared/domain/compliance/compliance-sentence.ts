import type { ComplianceSummary } from '../../contract/compliance.ts'
import { counted } from '../sentence.ts'

/** `98.2 %`, rounded down: nobody reads 100 % while a host is missing. */
const share = (part: number, all: number): string => {
  const tenths = Math.floor((part * 1000) / all)
  return `${tenths % 10 === 0 ? tenths / 10 : (tenths / 10).toFixed(1)} %`
}

type Told = Pick<ComplianceSummary, 'counts' | 'bySeverity' | 'unknown'>

const worst = ({ bySeverity, unknown }: Told): string => {
  const first = bySeverity.find(({ cves }) => cves > 0)
  if (first === undefined) return unknown.hosts === 0 ? 'none has an open exposure' : 'none is known to be exposed'
  const { severity, cves, hosts, oldest } = first
  const word = severity === 'unknown' ? 'unscored' : severity
  const days = oldest?.overdueDays ?? null
  const by =
    days === null ? 'none past its date' : `the oldest by ${days === 0 ? 'less than a day' : counted(days, 'day')}`
  return `${hosts} exposed to ${counted(cves, `${word} CVE`)}, ${by}`
}

/**
 * The one sentence that page, exports and reports begin with. What is not known stands in it: a share of hosts of which little is
 * known would be signed as if all were. `isNarrowed`: only hosts that a filter names are told of.
 */
export const complianceSentence = (told: Told, isNarrowed = false): string => {
  const { hosts, judged, within } = told.counts
  if (hosts === 0) return isNarrowed ? 'No host matches the filter.' : 'No host has been read yet.'
  if (judged === 0) return `${counted(hosts, 'host')}, none of them judged yet.`
  const { cves, hosts: on } = told.unknown
  const unknown = on === 0 ? '' : `; ${counted(cves, 'CVE')} not known on ${on}`
  const unjudged = hosts === judged ? '' : `; ${hosts - judged} not judged`
  return `${share(within, hosts)} of hosts within SLA; ${worst(told)}${unknown}${unjudged}.`
}
