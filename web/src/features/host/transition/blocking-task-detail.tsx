import type { Advice, BlockingTask } from '@rebootless/shared/contract/transition.ts'
import { Clock, Radio, RotateCcw, Skull, Undo2, Zap } from 'lucide-react'
import { ActButton } from '../../../shell/acting.tsx'
import { HostText } from '../../../ui/host-text.tsx'
import { ADVICE_WORDS, taskStateWord } from './blocking-words.ts'
import { TaskStack } from './task-stack.tsx'

const ADVICE_LABELS = { signal: 'Signal', reverse: 'Reverse', force: 'Force' } as const
const isCommand = (action: Advice['action']): action is keyof typeof ADVICE_LABELS => action in ADVICE_LABELS

const ICONS = { wait: Clock, restart_unit: RotateCcw, kill: Skull, signal: Radio, reverse: Undo2, force: Zap }

/** A blocking task explained: its stack, why it does not switch, and what can be done about it. */
export const BlockingTaskDetail = ({ task }: { task: BlockingTask }) => (
  <div className="grid animate-appear gap-x-6 gap-y-4 px-6 pt-1 pb-5 pl-[56px] max-desk:px-4 desk:grid-cols-2">
    <div className="min-w-0">
      <h4 className="mb-1.5 text-11 font-medium text-ink-3">Stack, innermost first</h4>
      <TaskStack frames={task.stack} sleepsIn={task.wchan} />
      <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-3 text-12 text-ink-3">
        <dt>State</dt>
        <dd>{taskStateWord(task.state)}</dd>
        {task.systemCall === null ? null : (
          <>
            <dt>System call</dt>
            <dd className="mono text-ink-2">
              <HostText value={task.systemCall} max={64} />
            </dd>
          </>
        )}
        {task.cgroup === null ? null : (
          <>
            <dt>cgroup</dt>
            <dd className="mono text-ink-2 wrap-anywhere">
              <HostText value={task.cgroup} max={200} />
            </dd>
          </>
        )}
        {task.container === null ? null : (
          <>
            <dt>Container</dt>
            <dd className="mono text-ink-2 wrap-anywhere">
              <HostText value={task.container} max={128} />
            </dd>
          </>
        )}
      </dl>
    </div>
    <div className="min-w-0">
      <h4 className="mb-1.5 text-11 font-medium text-ink-3">In plain words</h4>
      <p className="max-w-[62ch] text-14 leading-[22px] wrap-anywhere">
        <HostText value={task.explanation} max={2000} />
      </p>
      <h4 className="mt-4 mb-1 text-11 font-medium text-ink-3">What can be done</h4>
      <ul>
        {task.advice.map((advice) => (
          <AdviceRow key={advice.action} advice={advice} />
        ))}
      </ul>
    </div>
  </div>
)

const AdviceRow = ({ advice }: { advice: Advice }) => {
  const Icon = ICONS[advice.action]
  return (
    <li className={`flex gap-3 border-t border-line py-2.5 ${advice.possible ? '' : 'text-ink-3'}`}>
      <Icon
        size={16}
        strokeWidth={1.75}
        aria-hidden
        className={`mt-0.5 flex-none ${advice.possible ? 'text-ink-2' : 'text-ink-4'}`}
      />
      <div className="min-w-0 flex-1">
        <p className={advice.possible ? 'font-medium' : ''}>{ADVICE_WORDS[advice.action]}</p>
        <p className="text-12 wrap-anywhere text-ink-3">
          <HostText value={advice.text} max={500} />
        </p>
      </div>
      {advice.recommended ? (
        <span className="h-5 rounded-[4px] border border-line-2 px-1.5 text-11 leading-[18px] whitespace-nowrap text-ink-2">
          Recommended
        </span>
      ) : advice.possible ? null : (
        <span className="text-11 whitespace-nowrap text-ink-3">Cannot help</span>
      )}
      {advice.possible && isCommand(advice.action) ? (
        <span className="flex-none">
          <ActButton action={advice.action} label={`${ADVICE_LABELS[advice.action]}…`} about="the transition" />
        </span>
      ) : null}
    </li>
  )
}
