import type { LabSetting } from '@rebootless/server/sim/lab/lab-run.ts'
import { lazy, type ReactNode, Suspense, useMemo } from 'react'
import { Button } from '../../ui/button.tsx'
import { count, plural } from '../../ui/duration.ts'
import { Segmented } from '../../ui/segmented.tsx'
import type { LabChange, Swept } from './lab-setting.ts'
import { systemName } from './lab-words.ts'
import { MEASURES, type Measure, type SweepLine, sweepLines, withoutPause } from './sweep-data.ts'
import { SweepTable } from './sweep-table.tsx'
import { useSweep } from './use-sweep.ts'

const SweepChart = lazy(() => import('./sweep-chart.tsx'))

const TITLES: Readonly<Record<Measure, string>> = { pause: 'Longest stop', completion: 'Time to the last task' }
const OVER_WORDS: Readonly<Record<Swept, string>> = {
  tasks: 'by number of tasks',
  sleepers: 'by sleepers in the patched function',
  functions: 'by number of patched functions',
}

/** Many runs of the setting, over one of its numbers: how long nothing runs, and when each system is done. */
export const Sweep = ({
  setting,
  over,
  view,
  onChange,
}: {
  setting: LabSetting
  over: Swept | null
  view: 'picture' | 'table'
  onChange: (change: LabChange) => void
}) => {
  const { state, cancel, again } = useSweep(setting, over)
  return (
    <section aria-labelledby="sweep" className="min-w-0">
      <div className="flex min-h-13 flex-wrap items-center gap-x-3 gap-y-2 px-6 py-2.5 max-desk:px-4">
        <h2 id="sweep" className="text-13">
          The sweep
        </h2>
        <p className="text-12 text-ink-3">The same machine many times, one number changed</p>
        <span className="ml-auto flex flex-wrap items-center gap-3">
          {state.kind === 'running' ? <Progress {...state} onCancel={cancel} /> : null}
          {state.kind === 'cancelled' ? (
            <span className="flex items-center gap-2 text-12 text-ink-3">
              <span role="status">
                Cancelled at {state.done} of {plural(state.of, 'point')}
              </span>
              <Button onClick={again}>Run again</Button>
            </span>
          ) : null}
          <Segmented
            label="Sweep over"
            value={over ?? 'none'}
            onChange={(next) => onChange({ sweep: next === 'none' ? undefined : next })}
            segments={[
              { value: 'none', label: 'Off' },
              { value: 'tasks', label: 'Tasks' },
              { value: 'sleepers', label: 'Sleepers' },
              { value: 'functions', label: 'Functions' },
            ]}
          />
        </span>
      </div>
      {state.kind === 'none' || over === null ? (
        <p className="px-6 pb-6 text-12 text-ink-3 max-desk:px-4">
          Choose what to sweep over. Each point is five runs of every system, from five seeds that follow from yours;
          the plots grow as they come.
        </p>
      ) : state.kind === 'failed' ? (
        <p role="alert" className="flex flex-wrap items-center gap-3 px-6 pb-6 text-danger-text max-desk:px-4">
          The sweep could not be computed: {state.message}
          <Button onClick={again}>Try again</Button>
        </p>
      ) : view === 'table' ? (
        <SweepTable points={state.points} over={over} />
      ) : (
        <Plots points={state.points} over={over} />
      )}
    </section>
  )
}

const Progress = ({ done, of, onCancel }: { done: number; of: number; onCancel: () => void }) => (
  <span className="flex items-center gap-2 text-12 text-ink-3">
    <span>{of === 0 ? 'Starting' : `${done} of ${of} points`}</span>
    <progress aria-label="Points computed" max={of || 1} value={done} className="h-1 w-20 accent-ink" />
    <Button onClick={onCancel}>Cancel</Button>
  </span>
)

const Plots = ({ points, over }: { points: Parameters<typeof sweepLines>[0]; over: Swept }) => {
  const lines = useMemo(() => MEASURES.map((measure) => ({ measure, lines: sweepLines(points, measure) })), [points])
  return (
    <div className="grid gap-x-4 px-6 pb-5 max-desk:px-4 desk:grid-cols-2">
      {lines.map(({ measure, lines: own }) => (
        <figure key={measure} className="min-w-0">
          <figcaption className="mb-2 text-12 font-medium">
            {TITLES[measure]} <span className="font-normal text-ink-3">{OVER_WORDS[over]}</span>
          </figcaption>
          <div role="img" aria-label={`${TITLES[measure]} ${OVER_WORDS[over]}; the table has the numbers`}>
            <Suspense fallback={<div className="h-60 animate-shimmer rounded-mark bg-sunken" />}>
              <SweepChart lines={own} measure={measure} over={over} />
            </Suspense>
          </div>
          <p className="mt-1 text-12 text-ink-3">{noteOf(measure, own, over)}</p>
        </figure>
      ))}
    </div>
  )
}

const noteOf = (measure: Measure, lines: readonly SweepLine[], over: Swept): ReactNode => {
  if (measure === 'pause') {
    const calm = withoutPause(lines).map(systemName)
    return calm.length === 0 ? '' : `${new Intl.ListFormat('en-GB').format(calm)} never stop the machine.`
  }
  return lines
    .filter(({ never }) => never.length > 0)
    .map(({ system, never, points }) => {
      const all = never.length + points.length
      const from = never[0] ?? 0
      const whole = never.length > 1 && points.every(({ value }) => value < from)
      const values = whole ? `${count(from)} or more` : never.map(count).join(', ')
      return all === never.length
        ? `${systemName(system)} was never done within the time.`
        : `${systemName(system)} was not done with ${values} ${over}.`
    })
    .join(' ')
}
