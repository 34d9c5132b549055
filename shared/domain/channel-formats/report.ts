import type { ComplianceReport } from '../../contract/channel-messages.ts'
import { SEVERITY_WORDS } from '../exposure/exposure-state-words.ts'
import { counted, cut } from '../sentence.ts'
import type { Told } from './told.ts'

const HOSTS_MAX = 300
const TITLE_MAX = 250

/** `2026-11-30 08:00 UTC`. */
const inWords = (instant: string): string => `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`

const lateText = ({ dueAt, missed }: NonNullable<ComplianceReport['data']['late']>): string =>
  `It was due at ${inWords(dueAt)}, when nothing ran that could send it.${
    missed === 0 ? '' : ` So were ${counted(missed, 'report')} after it, for which this one stands.`
  }`

/** Compliance in words: the page's sentence, and the numbers that a reader asks for next. */
export const ofReport = ({ data }: ComplianceReport, links: Told['links']): Told => {
  const { report, period, late, hosts, counts, bySeverity, knownExploitedHosts, acceptedHosts, file } = data
  const open = bySeverity.filter(({ cves }) => cves > 0)
  return {
    title: cut(`${report.name}${period === null ? '' : `, ${period}`}`, TITLE_MAX),
    sentence: data.sentence,
    facts: [
      ...(late === null ? [] : [['Late', lateText(late)] as const]),
      ['As of', inWords(data.judgedAt)],
      ['Hosts', hosts === '' ? `${counts.hosts}, the whole fleet` : `${counts.hosts}: ${cut(hosts, HOSTS_MAX)}`],
      ['Within SLA', `${counts.within} of ${counts.hosts}`],
      ['Past a due date', counted(counts.overdue, 'host')],
      ...open.map(({ severity, cves, hosts: exposed, overdueHosts }) => {
        const overdue = overdueHosts === 0 ? '' : `, past due on ${overdueHosts}`
        return [
          SEVERITY_WORDS[severity].word,
          `${counted(cves, 'CVE')} on ${counted(exposed, 'host')}${overdue}`,
        ] as const
      }),
      ...(knownExploitedHosts === 0 ? [] : [['Known to be exploited', counted(knownExploitedHosts, 'host')] as const]),
      ...(acceptedHosts === 0 ? [] : [['Accepted by exceptions', counted(acceptedHosts, 'host')] as const]),
      ...(file === null ? [] : [['Attached', file.name] as const]),
      ...(data.fileLeftOut === null ? [] : [['Not attached', data.fileLeftOut] as const]),
    ],
    links,
    thread: `report.${report.id}`,
    tone: counts.overdue > 0 ? 'ticket' : counts.within === counts.hosts ? 'good' : 'info',
  }
}
