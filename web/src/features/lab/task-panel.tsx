import { ChevronLeft, ChevronRight, X } from 'lucide-react'
import { IconButton } from '../../ui/button.tsx'
import { visibleText } from '../../ui/host-text.tsx'
import { SYSTEM_ORDER, systemName } from './lab-words.ts'
import type { PackedTask } from './packed-run.ts'
import type { Playback } from './playback.ts'
import type { RunsBySystem } from './run-facts.ts'
import { taskAtMoment, taskStory } from './task-words.ts'
import { timeWord } from './time-words.ts'
import { useSlowMoment } from './use-playback.ts'

/** The chosen task's story in each system, and what it does at the moment of the clock. */
export const TaskPanel = ({
  task,
  runs,
  playback,
  onStep,
  onClose,
}: {
  task: PackedTask
  runs: RunsBySystem
  playback: Playback
  onStep: (step: 1 | -1) => void
  onClose: () => void
}) => {
  const atUs = useSlowMoment(playback)
  return (
    <section aria-labelledby="chosen-task" className="border-b border-line">
      <div className="flex min-h-12 items-center gap-2 px-6 pt-2 max-desk:px-4">
        <h2 id="chosen-task" className="text-13">
          {visibleText(task.comm, 32)} {task.tid}
        </h2>
        <p className="text-12 text-ink-3">
          {task.kind === 'kernel' ? 'kernel thread' : 'user thread'}, at {timeWord(atUs)}
        </p>
        <span className="ml-auto flex gap-1">
          <IconButton aria-label="Task before" onClick={() => onStep(-1)}>
            <ChevronLeft size={16} aria-hidden />
          </IconButton>
          <IconButton aria-label="Next task" onClick={() => onStep(1)}>
            <ChevronRight size={16} aria-hidden />
          </IconButton>
          <IconButton aria-label="Choose no task" onClick={onClose}>
            <X size={16} aria-hidden />
          </IconButton>
        </span>
      </div>
      <dl className="grid gap-x-6 gap-y-4 px-6 pt-1 pb-5 max-desk:px-4 desk:grid-cols-2 wide:grid-cols-3">
        {SYSTEM_ORDER.map((system) => {
          const facts = runs.get(system)
          return (
            <div key={system} className="min-w-0">
              <dt className="text-12 font-medium">{systemName(system)}</dt>
              <dd className="text-12 text-pretty text-ink-2">
                {facts ? (
                  <>
                    Now it {taskAtMoment(facts, task.tid, atUs)}.{' '}
                    <span className="text-ink-3">{taskStory(facts, task.tid)}</span>
                  </>
                ) : (
                  <span className="text-ink-3">Being computed</span>
                )}
              </dd>
            </div>
          )
        })}
      </dl>
    </section>
  )
}
