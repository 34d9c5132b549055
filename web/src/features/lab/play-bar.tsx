import { ChevronFirst, ChevronLast, Minus, Pause, Play, Plus, StepBack, StepForward } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { IconButton } from '../../ui/button.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import type { LabChange, LabLook } from './lab-setting.ts'
import { type Playback, SPEEDS, type Speed } from './playback.ts'
import { ZOOM_MAX } from './time-axis.ts'
import { timeWord } from './time-words.ts'
import { usePlaying } from './use-playback.ts'

const SPEED_WORDS: Readonly<Record<Speed, string>> = {
  '0.001': '1,000 times slower',
  '0.01': '100 times slower',
  '0.1': '10 times slower',
  '1': 'Real time',
  '10': '10 times faster',
  line: 'The whole line in 20 s',
}

const Clock = ({ playback }: { playback: Playback }) => {
  const element = useRef<HTMLElement>(null)
  useEffect(() => {
    const show = () => {
      if (element.current) element.current.textContent = timeWord(playback.atUs)
    }
    show()
    return playback.onMoment(show)
  }, [playback])
  return <strong ref={element} className="min-w-22 text-16 font-semibold tracking-tight whitespace-nowrap" />
}

/** The clock and what moves it. */
export const PlayBar = ({
  playback,
  look,
  ready,
  onStep,
  onChange,
  children,
}: {
  playback: Playback
  look: LabLook
  ready: boolean
  onStep: (step: 1 | -1) => void
  onChange: (change: LabChange) => void
  children: ReactNode
}) => {
  const playing = usePlaying(playback)
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-6 py-2.5 max-desk:px-4">
      <span className="flex items-center gap-1">
        <button
          type="button"
          disabled={!ready}
          aria-keyshortcuts="Space"
          aria-label={playing ? 'Pause' : 'Play'}
          title={playing ? 'Pause (Space)' : 'Play (Space)'}
          onClick={() => playback.toggle()}
          className="mr-1 grid size-8 flex-none place-items-center rounded-full bg-ink text-on-ink transition-colors hover:bg-ink-2 disabled:bg-sunken disabled:text-ink-3 touch:size-11"
        >
          {playing ? (
            <Pause size={14} fill="currentColor" aria-hidden />
          ) : (
            <Play size={14} fill="currentColor" className="ml-0.5" aria-hidden />
          )}
        </button>
        <IconButton aria-label="To the beginning" disabled={!ready} onClick={() => playback.seek(0)}>
          <ChevronFirst size={16} aria-hidden />
        </IconButton>
        <IconButton aria-label="To the event before" disabled={!ready} onClick={() => onStep(-1)}>
          <StepBack size={15} aria-hidden />
        </IconButton>
        <IconButton aria-label="To the next event" disabled={!ready} onClick={() => onStep(1)}>
          <StepForward size={15} aria-hidden />
        </IconButton>
        <IconButton aria-label="To the end" disabled={!ready} onClick={() => playback.seek(playback.endUs)}>
          <ChevronLast size={16} aria-hidden />
        </IconButton>
      </span>
      <Clock playback={playback} />
      <label className="flex items-center gap-1.5 text-12 text-ink-3">
        <span className="max-desk:sr-only">Speed</span>
        <select
          value={look.speed}
          onChange={(event) => onChange({ speed: event.target.value })}
          className="h-7 rounded-control border border-transparent bg-sheet pr-1 font-medium text-ink hover:bg-sunken touch:h-11"
        >
          {SPEEDS.map((speed) => (
            <option key={speed} value={speed}>
              {SPEED_WORDS[speed]}
            </option>
          ))}
        </select>
      </label>
      {look.view === 'picture' ? (
        <span className="flex items-center gap-1">
          <Segmented
            label="Time line"
            value={look.axis}
            onChange={(axis) => onChange({ axis })}
            segments={[
              { value: 'log', label: 'Powers of ten' },
              { value: 'even', label: 'Even' },
            ]}
          />
          <IconButton
            aria-label="Look from further off"
            className="ml-1"
            disabled={look.zoom === 0}
            onClick={() => onChange({ zoom: String(look.zoom - 1) })}
          >
            <Minus size={16} aria-hidden />
          </IconButton>
          <IconButton
            aria-label="Look closer"
            disabled={look.zoom >= ZOOM_MAX}
            onClick={() => onChange({ zoom: String(look.zoom + 1) })}
          >
            <Plus size={16} aria-hidden />
          </IconButton>
        </span>
      ) : null}
      {children}
    </div>
  )
}
