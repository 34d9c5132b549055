import { visibleText } from '../../ui/host-text.tsx'
import type { Playback } from './playback.ts'
import type { RunFacts } from './run-facts.ts'
import { taskAtMoment, taskStory } from './task-words.ts'
import { timeWord } from './time-words.ts'
import { useSlowMoment } from './use-playback.ts'

const WIDTH = 280

/** What is under the pointer, beside it. Keys and the table give the same. */
export const TaskTip = ({
  facts,
  playback,
  tid,
  atUs,
  x,
  y,
}: {
  facts: RunFacts
  playback: Playback
  tid: number
  /** The moment under the pointer; the clock's, when there is none. */
  atUs?: number
  x: number
  y: number
}) => {
  const now = useSlowMoment(playback)
  const at = atUs ?? now
  const task = facts.run.tasks.find((one) => one.tid === tid)
  if (!task) return null
  return (
    <div
      aria-hidden
      className="pointer-events-none fixed z-20 rounded-control border border-line-2 bg-raised px-2.5 py-1.5 text-12 shadow-pop"
      style={{
        width: WIDTH,
        left: Math.min(x + 12, window.innerWidth - WIDTH - 8),
        top: Math.min(y + 14, window.innerHeight - 120),
      }}
    >
      <b className="font-semibold">{visibleText(task.comm, 32)}</b> <span className="text-ink-3">{tid}</span>
      <span className="block">
        At {timeWord(at)} it {taskAtMoment(facts, tid, at)}.
      </span>
      <span className="block text-ink-3">{taskStory(facts, tid)}</span>
    </div>
  )
}
