import type { RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import { plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { StateGlyph } from '../../../ui/state-glyph.tsx'
import { countsWords, hostsOf } from '../counts-bar.tsx'
import type { RolloutHost } from './rollout-hosts.ts'
import { SoakLeft } from './soak-left.tsx'
import { WaveCells } from './wave-cells.tsx'
import { waveMark } from './wave-words.ts'

/** So many rows of cells make a wave as wide as it is large. */
const ROWS = 20
const WIDTH_MIN = 132

/** One step of the track: how far the wave is, its hosts as cells, its gates. */
export const WaveStep = memo(
  ({
    asOf,
    wave,
    index,
    hosts,
    isLost,
    pitch,
    isChosen,
    isStopped,
    isLast,
    onOpen,
  }: {
    /** When its soak was counted; null: it does not soak. */
    asOf: string | null
    wave: RolloutDetail['waves'][number]
    index: number
    /** Null: not here yet. */
    hosts: readonly RolloutHost[] | null
    /** They could not be read, as is said elsewhere. */
    isLost: boolean
    pitch: number
    isChosen: boolean
    /** Paused, or over before this wave was. */
    isStopped: boolean
    isLast: boolean
    onOpen: (id: string) => void
  }) => {
    const total = hostsOf(wave.counts)
    const { glyph, word } = waveMark(wave, isStopped)
    const open = wave.gates.filter((gate) => gate?.open === true).length
    const width = Math.max(WIDTH_MIN, Math.ceil(total / ROWS) * pitch)
    const begun = wave.stage !== 'not begun'
    return (
      <li className="min-w-0 max-w-full pb-5 max-desk:basis-full!" style={{ flexBasis: width, flexGrow: total }}>
        <div className="relative mb-2 h-5">
          <i
            aria-hidden
            className={`absolute top-[9px] left-0 h-0.5 ${isLast ? 'right-0' : 'right-0 desk:-right-6'} ${wave.stage === 'done' ? 'bg-new-fill' : 'bg-line-2'}`}
          />
          <span className="relative inline-grid bg-sheet pr-1.5 pt-0.5">
            {glyph === null ? (
              <svg width={16} height={16} viewBox="0 0 16 16" aria-hidden="true">
                <rect
                  {...{ x: 2.75, y: 2.75, width: 10.5, height: 10.5, rx: 2.5, fill: 'none', strokeWidth: 1.4 }}
                  stroke="var(--line-3)"
                  strokeDasharray="2.2 2.2"
                />
              </svg>
            ) : (
              <StateGlyph state={glyph} />
            )}
          </span>
        </div>
        <h3 className="truncate text-13 font-semibold">
          <Link
            from="/rollouts/$id"
            to="."
            search={(before) => ({ ...before, wave: index + 1 })}
            resetScroll={false}
            replace
            activeProps={{}}
            aria-current={isChosen ? 'true' : undefined}
            className="hover:underline current:underline current:decoration-2 current:underline-offset-4 touch:inline-block touch:py-2.5"
          >
            <span className="mr-1.5 font-medium text-ink-3">{index + 1}</span>
            <HostText value={wave.name} max={60} />
          </Link>
        </h3>
        <p className="min-h-8 text-12 text-ink-3">
          <span className="font-medium text-ink">{plural(total, 'host')}</span>, {word}
          {wave.soakLeftSeconds === null || asOf === null ? null : (
            <>
              , <SoakLeft seconds={wave.soakLeftSeconds} asOf={asOf} counts={!isStopped} /> left
            </>
          )}
          {begun ? <span className="line-clamp-2">{countsWords(wave.counts)}</span> : null}
        </p>
        <div className="mt-2.5 min-h-3">
          {hosts === null ? (
            isLost ? null : (
              <div aria-hidden className="h-10 animate-shimmer rounded-mark bg-sunken" />
            )
          ) : hosts.length === 0 ? (
            <p className="text-12 text-ink-3">No host is in it.</p>
          ) : (
            <WaveCells name={`wave ${index + 1}, ${wave.name}`} hosts={hosts} pitch={pitch} onOpen={onOpen} />
          )}
        </div>
        {wave.gates.length === 0 ? null : (
          <p className="mt-2.5 flex flex-wrap items-center gap-0.5 text-12 text-ink-2">
            {wave.gates.map((gate, place) => (
              <i
                // biome-ignore lint/suspicious/noArrayIndexKey: a gate is its place
                key={place}
                aria-hidden
                className={`h-1 w-2.5 rounded-[1px] ${!begun || gate === null ? 'bg-none-cell' : gate.open ? 'bg-new-fill' : 'bg-old-fill'}`}
              />
            ))}
            <span className="ml-1.5">
              {begun && wave.gates.some((gate) => gate !== null)
                ? `${open} of ${plural(wave.gates.length, 'gate')} open`
                : plural(wave.gates.length, 'gate')}
              {wave.stage === 'done' && wave.gates.every((gate) => gate === null) ? ', not asked' : ''}
            </span>
          </p>
        )}
      </li>
    )
  },
)
