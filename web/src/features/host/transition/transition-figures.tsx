import type { TransitionView } from '@rebootless/shared/contract/host-transition.ts'
import type { ReactNode } from 'react'
import { Changing } from '../../../ui/changing.tsx'
import { useNow } from '../../../ui/clock.ts'
import { count, fullDuration, percent } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { TaskBar } from '../../../ui/task-bar.tsx'
import { TimeAgo } from '../../../ui/time-ago.tsx'

const rateWord = (perSecond: number | null): string => {
  if (perSecond === null) return 'not known yet'
  if (perSecond === 0) return 'nothing moves'
  return perSecond >= 1
    ? `${count(Math.round(perSecond))} a second`
    : `${count(Math.max(1, Math.round(perSecond * 60)))} a minute`
}

/** A length of time in words; what ends within the second took some of it. */
const lengthWord = (milliseconds: number): string =>
  milliseconds < 1000 ? 'under 1\u00a0s' : fullDuration(milliseconds)

/** The transition in figures. */
export const TransitionFigures = ({ transition }: { transition: TransitionView }) => {
  const now = useNow()
  const { tasksTotal, tasksRemaining, endedAt, estimate, startedAt } = transition
  const switched = tasksTotal - tasksRemaining
  const longest = transition.blocking.reduce<string | null>(
    (first, task) => (first === null || task.since < first ? task.since : first),
    null,
  )
  const signalled = transition.phases.filter((phase) => phase.kind === 'signalled').at(-1)
  const rows: [string, ReactNode][] = [
    ['Switched', `${count(switched)} (${percent(tasksTotal === 0 ? 1 : switched / tasksTotal)})`],
    [
      endedAt === null ? 'Runs for' : 'It took',
      lengthWord((endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt)),
    ],
    ...(endedAt === null
      ? ([
          ['Rate', rateWord(estimate.tasksPerSecond)],
          [
            'Expected end',
            estimate.endsAt === null
              ? 'none'
              : Date.parse(estimate.endsAt) > now
                ? `in ${fullDuration(Date.parse(estimate.endsAt) - now)}`
                : 'any moment',
          ],
        ] as [string, ReactNode][])
      : []),
    [
      'Signals sent',
      signalled ? <TimeAgo key="s" at={signalled.at} suffix=" ago" /> : endedAt === null ? 'not yet' : 'none',
    ],
    ['In the way', transition.blockingTotal === 0 ? 'no task' : count(transition.blockingTotal)],
    ...(longest === null ? [] : ([['Longest', <TimeAgo key="l" at={longest} full />]] as [string, ReactNode][])),
    ...(transition.tasksUnreadable > 0
      ? ([['Could not be read', count(transition.tasksUnreadable)]] as [string, ReactNode][])
      : []),
  ]
  return (
    <aside
      aria-label="Figures"
      className="border-line px-6 py-4 max-desk:border-t max-desk:px-4 desk:border-l desk:px-5"
    >
      <p className="text-11 font-medium text-ink-3">To switch</p>
      <p className="mt-0.5 text-ink-3">
        <b className="text-28 font-semibold tracking-tight text-ink">
          <Changing value={count(tasksRemaining)} />
        </b>{' '}
        <span className="ml-0.5">of {count(tasksTotal)} tasks</span>
      </p>
      <div className="mt-2">
        <TaskBar total={tasksTotal} remaining={tasksRemaining} target={transition.target} tall />
      </div>
      <dl className="mt-3">
        {rows.map(([word, value]) => (
          <div key={word} className="flex justify-between gap-3 border-b border-line py-1.5">
            <dt className="text-ink-3">{word}</dt>
            <dd className="text-right">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-3 text-12 text-ink-3">
        <HostText value={transition.sentence} max={500} />
      </p>
    </aside>
  )
}
