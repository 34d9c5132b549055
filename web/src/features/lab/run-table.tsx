// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
// biome-ignore-all lint/a11y/useSemanticElements: a section would need a heading to be named by
import type { ReactNode } from 'react'
import { count } from '../../ui/duration.ts'
import { visibleText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { SYSTEM_ORDER, systemName } from './lab-words.ts'
import type { RunFacts, RunsBySystem } from './run-facts.ts'
import { resultSentence } from './sentences.ts'
import { timeWord } from './time-words.ts'
import { OutcomeLabel } from './track.tsx'

export const CELL = 'border-b border-line px-3 py-2 align-top'

const COLUMNS: readonly (readonly [title: string, cell: (facts: RunFacts) => ReactNode])[] = [
  ['What came of it', (facts) => <OutcomeLabel facts={facts} />],
  ['Stops', ({ run }) => count(run.stops.length)],
  ['Longest stop', ({ longestStopUs }) => (longestStopUs === 0 ? 'none' : timeWord(longestStopUs))],
  ['Stopped in all', ({ stoppedUs }) => (stoppedUs === 0 ? 'none' : timeWord(stoppedUs))],
  ['Attempts', ({ run }) => count(run.attempts)],
  ['Done', ({ run }) => (run.completedUs === null ? 'never' : timeWord(run.completedUs))],
  ['In the way at last', ({ run }) => neverWords(run.never)],
  ['Mixed calls', ({ run }) => count(run.mixed.length)],
  ['In a sentence', (facts) => <span className="block min-w-56 text-pretty">{resultSentence(facts)}</span>],
]

const NAMED_MAX = 3

const neverWords = (never: RunFacts['run']['never']): string => {
  if (never.length === 0) return 'nobody'
  const named = never
    .slice(0, NAMED_MAX)
    .map(({ tid, comm, why }) => `${visibleText(comm, 24)} ${tid}: ${visibleText(why, 120)}`)
  const rest = never.length - named.length
  return [...named, ...(rest > 0 ? [`${count(rest)} more`] : [])].join('; ')
}

/** The tracks as a table: one row a system. */
export const RunTable = ({ runs }: { runs: RunsBySystem }) => (
  <div className="overflow-x-auto px-3" tabIndex={0} role="region" aria-label="What came of it, by system">
    <table className="w-full border-separate border-spacing-0 text-12">
      <thead className="text-11 text-ink-3">
        <tr>
          {['System', ...COLUMNS.map(([title]) => title)].map((title) => (
            <th key={title} scope="col" className={`${CELL} font-medium whitespace-nowrap`}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {SYSTEM_ORDER.map((system) => {
          const facts = runs.get(system)
          return (
            <tr key={system}>
              <th scope="row" className={`${CELL} font-semibold whitespace-nowrap`}>
                {systemName(system)}
              </th>
              {COLUMNS.map(([title, cell]) => (
                <td key={title} className={CELL}>
                  {facts ? cell(facts) : <Placeholder />}
                </td>
              ))}
            </tr>
          )
        })}
      </tbody>
    </table>
  </div>
)
