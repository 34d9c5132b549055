// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
// biome-ignore-all lint/a11y/useSemanticElements: a section would need a heading to be named by
import { useDeferredValue, useMemo, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { plural } from '../../ui/duration.ts'
import { visibleText } from '../../ui/host-text.tsx'
import { SYSTEM_ORDER, systemName } from './lab-words.ts'
import type { PackedTask } from './packed-run.ts'
import type { RunFacts, RunsBySystem } from './run-facts.ts'
import { CELL } from './run-table.tsx'
import { timeWord } from './time-words.ts'

const PAGE = 100

/** When a task goes over in one system, in a word or two. */
export const overWord = ({ run, switched, never }: RunFacts, tid: number): string => {
  const over = switched.get(tid)
  if (over) return timeWord(over.atUs)
  if (never.has(tid)) return 'never'
  if (run.completedUs === null) return 'old'
  return run.system === 'livepatch_immediate' ? 'next call' : timeWord(run.completedUs)
}

/** Every task, and when it goes over in each system. */
export const TaskTable = ({
  tasks,
  runs,
  chosenTid,
  onChoose,
}: {
  tasks: readonly PackedTask[]
  runs: RunsBySystem
  chosenTid: number | null
  onChoose: (tid: number) => void
}) => {
  const [find, setFind] = useState('')
  const [shown, setShown] = useState(PAGE)
  const wanted = useDeferredValue(find.trim().toLowerCase())
  const found = useMemo(
    () => tasks.filter(({ comm, tid }) => comm.toLowerCase().includes(wanted) || String(tid) === wanted),
    [tasks, wanted],
  )
  return (
    <section aria-labelledby="tasks" className="border-t border-line">
      <div className="flex min-h-13 flex-wrap items-center gap-x-4 gap-y-2 px-6 py-2 max-desk:px-4">
        <h2 id="tasks" className="text-13">
          When each task goes over
        </h2>
        <label className="text-12 text-ink-3">
          <span className="sr-only">Find a task by name or number</span>
          <input
            type="search"
            data-page-filter
            placeholder="Name or number"
            value={find}
            onChange={(event) => setFind(event.target.value)}
            className="h-7 w-44 rounded-control border border-line-3 bg-sheet px-2 text-ink placeholder:text-ink-3 touch:h-11 touch:text-16"
          />
        </label>
        <span role="status" className="text-12 text-ink-3">
          {plural(found.length, 'task')}, slowest first
        </span>
      </div>
      <div
        className="max-h-[560px] overflow-auto px-3"
        tabIndex={0}
        role="region"
        aria-label="When each task goes over, by system"
      >
        <table className="w-full border-separate border-spacing-0 text-12">
          <thead className="sticky top-0 z-1 bg-sheet text-11 text-ink-3">
            <tr>
              {['Task', 'Kind', ...SYSTEM_ORDER.map(systemName)].map((title) => (
                <th key={title} scope="col" className={`${CELL} font-medium whitespace-nowrap`}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.slice(0, shown).map(({ tid, comm, kind }) => (
              <tr key={tid} className={tid === chosenTid ? 'bg-ink/8' : ''}>
                <th scope="row" className={`${CELL} py-1 font-medium whitespace-nowrap`}>
                  <button
                    type="button"
                    aria-pressed={tid === chosenTid}
                    onClick={() => onChoose(tid)}
                    className="quiet-link text-left touch:min-h-11"
                  >
                    {visibleText(comm, 32)} {tid}
                  </button>
                </th>
                <td className={`${CELL} py-1 text-ink-3`}>{kind}</td>
                {SYSTEM_ORDER.map((system) => {
                  const facts = runs.get(system)
                  return (
                    <td key={system} className={`${CELL} py-1 whitespace-nowrap`}>
                      {facts ? overWord(facts, tid) : ''}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {found.length > shown ? (
        <p className="px-6 py-3 max-desk:px-4">
          <Button onClick={() => setShown((before) => before + 5 * PAGE)}>Show more</Button>
        </p>
      ) : null}
    </section>
  )
}
