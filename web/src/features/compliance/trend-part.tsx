import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChartLine, Table } from 'lucide-react'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { useNow } from '../../ui/clock.ts'
import { count } from '../../ui/duration.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { dayWord, utcDay } from './day.ts'
import { PagePart } from './page-part.tsx'
import { trendOfPartQuery, trendQuery } from './queries.ts'
import { shareWord } from './share-word.ts'
import { everyDay, type TrendDay, trendDay } from './trend-days.ts'
import { TrendPicture } from './trend-picture.tsx'

const DAYS = [
  { value: '30', label: '30 d' },
  { value: '90', label: '90 d' },
  { value: '365', label: '1 y' },
] as const
export type TrendLength = (typeof DAYS)[number]['value']

/**
 * How each day ended, as a picture or as its table; a day opens the page as it stood then. Days are kept for the whole fleet: of a part
 * of it a few of them are judged when they are asked for.
 */
export const TrendPart = ({
  filter,
  scoped,
  days,
  view,
  shownDay,
  onDays,
  onView,
  onDay,
}: {
  filter: string
  /** Whoever looks sees only some hosts. */
  scoped: boolean
  days: TrendLength
  view: 'picture' | 'table'
  /** The day that the page tells of; undefined: now. */
  shownDay: string | undefined
  onDays: (days: TrendLength) => void
  onView: (view: 'picture' | 'table') => void
  onDay: (day: string) => void
}) => {
  const ofPart = scoped || filter !== ''
  const whole = useQuery({ ...trendQuery(Number(days)), enabled: !ofPart })
  const part = useQuery({ ...trendOfPartQuery({ days: Number(days), filter }), enabled: ofPart })
  const trend = ofPart ? part : whole
  const today = utcDay(useNow())
  const recorded = (trend.data?.days ?? []).map(trendDay)
  const missing = part.data?.missing ?? 0
  const every = part.data?.everyDays ?? 1
  return (
    <PagePart
      title="Hosts within SLA"
      note={
        <>
          {ofPart && every > 1 ? `how every ${every} days ended` : 'how each day ended'}
          {ofPart ? `, of ${filter === '' ? 'your' : 'these'} hosts` : ''}, UTC
          <span role="status">{missing > 0 ? `; ${count(missing)} still being judged` : ''}</span>
        </>
      }
      actions={
        <>
          <Segmented label="Days" value={days} segments={DAYS} onChange={onDays} />
          <Segmented
            label="Shown as"
            iconsOnly
            value={view}
            onChange={onView}
            segments={[
              { value: 'picture', label: 'Picture', icon: <ChartLine size={14} aria-hidden /> },
              { value: 'table', label: 'Table', icon: <Table size={14} aria-hidden /> },
            ]}
          />
        </>
      }
    >
      <div className="mt-2">
        {trend.isPending || (recorded.length === 0 && missing > 0) ? (
          <div aria-busy="true" className="h-[338px] animate-shimmer rounded-mark bg-sunken">
            <span className="sr-only">The trend is loading.</span>
          </div>
        ) : trend.isError ? (
          <ProblemNotice what="The trend" error={trend.error} onRetry={() => void trend.refetch()} />
        ) : recorded.length === 0 ? (
          <p className="py-2 text-12 text-ink-3">
            No day has ended yet since the first host was judged: the first point comes at midnight UTC.
          </p>
        ) : view === 'picture' ? (
          <TrendPicture
            days={ofPart ? recorded : everyDay(recorded, Number(days), today)}
            shownDay={shownDay}
            onDay={onDay}
          />
        ) : (
          <TrendTable days={recorded} />
        )}
      </div>
    </PagePart>
  )
}

/** The table twin, newest first. */
export const TrendTable = ({ days }: { days: readonly TrendDay[] }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
  <section tabIndex={0} aria-label="Hosts within SLA by day" className="max-h-[338px] overflow-y-auto">
    <table className="w-full max-w-xl border-collapse">
      <thead className="sticky top-0 bg-sheet text-11 text-ink-3">
        <tr>
          <th scope="col" className="py-1.5 font-medium">
            Day
          </th>
          <th scope="col" className="py-1.5 text-right font-medium">
            Within SLA
          </th>
          <th scope="col" className="py-1.5 text-right font-medium">
            Hosts past SLA
          </th>
        </tr>
      </thead>
      <tbody>
        {[...days].reverse().map(({ day, share, past }) => (
          <tr key={day} className="h-8 border-t border-line">
            <th scope="row" className="font-normal">
              <Link
                from="/compliance"
                to="/compliance"
                search={(before) => ({ ...before, at: day })}
                className="quiet-link font-normal"
              >
                {dayWord(day)}
              </Link>
            </th>
            <td className="text-right">{share === null ? '–' : shareWord(share)}</td>
            <td className="text-right">{past === null ? '–' : count(past)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
)
