import { ChartGantt, Table2 } from 'lucide-react'
import { useEffect, useMemo, useRef } from 'react'
import { count } from '../../ui/duration.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { AssumptionList } from './assumption-list.tsx'
import { LabLegend } from './lab-legend.tsx'
import { Corrections, WorkerFailed } from './lab-notices.tsx'
import type { LabAddress, LabChange } from './lab-setting.ts'
import { SYSTEM_ORDER } from './lab-words.ts'
import { chooseLanes, slowestFirstIn } from './lanes.ts'
import { PlayBar } from './play-bar.tsx'
import type { Playback } from './playback.ts'
import { eventMoments, nextMoment } from './run-facts.ts'
import { RunTable } from './run-table.tsx'
import { SettingBar } from './setting-bar.tsx'
import { Sweep } from './sweep.tsx'
import { TaskPanel } from './task-panel.tsx'
import { TaskTable } from './task-table.tsx'
import { TimeLine } from './time-line.tsx'
import { TRACK_COLUMNS, Track } from './track.tsx'
import { useClockInAddress } from './use-clock-in-address.ts'
import { useLabKeys } from './use-lab-keys.ts'
import { useAxis, useSpokenRuns } from './use-playback.ts'
import { useRuns } from './use-runs.ts'

const stillWanted = (): boolean => window.matchMedia('(prefers-reduced-motion: reduce)').matches

/** Five systems on one simulated machine, on one time line; the sweep; what the models assume. */
export const Lab = ({
  address,
  playback,
  onChange,
}: {
  address: LabAddress
  playback: Playback
  onChange: (change: LabChange) => void
}) => {
  const { setting, look, corrections } = address
  const endUs = setting.seconds * 1_000_000
  const runs = useRuns(setting)
  const all = runs.bySystem.size === SYSTEM_ORDER.length
  // In the page's order: workers may answer in any.
  const facts = useMemo(() => SYSTEM_ORDER.flatMap((system) => runs.bySystem.get(system) ?? []), [runs.bySystem])
  const groups = useMemo(() => (all ? chooseLanes(facts) : []), [facts, all])
  const moments = useMemo(() => eventMoments(facts.map(({ run }) => run)), [facts])
  const tasks = useMemo(() => (facts[0]?.run.tasks ?? []).filter(({ kind }) => kind !== 'idle'), [facts])
  const slowestFirst = useMemo(() => {
    const order = slowestFirstIn(facts)
    return tasks.toSorted((one, other) => order(one.tid, other.tid))
  }, [tasks, facts])
  const axis = useAxis(playback, look, endUs)
  useSpokenRuns(playback, runs.bySystem, look.system)
  useEffect(() => {
    playback.setEnd(endUs)
    playback.speed = look.speed
    playback.axis = look.axis
  }, [playback, endUs, look.speed, look.axis])
  useClockInAddress(playback, look.atUs, onChange)

  // A run that nobody has looked at yet plays by itself, once; where motion is not wanted it shows its end.
  const shownFor = useRef<string | null>(null)
  const key = JSON.stringify(setting)
  useEffect(() => {
    if (!all || shownFor.current === key) return
    shownFor.current = key
    if (look.atUs !== null) return
    if (stillWanted()) playback.seek(endUs)
    else playback.play()
  }, [all, key, look.atUs, playback, endUs])
  useEffect(() => () => playback.pause(), [playback])

  const step = (direction: 1 | -1) => {
    playback.pause()
    playback.seek(nextMoment(moments, playback.atUs, direction, endUs))
  }
  const chosen = tasks.find(({ tid }) => tid === look.task) ?? null
  const stepTask = (direction: 1 | -1) => {
    const at = tasks.findIndex(({ tid }) => tid === look.task)
    const next = tasks[at < 0 ? 0 : (at + direction + tasks.length) % tasks.length]
    if (next) onChange({ task: String(next.tid) })
  }
  const chooseTask = (tid: number) => onChange({ task: tid === look.task ? undefined : String(tid) })
  useLabKeys({ playback, look, axis, ready: all, onStep: step, onStepTask: stepTask, onChange })

  const changeSetting = (change: LabChange) => {
    playback.pause()
    playback.seek(0)
    onChange({ ...change, at: undefined })
  }
  return (
    <>
      <SettingBar setting={setting} onChange={changeSetting} />
      {corrections.length > 0 ? <Corrections said={corrections} /> : null}
      <PlayBar playback={playback} look={look} ready={all} onStep={step} onChange={onChange}>
        <p
          role="status"
          className={`min-w-0 flex-1 truncate text-12 text-ink-3 max-desk:order-last max-desk:basis-full ${all ? 'max-desk:sr-only' : ''}`}
        >
          {all
            ? 'Same patch, same machine, same moment'
            : runs.failed === null
              ? `${runs.bySystem.size} of ${SYSTEM_ORDER.length} systems computed`
              : 'Not computed'}
        </p>
        <Segmented
          label="Show as"
          value={look.view}
          onChange={(view) => onChange({ view })}
          segments={[
            { value: 'picture', label: 'Tracks', icon: <ChartGantt size={14} aria-hidden /> },
            { value: 'table', label: 'Table', icon: <Table2 size={14} aria-hidden /> },
          ]}
        />
      </PlayBar>
      {runs.failed !== null ? (
        <WorkerFailed message={runs.failed} onRetry={runs.again} />
      ) : look.view === 'table' ? (
        <>
          <RunTable runs={runs.bySystem} />
          <TaskTable tasks={slowestFirst} runs={runs.bySystem} chosenTid={look.task} onChoose={chooseTask} />
        </>
      ) : (
        <>
          <div className={`sticky top-13 z-5 border-b border-line bg-sheet text-12 text-ink-3 ${TRACK_COLUMNS}`}>
            <div className="self-end px-6 pb-2 max-desk:hidden">System and every task now</div>
            <div className="min-w-0 pl-32 max-desk:pr-4 max-desk:pl-28 desk:pr-5">
              <TimeLine playback={playback} axis={axis} disabled={!all} />
            </div>
            <div className="self-stretch content-end border-l border-line pb-2 pl-5 max-desk:hidden">
              What came of it
            </div>
          </div>
          {SYSTEM_ORDER.map((system, index) => (
            <Track
              key={system}
              number={index + 1}
              facts={runs.bySystem.get(system)}
              chosen={look.system === system}
              chosenTid={look.task}
              onChoose={(next) => onChange({ system: next === look.system ? undefined : next })}
              onChooseTask={chooseTask}
              {...{ system, groups, playback, axis }}
            />
          ))}
          <LabLegend />
        </>
      )}
      <div className="border-t border-line">
        {chosen ? (
          <TaskPanel
            task={chosen}
            runs={runs.bySystem}
            playback={playback}
            onStep={stepTask}
            onClose={() => onChange({ task: undefined })}
          />
        ) : null}
        {look.task !== null && chosen === null && all ? (
          <p className="border-b border-line px-6 py-3 text-12 text-ink-3 max-desk:px-4">
            There is no task {count(look.task)} on this machine. Keys j and k go through those that there are.
          </p>
        ) : null}
        <Sweep setting={setting} over={look.sweep} view={look.view} onChange={onChange} />
        <AssumptionList runs={runs.bySystem} chosen={look.system} />
      </div>
    </>
  )
}
