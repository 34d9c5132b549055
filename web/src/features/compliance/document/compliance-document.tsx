import { BrandMark } from '../../../shell/brand.tsx'
import { count, plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import type { Scope } from '../scope.ts'
import type { DocumentData } from './document-data.ts'
import { dayOfInstant, utcTime } from './document-words.ts'
import { ExceptionTable } from './exception-table.tsx'
import { GainsTables } from './gains-tables.tsx'
import { MethodPart, SignaturePart } from './method-part.tsx'
import { CveTable, HostTables } from './open-tables.tsx'
import { LabelTable, SummaryTables } from './summary-tables.tsx'
import { TrendFigure } from './trend-figure.tsx'

/** What a manager signs: the sentence, the numbers, who is late, the method, and the hash of the data that it was made from. */
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
  const { summary } = data
  const { counts } = summary
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
      <TrendFigure days={data.trend} />
      <SummaryTables data={data} />
      <LabelTable title="By owner" rows={summary.byOwner} />
      <LabelTable title="By datacentre" rows={summary.byDatacentre} />
      <HostTables data={data} />
      <ExceptionTable exceptions={data.exceptions} isPast={scope.at !== undefined} />
      <CveTable data={data} />
      <GainsTables gains={data.gains} />
      <MethodPart data={data} />
      <SignaturePart hash={hash} />
    </article>
  )
}
