import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { HostTransition, TransitionView } from '@rebootless/shared/contract/host-transition.ts'
import { declarationOf, providerTitle } from '@rebootless/shared/domain/provider-facts.ts'
import type { UseQueryResult } from '@tanstack/react-query'
import { ChartLine, Table2 } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { ProblemNotice } from '../../../shell/problem-notice.tsx'
import { exactTime } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { Segmented } from '../../../ui/segmented.tsx'
import { StateGlyph } from '../../../ui/state-glyph.tsx'
import { TimeAgo } from '../../../ui/time-ago.tsx'
import { lacksLivepatch, outsideLivepatch, presentReports } from '../provider-reports.ts'
import { BlockingTasks } from './blocking-tasks.tsx'
import { SampleTable } from './sample-table.tsx'
import { TransitionFigures } from './transition-figures.tsx'

const TransitionCurve = lazy(() => import('./transition-curve.tsx'))

export interface TransitionSearch {
  view?: 'picture' | 'table'
  scale?: 'log' | 'linear'
  task?: string
}

/** The transition that runs, or the last one: its curve, its figures, and the tasks that hold it. */
export default function TransitionTab({
  query,
  host,
  view,
  scale,
  openTask,
  onChange,
}: {
  query: UseQueryResult<HostTransition>
  host: HostDetail
  view: 'picture' | 'table'
  scale: 'log' | 'linear'
  openTask: string
  onChange: (search: TransitionSearch) => void
}) {
  if (query.isPending) return <div aria-busy="true" className="m-6 h-80 animate-shimmer rounded-mark bg-sunken" />
  if (query.isError && !query.data)
    return <ProblemNotice what="The transition" error={query.error} onRetry={() => void query.refetch()} />
  const transition = query.data?.transition
  if (!transition) return <NoTransition host={host} />
  return (
    <>
      <div className="grid border-b border-line desk:grid-cols-[minmax(0,1fr)_260px]">
        <section aria-labelledby="curve" className="min-w-0">
          <CurveHead transition={transition} view={view} scale={scale} onChange={onChange} />
          <div className="px-3 pb-3">
            {view === 'table' ? (
              <SampleTable transition={transition} />
            ) : (
              <Suspense
                fallback={<div aria-busy="true" className="mx-3 h-80 animate-shimmer rounded-mark bg-sunken" />}
              >
                <div role="img" aria-label={`Curve of tasks still to switch. ${transition.sentence}`}>
                  <TransitionCurve transition={transition} scale={scale} />
                </div>
              </Suspense>
            )}
            {transition.endedAt === null && transition.estimate.condition ? (
              <p className="px-3 pt-1 text-12 text-ink-3">
                <span
                  aria-hidden
                  className="mr-2 inline-block w-6 border-t-[1.5px] border-dashed border-ink-3 align-middle"
                />
                <HostText value={transition.estimate.condition} />
              </p>
            ) : null}
          </div>
        </section>
        <TransitionFigures transition={transition} />
      </div>
      <BlockingTasks
        tasks={transition.blocking}
        total={transition.blockingTotal}
        over={transition.endedAt !== null}
        open={openTask}
        onOpen={(task) => onChange({ task })}
      />
    </>
  )
}

const CurveHead = ({
  transition,
  view,
  scale,
  onChange,
}: {
  transition: TransitionView
  view: 'picture' | 'table'
  scale: 'log' | 'linear'
  onChange: (search: TransitionSearch) => void
}) => (
  <div className="flex min-h-13 flex-wrap items-center gap-x-2 gap-y-1 px-6 py-2 max-desk:px-4">
    <h3 id="curve" className="text-13">
      Tasks still on {transition.target === 'patching' ? 'old' : 'new'} code
    </h3>
    <span className="min-w-0 text-12 text-ink-3">
      <code className="mono">
        <HostText value={transition.patch} max={64} />
      </code>
      {transition.endedAt === null ? ', began ' : ', ended '}
      <TimeAgo at={transition.endedAt ?? transition.startedAt} suffix=" ago" />
      <span className="sr-only">{exactTime(transition.startedAt)}</span>
    </span>
    <span className="ml-auto flex gap-2">
      {view === 'picture' ? (
        <Segmented
          label="Scale"
          value={scale}
          onChange={(next) => onChange({ scale: next })}
          segments={[
            { value: 'log', label: 'Log' },
            { value: 'linear', label: 'Linear' },
          ]}
        />
      ) : null}
      <Segmented
        label="Show as"
        value={view}
        onChange={(next) => onChange({ view: next })}
        iconsOnly
        segments={[
          { value: 'picture', label: 'Curve', icon: <ChartLine size={14} aria-hidden /> },
          { value: 'table', label: 'Table', icon: <Table2 size={14} aria-hidden /> },
        ]}
      />
    </span>
  </div>
)

const NoTransition = ({ host }: { host: HostDetail }) => {
  const lacks = lacksLivepatch(host)
  const others = lacks ? presentReports(host) : outsideLivepatch(host)
  return (
    <Notice
      mark={<StateGlyph state="unsupported" size={20} />}
      title={lacks ? 'This kernel has no livepatch, and so no transitions' : 'No transition has been seen'}
    >
      {lacks ? null : (
        <p>
          One starts when a livepatch is enabled or disabled. Its curve and the tasks that hold it appear here within a
          second, and the last one stays.
        </p>
      )}
      {others.map(({ name }) => {
        const tasks = declarationOf(name)?.tasks
        return (
          <p key={name}>
            <HostText value={providerTitle(name)} max={32} /> puts its patches in without a transition of livepatch.{' '}
            {tasks?.by === 'nothing' ? tasks.note : 'What it is doing stands under Provider.'}
          </p>
        )
      })}
    </Notice>
  )
}
