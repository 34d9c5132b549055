import type { ComplianceOfLabel } from '@rebootless/shared/contract/compliance.ts'
import { SEVERITY_WORDS } from '@rebootless/shared/domain/exposure/exposure-state-words.ts'
import { count, plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { DOUBT_WORDS } from '../number-words.ts'
import { shareWord } from '../share-word.ts'
import type { DocumentData } from './document-data.ts'
import { DocumentPart, DocumentTable } from './document-table.tsx'
import { dueWord, overWord } from './document-words.ts'

/** A table of so many rows is a third of a page. */
const ROWS_WHOLE = 12

const numbersOf = ({ summary }: DocumentData): (readonly [word: string, hosts: number, cves: number | null])[] => [
  ['Hosts', summary.counts.hosts, null],
  ['Within their SLA', summary.counts.within, null],
  ['Past it', summary.counts.overdue, null],
  ['With something open', summary.counts.exposed, null],
  ['Open to what is known to be exploited', summary.knownExploited.hosts, summary.knownExploited.cves],
  ['Accepted by exceptions', summary.accepted.hosts, summary.accepted.cves],
  ['Fixed on disk, not running', summary.fixedOnDisk.hosts, summary.fixedOnDisk.cves],
  ['Not known', summary.unknown.hosts, summary.unknown.cves],
  ['Not judged', summary.counts.hosts - summary.counts.judged, null],
  ['Not supported', summary.supported.not, null],
]

/** How many hosts and CVEs, by what they are and by severity. */
export const SummaryTables = ({ data }: { data: DocumentData }) => {
  const { summary, policy } = data
  const doubts = summary.doubts.filter(({ hosts }) => hosts > 0)
  return (
    <>
      <DocumentPart title="In numbers" whole>
        <DocumentTable
          caption="In numbers"
          rows={numbersOf(data)}
          rowKey={([word]) => word}
          columns={[
            { word: 'What', cell: ([word]) => word },
            { word: 'Hosts', right: true, cell: ([, hosts]) => count(hosts) },
            { word: 'CVEs', right: true, cell: ([, , cves]) => (cves === null ? '' : count(cves)) },
          ]}
        />
        {doubts.length === 0 ? null : (
          <p>
            Less certain is what is said of:{' '}
            {doubts.map(({ doubt, hosts }) => `${plural(hosts, 'host')} (${DOUBT_WORDS[doubt]})`).join(', ')}.
          </p>
        )}
      </DocumentPart>
      <DocumentPart title="By severity" whole>
        <DocumentTable
          caption="By severity"
          rows={summary.bySeverity}
          rowKey={({ severity }) => severity}
          columns={[
            { word: 'Severity', cell: ({ severity }) => SEVERITY_WORDS[severity].word },
            { word: 'Due within', cell: ({ severity }) => dueWord(policy.spec.days[severity]) },
            { word: 'CVEs open', right: true, cell: ({ cves }) => count(cves) },
            { word: 'CVEs past SLA', right: true, cell: ({ overdueCves }) => count(overdueCves) },
            { word: 'Hosts', right: true, cell: ({ hosts }) => count(hosts) },
            { word: 'Hosts past SLA', right: true, cell: ({ overdueHosts }) => count(overdueHosts) },
            {
              word: 'Oldest',
              right: true,
              cell: ({ oldest }) => (oldest === null ? 'none' : overWord(oldest.overdueDays)),
            },
          ]}
        />
      </DocumentPart>
    </>
  )
}

/** By a label's values: whose hosts they are, or where. */
export const LabelTable = ({ title, rows }: { title: string; rows: readonly ComplianceOfLabel[] }) => (
  <DocumentPart title={title} whole={rows.length <= ROWS_WHOLE}>
    {rows.every(({ value }) => value === null) ? (
      <p>No host has a label that says it.</p>
    ) : (
      <DocumentTable
        caption={title}
        rows={rows}
        rowKey={({ value }) => value ?? ''}
        columns={[
          {
            word: title.replace('By ', '').replace(/^./, (letter) => letter.toUpperCase()),
            cell: ({ value }) => (value === null ? 'without' : <HostText value={value} max={80} />),
          },
          { word: 'Hosts', right: true, cell: ({ hosts }) => count(hosts) },
          { word: 'Judged', right: true, cell: ({ judged }) => count(judged) },
          { word: 'Past SLA', right: true, cell: ({ overdue }) => count(overdue) },
          { word: 'With something open', right: true, cell: ({ exposed }) => count(exposed) },
          {
            word: 'Within SLA',
            right: true,
            cell: ({ hosts, within }) => (hosts === 0 ? '–' : shareWord(within / hosts)),
          },
        ]}
      />
    )}
  </DocumentPart>
)
