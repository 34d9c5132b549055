import { useEffect, useRef } from 'react'
import type { Playback } from './playback.ts'
import { positionOf, type TimeAxis, ticksOf, timeAt } from './time-axis.ts'
import { timeWord } from './time-words.ts'

/** Steps of the slider across the part in view. */
const STEPS = 1_000

const SLIDER = [
  'absolute inset-x-[-7px] bottom-0 h-4 w-[calc(100%+14px)] cursor-ew-resize appearance-none bg-transparent touch:h-8',
  '[&::-webkit-slider-runnable-track]:h-full [&::-webkit-slider-runnable-track]:bg-transparent',
  '[&::-webkit-slider-thumb]:mt-auto [&::-webkit-slider-thumb]:h-full [&::-webkit-slider-thumb]:w-[14px] [&::-webkit-slider-thumb]:appearance-none [&::-webkit-slider-thumb]:bg-ink [&::-webkit-slider-thumb]:[clip-path:polygon(0_45%,100%_45%,50%_100%)]',
  'touch:[&::-webkit-slider-thumb]:[clip-path:polygon(0_70%,100%_70%,50%_100%)]',
  '[&::-moz-range-thumb]:h-full [&::-moz-range-thumb]:w-[14px] [&::-moz-range-thumb]:rounded-none [&::-moz-range-thumb]:border-0 [&::-moz-range-thumb]:bg-ink [&::-moz-range-thumb]:[clip-path:polygon(0_45%,100%_45%,50%_100%)]',
].join(' ')

/** The axis of all tracks, which is the slider that moves the clock. */
export const TimeLine = ({ playback, axis, disabled }: { playback: Playback; axis: TimeAxis; disabled: boolean }) => {
  const slider = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const show = () => {
      if (!slider.current) return
      slider.current.value = String(positionOf(axis, playback.atUs) * STEPS)
      slider.current.setAttribute('aria-valuetext', timeWord(playback.atUs))
    }
    show()
    return playback.onMoment(show)
  }, [playback, axis])
  return (
    <div className="relative h-8 text-11 text-ink-3">
      {ticksOf(axis).map(({ us, position, word }) => (
        <span
          key={us}
          aria-hidden
          className="absolute top-1 -translate-x-1/2 whitespace-nowrap first:translate-x-0 last:data-[end=true]:-translate-x-full"
          data-end={position > 0.97}
          style={{ left: `${position * 100}%` }}
        >
          {word}
        </span>
      ))}
      <input
        ref={slider}
        type="range"
        min={0}
        max={STEPS}
        step={1}
        defaultValue={0}
        disabled={disabled}
        aria-label="Time after the patch was applied"
        onInput={(event) => {
          playback.pause()
          playback.seek(timeAt(axis, Number(event.currentTarget.value) / STEPS))
        }}
        className={SLIDER}
      />
    </div>
  )
}
