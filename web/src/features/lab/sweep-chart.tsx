import type { System } from '@rebootless/server/sim/models/model.ts'
import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { count } from '../../ui/duration.ts'
import type { Swept } from './lab-setting.ts'
import { systemName } from './lab-words.ts'
import { type Measure, nameShifts, powerTicks, type SweepLine, valuePosition } from './sweep-data.ts'
import { tickWord, timeWord } from './time-words.ts'

const HEIGHT = 240
/** Without margins and the axis below. */
const PLOT_HEIGHT = 198
const TICK = { fontSize: 11, fill: 'var(--ink-3)', fontFamily: 'var(--font-sans)' }

/** Chrome is ink: systems differ by dash and dot, and are named at the line's end. */
const STROKES: Readonly<Record<System, { readonly stroke: string; readonly dash?: string }>> = {
  ksplice: { stroke: 'var(--ink-2)', dash: '6 3' },
  kernelcare: { stroke: 'var(--ink-3)', dash: '2 3' },
  kpatch: { stroke: 'var(--ink)' },
  kgraft: { stroke: 'var(--ink-3)', dash: '10 3 2 3' },
  livepatch_immediate: { stroke: 'var(--ink-2)', dash: '1 2' },
  livepatch: { stroke: 'var(--ink)', dash: '14 3' },
}

const usOf = (measure: Measure, value: number): number => value * (measure === 'pause' ? 1_000 : 1_000_000)

/** One measure over one number of the setting, both by powers of ten. */
export default function SweepChart({
  lines,
  measure,
  over,
}: {
  lines: readonly SweepLine[]
  measure: Measure
  over: Swept
}) {
  const drawn = lines.filter(({ points }) => points.some(({ median }) => median > 0))
  const values = [...new Set(drawn.flatMap(({ points }) => points.map(({ value }) => value)))].sort(
    (left, right) => left - right,
  )
  const ticks = powerTicks(drawn.flatMap(({ points }) => points.map(({ median }) => median)))
  const shifts = nameShifts(drawn, ticks[0] ?? 0.1, ticks.at(-1) ?? 1)
  const rows = values.map((value) => ({
    ...{ value, x: valuePosition(value) },
    ...Object.fromEntries(
      drawn.map(({ system, points }) => [
        system,
        points.find((point) => point.value === value && point.median > 0)?.median ?? null,
      ]),
    ),
  }))
  const shownTicks = values.filter((value, index) => {
    const before = values[index - 1]
    const span = valuePosition(values.at(-1) ?? 1) - valuePosition(values[0] ?? 0)
    return (
      before === undefined || index === values.length - 1 || valuePosition(value) - valuePosition(before) > span / 9
    )
  })
  return (
    <ResponsiveContainer width="100%" height={HEIGHT}>
      <LineChart data={rows} margin={{ top: 8, right: 96, bottom: 4, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid stroke="var(--line)" vertical={false} />
        <XAxis
          {...{ type: 'number', dataKey: 'x', tick: TICK, tickLine: false, interval: 0 }}
          domain={['dataMin', 'dataMax']}
          ticks={shownTicks.map(valuePosition)}
          tickFormatter={(x: number) => count(values.find((value) => valuePosition(value) === x) ?? 0)}
          axisLine={{ stroke: 'var(--line-2)' }}
        />
        <YAxis
          {...{ type: 'number', scale: 'log', tick: TICK, tickLine: false, axisLine: false, width: 60 }}
          domain={[ticks[0] ?? 0.1, ticks.at(-1) ?? 1]}
          ticks={[...ticks]}
          tickFormatter={(value: number) => tickWord(usOf(measure, value))}
        />
        {drawn.map(({ system, points }) => (
          <Line
            key={system}
            {...{ type: 'linear', dataKey: system, isAnimationActive: false, strokeWidth: 1.75 }}
            stroke={STROKES[system].stroke}
            strokeDasharray={STROKES[system].dash ?? ''}
            dot={{
              r: 2.5,
              fill: 'var(--sheet)',
              stroke: STROKES[system].stroke,
              strokeWidth: 1.5,
              strokeDasharray: '',
            }}
            label={(given: {
              index?: number | undefined
              x?: number | string | undefined
              y?: number | string | undefined
            }) => {
              const last = points.filter(({ median }) => median > 0).at(-1)
              if (given.index === undefined || rows[given.index]?.value !== last?.value) return <g />
              return (
                <text
                  x={Number(given.x) + 8}
                  y={Number(given.y) + 4 - (shifts.get(system) ?? 0) * PLOT_HEIGHT}
                  fontSize={11}
                  fill="var(--ink)"
                  stroke="var(--sheet)"
                  strokeWidth={3}
                  paintOrder="stroke"
                  fontFamily="var(--font-sans)"
                >
                  {system === 'livepatch_immediate' ? '4.0 – 4.11' : systemName(system).replace(' since', '')}
                </text>
              )
            }}
          />
        ))}
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: 'var(--ink-4)' }}
          content={({ active, payload }) => {
            const row = payload?.[0]?.payload as { value: number } | undefined
            if (!active || !row) return null
            return (
              <div className="rounded-control border border-line-2 bg-raised px-2.5 py-1.5 text-12 shadow-pop">
                <b className="font-semibold">
                  {count(row.value)} {over}
                </b>
                {drawn.map(({ system, points }) => {
                  const point = points.find(({ value }) => value === row.value)
                  return (
                    <span key={system} className="flex justify-between gap-4">
                      <span className="text-ink-3">{systemName(system)}</span>
                      {point ? timeWord(usOf(measure, point.median)) : 'never'}
                    </span>
                  )
                })}
              </div>
            )
          }}
        />
      </LineChart>
    </ResponsiveContainer>
  )
}
