import { type PointerEvent, useId, useRef, useState } from 'react'
import { count, percent } from '../../ui/duration.ts'
import { useWidth } from '../../ui/use-width.ts'
import { dayWord, shortDayWord } from './day.ts'
import type { TrendDay } from './trend-days.ts'
import { barTop, shareTicks } from './trend-scale.ts'

const LEFT = 52
const RIGHT = 12
const LINE_TOP = 12
const LINE_HEIGHT = 188
const BARS_TOP = 244
const BARS_HEIGHT = 68
const HEIGHT = 338

/** Segments of days in a row of which something was recorded: a day without leaves a gap, not a line. */
const segmentsOf = (days: readonly TrendDay[]): { index: number; share: number }[][] => {
  const segments: { index: number; share: number }[][] = []
  let open: { index: number; share: number }[] = []
  for (const [index, { share }] of days.entries()) {
    if (share !== null) open.push({ index, share })
    else if (open.length > 0) {
      segments.push(open)
      open = []
    }
  }
  return open.length > 0 ? [...segments, open] : segments
}

/** The share of hosts within SLA by day, and below how many were past it. Its table twin says the same. */
export const TrendPicture = ({
  days,
  shownDay,
  onDay,
}: {
  days: readonly TrendDay[]
  /** The day that the page tells of, where it is no longer today. */
  shownDay?: string | undefined
  /** Undefined: on paper. */
  onDay?: (day: string) => void
}) => {
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const id = useId()
  const [pointed, setPointed] = useState<number | null>(null)
  const plot = Math.max(1, width - LEFT - RIGHT)
  const step = days.length > 1 ? plot / (days.length - 1) : plot
  const x = (index: number) => LEFT + (days.length > 1 ? index * step : plot)
  const ticks = shareTicks(days.flatMap(({ share }) => (share === null ? [] : [share])))
  const least = ticks[0] ?? 0
  const y = (share: number) => LINE_TOP + (1 - (share - least) / (1 - least)) * LINE_HEIGHT
  const most = barTop(days.map(({ past }) => past ?? 0))
  const bar = (value: number) => (value / most) * BARS_HEIGHT
  const barWidth = Math.max(1.5, Math.min(14, step * 0.7))
  const labels = labelledDays(days.length, width)
  const marked = days.findIndex(({ day }) => day === shownDay)
  const known = days.filter(({ share }) => share !== null)
  const last = known.at(-1)
  const shown = pointed === null ? undefined : days[pointed]
  const point = ({ clientX, currentTarget }: PointerEvent<SVGSVGElement>) => {
    const at = Math.round((clientX - currentTarget.getBoundingClientRect().left - LEFT) / step)
    setPointed(at >= 0 && at < days.length ? at : null)
  }
  return (
    <div ref={box} className="relative">
      {width === 0 ? (
        <div style={{ height: HEIGHT }} />
      ) : (
        // biome-ignore lint/a11y/useKeyWithClickEvents: each day is a link in the table twin
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={
            last === undefined
              ? 'Nothing was recorded yet'
              : `Hosts within SLA on ${days.length} days; ${percent(last.share ?? 0)} on ${dayWord(last.day)}. The table says each day.`
          }
          className="block touch-pan-y"
          onPointerMove={point}
          onPointerLeave={() => setPointed(null)}
          onClick={() => {
            if (shown) onDay?.(shown.day)
          }}
        >
          <defs>
            <clipPath id={`${id}-plot`}>
              <rect x={LEFT} y={0} width={plot + RIGHT} height={HEIGHT} />
            </clipPath>
          </defs>
          {ticks.map((tick) => (
            <g key={tick}>
              <path d={`M${LEFT} ${y(tick)}H${width - RIGHT}`} stroke="var(--line)" />
              <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end" fontSize="11" fill="var(--ink-3)">
                {percent(tick)}
              </text>
            </g>
          ))}
          <g clipPath={`url(#${id}-plot)`}>
            {segmentsOf(days).map((segment) => {
              const path = segment.map(({ index, share }) => `${x(index)} ${y(share)}`).join('L')
              const [first, end] = [segment[0]?.index ?? 0, segment.at(-1)?.index ?? 0]
              return (
                <g key={first}>
                  <path d={`M${x(first)} ${y(least)}L${path}L${x(end)} ${y(least)}z`} fill="var(--new-tint)" />
                  <path
                    {...{ d: `M${path}`, fill: 'none', stroke: 'var(--new-fill)', strokeWidth: 1.75 }}
                    {...{ strokeLinejoin: 'round', strokeLinecap: 'round' }}
                  />
                </g>
              )
            })}
            {last ? <circle cx={x(days.indexOf(last))} cy={y(last.share ?? 0)} r="3.5" fill="var(--new-fill)" /> : null}
          </g>
          <text x={LEFT} y={BARS_TOP - 12} fontSize="11" fontWeight="500" fill="var(--ink-2)">
            Hosts past SLA
          </text>
          {[0, most].map((value) => (
            <g key={value}>
              <path
                d={`M${LEFT} ${BARS_TOP + BARS_HEIGHT - bar(value)}H${width - RIGHT}`}
                stroke={value === 0 ? 'var(--line-2)' : 'var(--line)'}
              />
              <text
                {...{ x: LEFT - 8, y: BARS_TOP + BARS_HEIGHT - bar(value) + 4 }}
                {...{ textAnchor: 'end', fontSize: '11', fill: 'var(--ink-3)' }}
              >
                {count(value)}
              </text>
            </g>
          ))}
          <g clipPath={`url(#${id}-plot)`}>
            {days.map(({ day, past }, index) =>
              past === null || past === 0 ? null : (
                <rect
                  key={day}
                  x={x(index) - barWidth / 2}
                  y={BARS_TOP + BARS_HEIGHT - Math.max(1.5, bar(past))}
                  width={barWidth}
                  height={Math.max(1.5, bar(past))}
                  fill={index === days.length - 1 ? 'var(--old-fill)' : 'var(--old-mid)'}
                />
              ),
            )}
          </g>
          {labels.map((index) => (
            <text
              key={index}
              {...{ x: x(index), y: HEIGHT - 6, fontSize: '11', fill: 'var(--ink-3)' }}
              textAnchor={index === days.length - 1 ? 'end' : index === 0 ? 'start' : 'middle'}
            >
              {shortDayWord(days[index]?.day ?? '')}
            </text>
          ))}
          {marked < 0 ? null : (
            <g>
              <path
                d={`M${x(marked)} ${LINE_TOP}V${BARS_TOP + BARS_HEIGHT}`}
                stroke="var(--ink)"
                strokeDasharray="2 3"
              />
              <text
                {...{ x: x(marked) + (x(marked) > width / 2 ? -6 : 6), y: BARS_TOP - 12, fontSize: '11' }}
                {...{ fontWeight: '500', fill: 'var(--ink)', textAnchor: x(marked) > width / 2 ? 'end' : 'start' }}
              >
                this day
              </text>
            </g>
          )}
          {pointed === null ? null : (
            <path d={`M${x(pointed)} ${LINE_TOP}V${BARS_TOP + BARS_HEIGHT}`} stroke="var(--ink-4)" />
          )}
        </svg>
      )}
      {shown === undefined || pointed === null ? null : (
        <div
          className="pointer-events-none absolute top-0 z-[1] rounded-control border border-line-2 bg-raised px-2.5 py-1.5 text-12 shadow-pop"
          style={x(pointed) > width / 2 ? { right: width - x(pointed) + 8 } : { left: x(pointed) + 8 }}
        >
          <b className="font-semibold">{dayWord(shown.day)}</b>
          <span className="block text-ink-2">
            {shown.share === null ? 'nothing recorded' : `${percent(shown.share)} within SLA`}
          </span>
          {shown.past === null ? null : <span className="block text-ink-2">{count(shown.past)} past SLA</span>}
        </div>
      )}
    </div>
  )
}

/** Places that have room for their day's name: the ends, and between them at even steps. */
const labelledDays = (days: number, width: number): number[] => {
  if (days < 2) return days === 1 ? [0] : []
  const steps = Math.max(1, Math.min(6, Math.floor(width / 120), days - 1))
  return [...new Set(Array.from({ length: steps + 1 }, (_, at) => Math.round((at * (days - 1)) / steps)))]
}
