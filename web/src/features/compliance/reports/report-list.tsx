import type { Report } from '@rebootless/shared/contract/reports.ts'
import { Link } from '@tanstack/react-router'
import { HostText } from '../../../ui/host-text.tsx'
import { Placeholder } from '../../../ui/notice.tsx'
import { StateGlyph } from '../../../ui/state-glyph.tsx'
import { TimeAgo } from '../../../ui/time-ago.tsx'
import { minuteOf, REPORT_KIND_WORDS, SENDING_WORDS, scheduleText, sendingText } from './report-words.ts'

const GRID =
  'desk:grid desk:grid-cols-[minmax(0,1.4fr)_minmax(0,1.2fr)_minmax(0,1fr)_minmax(0,1.3fr)] desk:items-baseline gap-x-5 px-6 max-desk:px-4'

/** Each report, when it is due and where it goes, and what became of the last one; a name opens what can be done. */
export const ReportRows = ({ reports }: { reports: readonly Report[] }) => (
  <div>
    <div aria-hidden className={`${GRID} h-8 border-b border-line text-11 font-medium text-ink-3 max-desk:hidden`}>
      <span className="self-center">Report</span>
      <span className="self-center">When</span>
      <span className="self-center">To</span>
      <span className="self-center">Last sent</span>
    </div>
    <ul aria-label="Reports">
      {reports.map((report) => (
        <li
          key={report.id}
          className={`${GRID} relative min-h-12 border-b border-line py-2 transition-colors hover:bg-hover max-desk:grid max-desk:gap-y-1`}
        >
          <div className="min-w-0">
            <Link
              to="/compliance/reports"
              search={{ report: report.id }}
              resetScroll={false}
              data-row-link
              className="font-medium wrap-anywhere after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ink"
            >
              <HostText value={report.name} max={64} />
            </Link>
            <p className="text-12 wrap-anywhere text-ink-3">
              {report.filter === '' ? 'all hosts' : <HostText value={report.filter} max={120} />}
              {report.attachCsv ? ', with CSV' : ''}
            </p>
          </div>
          <div className="min-w-0">
            <p>{scheduleText(report.schedule)}</p>
            <p className="text-12 text-ink-3">
              {report.nextAt === null ? 'off' : <>next on {minuteOf(report.nextAt)}</>}
            </p>
          </div>
          <To channel={report.channel} />
          <Last last={report.last} />
        </li>
      ))}
    </ul>
  </div>
)

const To = ({ channel }: { channel: Report['channel'] }) =>
  channel === null ? (
    <p className="text-danger-text">its channel was deleted</p>
  ) : (
    <div className="min-w-0">
      <p className="wrap-anywhere">
        <HostText value={channel.name} max={64} />
      </p>
      <p className="text-12 text-ink-3">
        {REPORT_KIND_WORDS[channel.kind] ?? channel.kind}
        {channel.enabled ? '' : ', off'}
      </p>
    </div>
  )

/** What became of the last one. */
export const Last = ({ last }: { last: Report['last'] }) => {
  if (last === null) return <p className="text-ink-3">not due yet</p>
  const { word, glyph, tone } = SENDING_WORDS[last.state]
  return (
    <div className="min-w-0">
      <p className="flex flex-wrap items-center gap-x-2">
        <span className={`inline-flex items-center gap-1.5 font-medium ${tone}`}>
          <StateGlyph state={glyph} size={12} />
          {word}
        </span>
        <span className="text-12 text-ink-3">
          <TimeAgo at={last.at} suffix=" ago" />, {sendingText(last)}
        </span>
      </p>
      {last.detail === null || last.state === 'delivered' ? null : (
        <p className="text-12 wrap-anywhere text-ink-2">
          <HostText value={last.detail} max={300} />
        </p>
      )}
    </div>
  )
}

/** Before the first answer, in its final geometry. */
export const ReportRowsLoading = () => (
  <div aria-busy="true">
    <p role="status" className="sr-only">
      The reports are loading.
    </p>
    {['w-40', 'w-56', 'w-48'].map((width) => (
      <div key={width} className="flex h-14 items-center gap-8 border-b border-line px-6 max-desk:px-4">
        <Placeholder className={width} />
        <Placeholder className="w-40" />
        <Placeholder className="w-24 max-desk:hidden" />
      </div>
    ))}
  </div>
)
