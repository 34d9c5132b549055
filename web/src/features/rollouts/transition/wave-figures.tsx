import type { WaveTransition } from '@rebootless/shared/contract/rollout-transition.ts'
import { Changing } from '../../../ui/changing.tsx'
import { useNow } from '../../../ui/clock.ts'
import { count } from '../../../ui/duration.ts'
import { TaskBar } from '../../../ui/task-bar.tsx'
import { endWords, hostRateWord, taskRateWord } from './rate-words.ts'

/** The wave in figures: they keep their places, whatever they say. */
export const WaveFigures = ({ transition }: { transition: WaveTransition }) => {
  const now = useNow()
  const { tasks, hosts, target, estimate } = transition
  const runs = hosts.inTransition > 0
  const rows: [string, string][] = [
    ['Hosts in transition', count(hosts.inTransition)],
    ['Stalled', hosts.stalled === 0 ? 'none' : count(hosts.stalled)],
    ...(hosts.notHeard === 0 ? [] : ([['Not heard now', count(hosts.notHeard)]] as [string, string][])),
    ['Yet to begin', count(hosts.waiting)],
    ['Done', `${count(hosts.done)} of ${count(hosts.total)}`],
    ...(hosts.others === 0 ? [] : ([['Failed, undone or left out', count(hosts.others)]] as [string, string][])),
    ['Tasks switch', runs ? taskRateWord(transition.tasksPerSecond) : 'nothing runs'],
    ['Hosts end', runs || hosts.waiting > 0 ? hostRateWord(transition.hostsPerMinute) : 'nothing runs'],
    ['Expected end', endWords(estimate, now)],
  ]
  return (
    <aside
      aria-label="Figures of the transitions"
      className="border-line px-6 py-4 max-desk:border-t max-desk:px-4 desk:border-l desk:px-5"
    >
      <p className="text-11 font-medium text-ink-3">To switch</p>
      <p className="mt-0.5 text-ink-3">
        <b className="text-28 font-semibold tracking-tight text-ink">
          <Changing value={count(tasks.left)} />
        </b>{' '}
        <span className="ml-0.5">
          {tasks.total === 0 ? 'tasks: no transition runs' : `of ${count(tasks.total)} tasks`}
        </span>
      </p>
      <div className="mt-2">
        <TaskBar total={tasks.total} remaining={tasks.left} target={target} tall />
      </div>
      <dl className="mt-3">
        {rows.map(([word, value]) => (
          <div key={word} className="flex justify-between gap-3 border-b border-line py-1.5">
            <dt className="text-ink-3">{word}</dt>
            <dd className="text-right">{value}</dd>
          </div>
        ))}
      </dl>
    </aside>
  )
}
