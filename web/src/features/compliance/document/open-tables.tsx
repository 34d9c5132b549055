import type { ComplianceHost } from '@rebootless/shared/contract/compliance.ts'
import type { CveItem } from '@rebootless/shared/contract/cves.ts'
import { SEVERITY_WORDS } from '@rebootless/shared/domain/exposure/exposure-state-words.ts'
import { count, percent, plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { utcDay } from '../day.ts'
import type { DocumentData } from './document-data.ts'
import { DocumentPart, DocumentTable, More } from './document-table.tsx'
import { overWord, ownerOf } from './document-words.ts'

/** Hosts past their SLA, worst first, and those that will be. */
export const HostTables = ({ data }: { data: DocumentData }) => {
  const { forecast } = data.summary
  return (
    <>
      <DocumentPart title="Hosts past their SLA">
        {data.hosts.length === 0 ? (
          <p>None.</p>
        ) : (
          <DocumentTable
            caption="Hosts past their SLA"
            rows={data.hosts}
            rowKey={({ id }) => id}
            columns={[
              { word: 'Host', cell: ({ name }) => <HostText value={name} max={80} /> },
              ...(data.hosts.some(({ labels }) => ownerOf(labels) !== '–')
                ? [
                    {
                      word: 'Owner',
                      cell: ({ labels }: ComplianceHost) => <HostText value={ownerOf(labels)} max={60} />,
                    },
                  ]
                : []),
              { word: 'Worst', mono: true, cell: ({ worst }) => worst?.cveId ?? '–' },
              {
                word: 'Severity',
                cell: ({ worst }) => (worst === null ? '–' : SEVERITY_WORDS[worst.severity].word),
              },
              {
                word: 'Due',
                right: true,
                cell: ({ worst }) => (worst?.dueAt ? utcDay(Date.parse(worst.dueAt)) : '–'),
              },
              { word: 'Over', right: true, cell: ({ worst }) => overWord(worst?.overdueDays ?? null) },
              {
                word: 'Read',
                right: true,
                cell: ({ readAt }) => (readAt === null ? 'never' : `${readAt.slice(0, 10)} ${readAt.slice(11, 16)}`),
              },
            ]}
          />
        )}
        <More shown={data.hosts.length} total={data.hostsTotal} what="host" />
      </DocumentPart>
      <DocumentPart title={`Hosts that will be past it within ${plural(forecast.withinDays, 'day')}`}>
        <p>{forecast.method}</p>
        {forecast.which.length === 0 ? (
          <p>At this pace none.</p>
        ) : (
          <DocumentTable
            caption="Hosts that will be past their SLA"
            rows={forecast.which}
            rowKey={({ id }) => id}
            columns={[
              { word: 'Host', cell: ({ name }) => <HostText value={name} max={80} /> },
              { word: 'By', mono: true, cell: ({ cveId }) => cveId },
              { word: 'On', right: true, cell: ({ breachAt }) => utcDay(Date.parse(breachAt)) },
            ]}
          />
        )}
        <More shown={forecast.which.length} total={forecast.hosts} what="host" />
      </DocumentPart>
    </>
  )
}

/** What is open on any host. */
export const CveTable = ({ data }: { data: DocumentData }) => (
  <DocumentPart title="Open CVEs, known exploited first">
    {data.cves.length === 0 ? (
      <p>None is open on any host that was judged.</p>
    ) : (
      <DocumentTable
        caption="Open CVEs"
        rows={data.cves}
        rowKey={({ id }) => id}
        columns={[
          { word: 'CVE', mono: true, cell: ({ id }) => <span className="whitespace-nowrap">{id}</span> },
          {
            word: 'Severity',
            cell: ({ severity, score }) =>
              `${SEVERITY_WORDS[severity].word}${score === null ? '' : ` ${score.toFixed(1)}`}`,
          },
          { word: 'Known exploited', cell: ({ knownExploitedOn }) => knownExploitedOn ?? 'no' },
          ...(data.cves.some(({ epss }) => epss !== null)
            ? [
                {
                  word: 'EPSS',
                  right: true as const,
                  cell: ({ epss }: CveItem) => (epss === null ? '–' : percent(epss)),
                },
              ]
            : []),
          { word: 'Exposed', right: true, cell: ({ hosts }) => count(hosts.exposed ?? 0) },
          { word: 'Fixed on disk', right: true, cell: ({ hosts }) => count(hosts.fixed_on_disk ?? 0) },
          {
            word: 'Open since',
            right: true,
            cell: ({ exposedSince }) => (exposedSince === null ? '–' : utcDay(Date.parse(exposedSince))),
          },
        ]}
      />
    )}
    <More shown={data.cves.length} total={data.cvesTotal} what="CVE" />
  </DocumentPart>
)
