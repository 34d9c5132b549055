import type { FleetSummary } from '@rebootless/shared/contract/fleet.ts'
import { Link } from '@tanstack/react-router'
import { Changing } from '../../ui/changing.tsx'
import { count } from '../../ui/duration.ts'
import { Placeholder } from '../../ui/notice.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'
import { answersOf } from './answers.ts'

const LINE = 'grid grid-cols-2 border-b border-line desk:flex'
const CELL =
  'min-w-0 flex-1 border-line px-4 py-3 desk:border-r desk:px-6 desk:pt-4 desk:pb-5 desk:last:border-r-0 max-desk:border-b max-desk:odd:border-r'

/** The page's answer: each number a link to its hosts. */
export const AnswersLine = ({ summary }: { summary: FleetSummary }) => (
  <ul aria-label="Hosts by state" className={`${LINE} max-desk:-mb-px`}>
    {answersOf(summary).map((answer) => (
      <li key={answer.word} className={`${CELL} relative transition-colors hover:bg-hover`}>
        <Link
          to="/hosts"
          search={{ filter: `state:${answer.states.join(',')}` }}
          className="block after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ink"
        >
          <span className="flex items-center gap-2 font-medium text-ink-2">
            <StateGlyph state={answer.glyph} />
            {answer.word}
          </span>
          <span className={`mt-1 block text-28 font-semibold tracking-tight ${answer.value === 0 ? 'text-ink-3' : ''}`}>
            <Changing value={count(answer.value)} />
          </span>
        </Link>
        <span className="block truncate text-12 text-ink-3">{answer.context}</span>
      </li>
    ))}
  </ul>
)

export const AnswersPlaceholder = () => (
  <div className={LINE}>
    {['a', 'b', 'c', 'd', 'e'].map((key) => (
      <div key={key} className={CELL}>
        <div className="flex h-5 items-center">
          <Placeholder className="w-20" />
        </div>
        <div className="mt-1 flex h-8 items-center">
          <Placeholder className="h-6 w-14" />
        </div>
        <div className="flex h-4 items-center">
          <Placeholder className="w-28" />
        </div>
      </div>
    ))}
  </div>
)
