import type { BlockingTask } from '@rebootless/shared/contract/transition.ts'
import { ChevronRight } from 'lucide-react'
import { homeOf, REASON_WORDS, taskStateWord } from '../../../ui/blocking-words.ts'
import { count, plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { TimeAgo } from '../../../ui/time-ago.tsx'
import { BlockingTaskDetail } from './blocking-task-detail.tsx'

const GRID =
  'grid grid-cols-[20px_72px_minmax(90px,1fr)_minmax(110px,1.3fr)_48px_minmax(130px,1.4fr)_80px_minmax(160px,1.8fr)] items-center gap-x-3 px-6'

/** The tasks that hold the transition back. `open` is the thread id of the open one, `none`, or empty for the first. */
export const BlockingTasks = ({
  tasks,
  total,
  over,
  open,
  onOpen,
}: {
  tasks: readonly BlockingTask[]
  total: number
  over: boolean
  open: string
  onOpen: (task: string) => void
}) => {
  const opened = open === '' ? String(tasks[0]?.tid ?? '') : open
  return (
    <section aria-labelledby="blocking">
      <div className="flex min-h-13 flex-wrap items-center gap-x-2 px-6 max-desk:px-4">
        <h3 id="blocking" className="text-13">
          Blocking tasks
        </h3>
        <span className="text-12 text-ink-3">
          {total === 0
            ? ''
            : `${plural(total, 'task')}${total > tasks.length ? `, the first ${count(tasks.length)} shown` : ''}`}
        </span>
      </div>
      {tasks.length === 0 ? (
        <p className="px-6 pb-6 text-ink-2 max-desk:px-4">
          {over
            ? 'The transition is over; no task holds it.'
            : 'No task is in the way. One that stays on the wrong side for two of the kernel’s retries is named here.'}
        </p>
      ) : (
        <>
          <div
            aria-hidden
            className={`${GRID} h-8 border-b border-line text-11 font-medium text-ink-3 max-desk:hidden`}
          >
            <span />
            <span>Pid</span>
            <span>Task</span>
            <span>Unit or container</span>
            <span>State</span>
            <span>Held in</span>
            <span className="text-right">For</span>
            <span>Why it does not switch</span>
          </div>
          <ul>
            {tasks.map((task) => (
              <Task
                key={task.tid}
                task={task}
                open={opened === String(task.tid)}
                onToggle={() => onOpen(opened === String(task.tid) ? 'none' : String(task.tid))}
              />
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

const Task = ({ task, open, onToggle }: { task: BlockingTask; open: boolean; onToggle: () => void }) => {
  const heldIn = task.heldFunction ?? task.wchan
  const id = `task-${task.tid}`
  return (
    <li className={`border-b border-line ${open ? 'bg-paper/60' : ''}`}>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={onToggle}
        className={`w-full py-2 text-left transition-colors hover:bg-hover focus-visible:-outline-offset-2 desk:min-h-9 ${GRID} max-desk:flex max-desk:min-h-14 max-desk:flex-wrap max-desk:px-4`}
      >
        <ChevronRight
          size={14}
          aria-hidden
          className={`text-ink-3 transition-transform duration-(--motion-calm) ${open ? 'rotate-90' : ''}`}
        />
        <span
          className="mono text-[12px]"
          title={task.pid === task.tid ? undefined : `thread ${task.tid} of process ${task.pid}`}
        >
          <span className="sr-only">pid </span>
          {task.pid}
          {task.pid === task.tid ? '' : <span className="text-ink-3">/{task.tid}</span>}
        </span>
        <span className="mono truncate text-[12px] font-medium">
          <HostText value={task.comm} max={64} />
        </span>
        <span className="truncate text-ink-2">
          <HostText value={homeOf(task)} max={80} />
        </span>
        <span className="mono text-[12px]" title={taskStateWord(task.state)}>
          <span className="sr-only">state </span>
          <HostText value={task.state ?? '?'} />
        </span>
        <span className="mono truncate text-[12px] text-old-text">
          {heldIn === null ? <span className="text-ink-3">not read</span> : <HostText value={heldIn} max={100} />}
        </span>
        <span className="text-right font-medium">
          <TimeAgo at={task.since} />
        </span>
        <span className="truncate text-12 text-ink-2 max-desk:w-full">{REASON_WORDS[task.reason]}</span>
      </button>
      {open ? (
        <div id={id}>
          <BlockingTaskDetail task={task} />
        </div>
      ) : null}
    </li>
  )
}
