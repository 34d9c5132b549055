import type { System } from '@rebootless/server/sim/models/model.ts'
import { type ReactNode, useState } from 'react'
import { visibleText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'
import { CellsNow } from './cells-now.tsx'
import { SYSTEM_WORDS } from './lab-words.ts'
import type { LaneGroup } from './lanes.ts'
import { LanesPicture } from './lanes-picture.tsx'
import type { Playback } from './playback.ts'
import type { RunFacts } from './run-facts.ts'
import { outcomeOf, outcomeWords, resultSentence, stopWords } from './sentences.ts'
import { TaskTip } from './task-tip.tsx'
import type { TimeAxis } from './time-axis.ts'

/** Columns of every track and of the axis above them. */
export const TRACK_COLUMNS =
  'desk:grid desk:grid-cols-[216px_minmax(0,1fr)_232px] wide:grid-cols-[240px_minmax(0,1fr)_276px]'

const GLYPHS = { done: 'patched', gave_up: 'stalled', open: 'stalled' } as const
const TONES = { done: 'text-new-text', gave_up: 'text-old-text', open: 'text-old-text' } as const

export const OutcomeLabel = ({ facts }: { facts: RunFacts }) => {
  const outcome = outcomeOf(facts)
  return (
    <span className={`inline-flex items-center gap-1.5 font-semibold whitespace-nowrap ${TONES[outcome]}`}>
      <StateGlyph state={GLYPHS[outcome]} />
      {outcomeWords(facts)}
    </span>
  )
}

/** One system: its name and every task now, its lanes over time, and what came of it. */
export const Track = ({
  system,
  number,
  facts,
  groups,
  playback,
  axis,
  chosen,
  chosenTid,
  onChoose,
  onChooseTask,
}: {
  system: System
  number: number
  facts: RunFacts | undefined
  groups: readonly LaneGroup[]
  playback: Playback
  axis: TimeAxis
  chosen: boolean
  chosenTid: number | null
  onChoose: (system: System) => void
  onChooseTask: (tid: number) => void
}) => {
  const [pointed, setPointed] = useState<{ tid: number; atUs?: number; x: number; y: number } | null>(null)
  const { name, age, about } = SYSTEM_WORDS[system]
  const given = { playback, chosenTid, onPoint: setPointed, onChoose: onChooseTask }
  return (
    <section
      aria-labelledby={`system-${system}`}
      className={`relative border-b border-line ${TRACK_COLUMNS} ${chosen ? 'before:absolute before:inset-y-0 before:left-0 before:w-[3px] before:bg-ink' : ''}`}
    >
      <div className="px-6 pt-4 pb-3 max-desk:px-4 desk:pr-5">
        <h2 id={`system-${system}`} className="text-14">
          <button
            type="button"
            aria-pressed={chosen}
            aria-keyshortcuts={String(number)}
            title={`Choose (${number})`}
            onClick={() => onChoose(system)}
            className="-mx-1.5 rounded-control px-1.5 text-left hover:bg-sunken touch:min-h-11"
          >
            {name}
            {age === undefined ? null : <span className="font-normal text-ink-3"> {age}</span>}
          </button>
        </h2>
        <p className="mt-0.5 mb-2.5 text-12 text-pretty text-ink-3">{about}</p>
        {facts ? <CellsNow facts={facts} {...given} /> : <Placeholder className="h-16 w-full" />}
      </div>
      <div className="min-w-0 py-1 max-desk:px-4 desk:pr-5">
        {facts && groups.length > 0 ? (
          <LanesPicture facts={facts} groups={groups} axis={axis} {...given} />
        ) : (
          <div aria-busy="true" className="grid h-[176px] content-center gap-[7px] pl-32 max-desk:pl-20">
            {Array.from({ length: 12 }, (_, lane) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: all alike
              <span key={lane} aria-hidden className="block h-[3px] animate-shimmer bg-line" />
            ))}
          </div>
        )}
      </div>
      <div className="px-6 pt-4 pb-4 max-desk:px-4 max-desk:pt-1 desk:border-l desk:border-line desk:pl-5">
        {facts ? <Result facts={facts} /> : <ResultLoading />}
      </div>
      {pointed && facts ? <TaskTip facts={facts} playback={playback} {...pointed} /> : null}
    </section>
  )
}

const Result = ({ facts }: { facts: RunFacts }) => (
  <>
    <OutcomeLabel facts={facts} />
    <p className="mt-1.5 text-12 font-medium">{stopWords(facts)}</p>
    <p className="mt-1 text-12 text-pretty text-ink-2">{resultSentence(facts)}</p>
    <NeverList facts={facts} />
  </>
)

const NEVER_SHOWN = 3

const NeverList = ({ facts: { run } }: { facts: RunFacts }): ReactNode =>
  run.never.length === 0 ? null : (
    <ul className="mt-1.5 grid gap-0.5 text-12 text-ink-2" aria-label="In the way at last">
      {run.never.slice(0, NEVER_SHOWN).map(({ tid, comm, why }) => (
        <li key={tid} className="break-words">
          <b className="font-medium text-ink">
            {visibleText(comm, 24)} {tid}
          </b>{' '}
          {visibleText(why, 120)}
        </li>
      ))}
      {run.never.length > NEVER_SHOWN ? (
        <li className="text-ink-3">and {run.never.length - NEVER_SHOWN} more, see the table</li>
      ) : null}
    </ul>
  )

const ResultLoading = () => (
  <div className="grid gap-2.5 pt-1">
    <Placeholder className="w-28" />
    <Placeholder className="w-40" />
    <Placeholder className="w-48" />
  </div>
)
