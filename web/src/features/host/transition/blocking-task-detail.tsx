import type { Advice, BlockingTask } from '@rebootless/shared/contract/transition.ts'
import { ActButton } from '../../../shell/acting.tsx'
import { AdviceRow } from '../../../ui/advice-row.tsx'
import { taskStateWord } from '../../../ui/blocking-words.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { TaskStack } from '../../../ui/task-stack.tsx'

const ADVICE_LABELS = { signal: 'Signal', reverse: 'Reverse', force: 'Force' } as const
const isCommand = (action: Advice['action']): action is keyof typeof ADVICE_LABELS => action in ADVICE_LABELS

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
          <AdviceRow key={advice.action} advice={advice}>
            {advice.possible && isCommand(advice.action) ? (
              <ActButton action={advice.action} label={`${ADVICE_LABELS[advice.action]}…`} about="the transition" />
            ) : null}
          </AdviceRow>
        ))}
      </ul>
    </div>
  </div>
)
