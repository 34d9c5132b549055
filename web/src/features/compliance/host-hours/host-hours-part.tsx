import type { HostHours } from '@rebootless/shared/contract/host-hours.ts'
import { HOST_HOUR_STAGES } from '@rebootless/shared/domain/host-hours/host-hour-words.ts'
import { useQuery } from '@tanstack/react-query'
import { ChartArea, Table } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { ProblemNotice } from '../../../shell/problem-notice.tsx'
import { useNow } from '../../../ui/clock.ts'
import { percent } from '../../../ui/duration.ts'
import { Segmented } from '../../../ui/segmented.tsx'
import { PagePart } from '../page-part.tsx'
import type { Scope } from '../scope.ts'
import { GapHosts } from './gap-hosts.tsx'
import { HoursTable } from './hours-table.tsx'
import { exposureOf, hoursDoubts, hoursSentence, hoursWord, STAGE_WORDS } from './hours-words.ts'
import { type HoursPeriod, hostHoursQuery } from './queries.ts'

const HoursChart = lazy(() => import('./hours-chart.tsx'))

const PERIODS = [
  { value: '30', label: '30 d' },
  { value: '90', label: '90 d' },
  { value: '365', label: '1 y' },
  { value: 'all', label: 'All' },
] as const satisfies readonly { value: HoursPeriod; label: string }[]

const DAYS_DRAWN_FROM = 2

export interface HoursShown {
  readonly period: HoursPeriod
  readonly view: 'picture' | 'table'
}

/** How long hosts were exposed to a CVE, at which stage, and where a fix was gone again. */
export const HostHoursPart = ({
  id,
  scope,
  shown,
  onShown,
}: {
  id: string
  scope: Scope
  shown: HoursShown
  onShown: (next: Partial<HoursShown>) => void
}) => {
  const hours = useQuery(hostHoursQuery(id, scope, shown.period, useNow()))
  return (
    <PagePart
      title="Exposure in host-hours"
      note="by day, UTC"
      className="border-b border-line"
      actions={
        <>
          <Segmented
            label="Period"
            value={shown.period}
            segments={PERIODS}
            onChange={(period) => onShown({ period })}
          />
          <Segmented
            label="Host-hours shown as"
            iconsOnly
            value={shown.view}
            onChange={(view) => onShown({ view })}
            segments={[
              { value: 'picture', label: 'Picture', icon: <ChartArea size={14} aria-hidden /> },
              { value: 'table', label: 'Table', icon: <Table size={14} aria-hidden /> },
            ]}
          />
        </>
      }
    >
      <div className="mt-2">
        {hours.isPending ? (
          <div aria-busy="true" className="h-[420px] animate-shimmer rounded-mark bg-sunken">
            <span className="sr-only">The host-hours are being added up.</span>
          </div>
        ) : hours.data === undefined ? (
          <ProblemNotice what="The host-hours" error={hours.error} onRetry={() => void hours.refetch()} />
        ) : (
          <HoursTold told={hours.data} view={shown.view} isPast={scope.at !== undefined} />
        )}
      </div>
    </PagePart>
  )
}

export const HoursTold = ({ told, view, isPast }: { told: HostHours; view: HoursShown['view']; isPast: boolean }) => {
  const total = exposureOf(told.hours)
  const sentence = hoursSentence(told, isPast)
  return (
    <>
      <p className="max-w-[84ch] text-14 text-pretty">{sentence}</p>
      {total === 0 ? null : (
        <>
          <dl aria-label="Stages" className="mt-3 grid border-y border-line desk:grid-cols-4">
            {HOST_HOUR_STAGES.map((stage) => {
              const { word, meaning, fill } = STAGE_WORDS[stage]
              const spent = told.hours[stage]
              return (
                <div
                  key={stage}
                  className="grid grid-cols-[auto_minmax(0,1fr)_auto] content-start items-baseline gap-x-2 border-line py-2.5 max-desk:not-first:border-t desk:grid-cols-[auto_minmax(0,1fr)] desk:px-4 desk:first:pl-0 desk:not-first:border-l"
                >
                  <span aria-hidden className="size-2.5 rounded-[2px]" style={{ background: fill }} />
                  <dt className="font-medium text-ink-2">{word}</dt>
                  <dd className="desk:col-start-2">
                    <span className={`text-16 font-semibold ${spent === 0 ? 'text-ink-3' : ''}`}>
                      {hoursWord(spent)}
                    </span>
                    <span className="ml-1.5 text-12 text-ink-3">{percent(spent / total)}</span>
                  </dd>
                  <dd className="col-span-full col-start-2 text-12 text-ink-3">{meaning}</dd>
                </div>
              )
            })}
          </dl>
          <div className="mt-4">
            {view === 'table' ? (
              <HoursTable days={told.days} />
            ) : told.days.length < DAYS_DRAWN_FROM ? (
              // One step as wide as the page says no more than the stages do.
              <p className="text-12 text-ink-3">The days are drawn from the second one on.</p>
            ) : (
              <Suspense fallback={<div aria-busy="true" className="h-56 animate-shimmer rounded-mark bg-sunken" />}>
                <div role="img" aria-label={`Host-hours a day by stage. ${sentence} The table says each day.`}>
                  <HoursChart days={told.days} />
                </div>
              </Suspense>
            )}
          </div>
        </>
      )}
      {told.gapHostCount === 0 ? null : <GapHosts told={told} />}
      {told.knownSince === null ? null : (
        <ul aria-label="What is not known" className="mt-4 grid max-w-[92ch] gap-1 text-12 text-ink-3">
          {hoursDoubts(told).map((doubt) => (
            <li key={doubt}>{doubt}</li>
          ))}
        </ul>
      )}
    </>
  )
}
