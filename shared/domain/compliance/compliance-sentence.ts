import type { ComplianceSummary } from '../../contract/compliance.ts'
import { counted } from '../sentence.ts'

/** `98.2 %`, rounded down: nobody reads 100 % while a host is missing. */
const share = (part: number, all: number): string => {
  const tenths = Math.floor((part * 1000) / all)
  return `${tenths % 10 === 0 ? tenths / 10 : (tenths / 10).toFixed(1)} %`
}

const worst = (bySeverity: ComplianceSummary['bySeverity']): string => {
  const first = bySeverity.find(({ cves }) => cves > 0)
  if (first === undefined) return 'none has an open exposure'
  const { severity, cves, hosts, oldest } = first
  const word = severity === 'unknown' ? 'unscored' : severity
  const days = oldest?.overdueDays ?? null
  const by =
    days === null ? 'none past its date' : `the oldest by ${days === 0 ? 'less than a day' : counted(days, 'day')}`
  return `${hosts} exposed to ${counted(cves, `${word} CVE`)}, ${by}`
}

/** The one sentence that page, exports and reports begin with. */
export const complianceSentence = ({
  counts,
  bySeverity,
}: Pick<ComplianceSummary, 'counts' | 'bySeverity'>): string => {
  const { hosts, judged, within } = counts
  if (hosts === 0) return 'No host has been read yet.'
  if (judged === 0) return `${counted(hosts, 'host')}, none of them judged yet.`
  const unjudged = hosts === judged ? '' : `; ${hosts - judged} not judged`
  return `${share(within, hosts)} of hosts within SLA; ${worst(bySeverity)}${unjudged}.`
}
