import type { ComplianceOfLabel } from '@rebootless/shared/contract/compliance.ts'
import { SEVERITY_WORDS } from '@rebootless/shared/domain/exposure/exposure-state-words.ts'
import { BrandMark } from '../../../shell/brand.tsx'
import { count, percent, plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { dayWord, utcDay } from '../day.ts'
import { ExceptionSubjectText } from '../exception-subject.tsx'
import { DOUBT_WORDS } from '../number-words.ts'
import type { Scope } from '../scope.ts'
import { shareWord } from '../share-word.ts'
import { daysWords, methodSentences } from '../sla-words.ts'
import { type DocumentData, inEights } from './document-data.ts'
import { DocumentPart, DocumentTable } from './document-table.tsx'

const dayOfInstant = (instant: string): string => dayWord(utcDay(Date.parse(instant)))
/** To the minute, UTC: a document is read in other zones. */
const utcTime = (instant: string): string => `${dayOfInstant(instant)}, ${instant.slice(11, 16)} UTC`
const ownerOf = (labels: Readonly<Record<string, string>>): string => labels.owner ?? labels.team ?? '–'

/** What a manager signs: the sentence, the numbers, the method, and the hash of the data that it was made from. */
export const ComplianceDocument = ({
  data,
  scope,
  hash,
  madeBy,
}: {
  data: DocumentData
  scope: Scope
  /** Undefined: being reckoned; null: this browser cannot. */
  hash: string | null | undefined
  madeBy: string
}) => {
  const { summary, policy } = data
  const { counts, forecast } = summary
  const doubts = summary.doubts.filter(({ hosts }) => hosts > 0)
  return (
    <article
      aria-label="Compliance document"
      className="mx-auto max-w-[182mm] space-y-6 px-4 py-8 text-12 [page:document] print:max-w-none print:p-0"
    >
      <header className="space-y-3 border-b-2 border-ink pb-4">
        <p className="flex items-center justify-between gap-4">
          <span className="flex items-center gap-2 text-14 font-semibold tracking-tight">
            <BrandMark size={20} />
            Rebootless
          </span>
          <span>{dayOfInstant(summary.judgedAt)}</span>
        </p>
        <p className="text-20 font-semibold tracking-tight">Compliance of running kernels with known vulnerabilities</p>
        <dl className="grid grid-cols-[88px_minmax(0,1fr)] gap-x-3 gap-y-0.5">
          <dt className="text-ink-3">As of</dt>
          <dd>
            {utcTime(summary.judgedAt)}
            {scope.at === undefined ? '' : ', the past, by what had been read and known by then'}
          </dd>
          <dt className="text-ink-3">Scope</dt>
          <dd>
            {plural(counts.hosts, 'host')}
            {scope.filter === '' ? ', all that its maker may see' : ' of '}
            {scope.filter === '' ? null : (
              <code className="mono">
                <HostText value={scope.filter} max={500} />
              </code>
            )}
            ; {count(counts.judged)} judged
          </dd>
          <dt className="text-ink-3">Made</dt>
          <dd>
            {utcTime(summary.asOf)}, by <HostText value={madeBy} max={64} />
          </dd>
        </dl>
      </header>
      <p className="text-20 font-semibold tracking-tight text-balance">{summary.sentence}</p>
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
      <LabelTable title="By owner" rows={summary.byOwner} />
      <LabelTable title="By datacentre" rows={summary.byDatacentre} />
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
              { word: 'EPSS', right: true, cell: ({ epss }) => (epss === null ? '–' : percent(epss)) },
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
              { word: 'Owner', cell: ({ labels }) => <HostText value={ownerOf(labels)} max={60} /> },
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
      <DocumentPart title="Exceptions in effect">
        {data.exceptions.length === 0 ? (
          <p>None.</p>
        ) : (
          <DocumentTable
            caption="Exceptions in effect"
            rows={data.exceptions}
            rowKey={({ id }) => id}
            columns={[
              { word: 'What', cell: ({ subject, hosts }) => <ExceptionSubjectText subject={subject} hosts={hosts} /> },
              { word: 'Owner', cell: ({ owner }) => <HostText value={owner} max={120} /> },
              { word: 'Why', cell: ({ reason }) => <HostText value={reason} max={400} /> },
              { word: 'Approved by', cell: ({ approvedBy }) => approvedBy ?? '–' },
              { word: 'Until', right: true, cell: ({ until }) => utcDay(Date.parse(until)) },
            ]}
          />
        )}
        {scope.at === undefined ? null : <p>These are in effect now, not on the day that this document tells of.</p>}
      </DocumentPart>
      <DocumentPart title="Method">
        <ul className="list-disc space-y-1 pl-4">
          {methodSentences(policy.spec).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
          <li>Days to mend: {daysWords(policy.spec)}.</li>
          {policy.spec.overrides.map((one) => (
            <li key={one.name}>
              <HostText value={one.name} max={64} />, for{' '}
              <code className="mono">
                <HostText value={one.hosts} max={300} />
              </code>
              : {daysWords(one)}.
            </li>
          ))}
          <li>
            Numbers were counted by version {count(summary.policyVersion)} of the policy
            {policy.setBy === null ? '' : `; the one above was set by ${policy.setBy}`}.
          </li>
        </ul>
      </DocumentPart>
      <section aria-label="Signature of the data" className="space-y-1 border-t border-ink pt-3 [break-inside:avoid]">
        <h2 className="text-12">Signature of the data</h2>
        <p className="mono text-[11px] wrap-anywhere">
          {hash === undefined
            ? 'being reckoned'
            : hash === null
              ? 'SHA-256 is not there: browsers reckon it on pages by HTTPS alone.'
              : `SHA-256 ${inEights(hash)}`}
        </p>
        <p className="text-ink-2">
          Of the data from which this document was made, as its JSON file has them: whoever has the file compares by{' '}
          <code className="mono">sha256sum</code>. What was judged is kept and never changed, so the same day asked
          again gives the same numbers.
        </p>
        <p className="mt-8 grid grid-cols-2 gap-10 text-ink-3">
          <span className="border-t border-ink-3 pt-1">Date, name</span>
          <span className="border-t border-ink-3 pt-1">Signature</span>
        </p>
      </section>
    </article>
  )
}

/** A table of so many rows is a third of a page. */
const ROWS_WHOLE = 12

const dueWord = (days: number | null): string => (days === null ? 'never' : plural(days, 'day'))

const overWord = (days: number | null): string =>
  days === null ? 'in time' : days === 0 ? 'less than a day over' : `${plural(days, 'day')} over`

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

const LabelTable = ({ title, rows }: { title: string; rows: readonly ComplianceOfLabel[] }) => (
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

const More = ({ shown, total, what }: { shown: number; total: number; what: string }) =>
  total > shown ? (
    <p>
      The first {plural(shown, what)} of {count(total)}; the files have all.
    </p>
  ) : null
