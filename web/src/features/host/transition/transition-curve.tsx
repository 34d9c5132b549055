import type { TransitionView } from '@rebootless/shared/contract/host-transition.ts'
import {
  Area,
  AreaChart,
  CartesianGrid,
  DefaultZIndexes,
  ReferenceArea,
  ReferenceDot,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import { countTicks, scaleOf, timeTicks } from '../../../ui/curve-ticks.ts'
import { count, fullDuration } from '../../../ui/duration.ts'
import { curveOf } from './curve-data.ts'
import { CURVE_LABEL_ROWS, CurveLabel } from './curve-label.tsx'
import { PHASE_WORDS } from './phase-words.ts'

const TICK = { fontSize: 11, fill: 'var(--ink-3)', fontFamily: 'var(--font-sans)' }
/** The phases have two, the stall and the present one each: all three can fall together. */
const ROWS = CURVE_LABEL_ROWS
/** Said outright: within one layer recharts paints in the order of mounting, and a stall comes after the curve. */
const UNDER_CURVE = DefaultZIndexes.grid + 1
const OVER_CURVE = DefaultZIndexes.area + 1

interface Plotted {
  x: number
  y: number
  at: number
  remaining: number
}

/** Tasks still to switch over time: readings as steps, phases as lines, the projection dashed with its condition. */
export default function TransitionCurve({
  transition,
  scale: kind,
}: {
  transition: TransitionView
  scale: 'log' | 'linear'
}) {
  const curve = curveOf(transition)
  const scale = scaleOf(kind)
  const start = Date.parse(transition.startedAt)
  const x = scale.time
  const y = scale.count
  const data: Plotted[] = curve.points.map((point) => ({ ...point, x: x(point.at), y: y(point.remaining) }))
  const last = data.at(-1)
  if (last && last.at < curve.now) data.push({ ...last, at: curve.now, x: x(curve.now) })
  const times = timeTicks(curve.end, kind)
  const counts = countTicks(curve.most, kind)
  const wordOf = (ticks: typeof times) => (value: number) => ticks.find((tick) => tick.value === value)?.word ?? ''
  const onOld = transition.target === 'patching'
  const stroke = onOld ? 'var(--old-fill)' : 'var(--new-fill)'
  const fill = onOld ? 'var(--old-cell)' : 'var(--new-cell)'
  const [from, to] = curve.projection ?? []
  const level = from?.remaining === to?.remaining
  const phases = transition.phases.filter((phase) => phase.kind !== 'completed')
  const running = transition.endedAt === null
  return (
    <ResponsiveContainer width="100%" height={320}>
      <AreaChart data={data} margin={{ top: 14 + ROWS * 16, right: 16, bottom: 4, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid stroke="var(--line)" vertical={false} />
        {curve.stalledFrom !== null ? (
          <ReferenceArea
            x1={x(curve.stalledFrom)}
            x2={x(curve.now)}
            zIndex={UNDER_CURVE}
            fill="var(--old-tint)"
            fillOpacity={1}
            stroke="none"
          />
        ) : null}
        <Area
          type="stepAfter"
          dataKey="y"
          stroke={stroke}
          strokeWidth={1.75}
          fill={fill}
          fillOpacity={0.75}
          isAnimationActive={false}
          activeDot={{ r: 4, fill: stroke, stroke: 'var(--sheet)', strokeWidth: 2 }}
        />
        {curve.stalledFrom !== null && last ? (
          <ReferenceArea
            x1={x(curve.stalledFrom)}
            x2={x(curve.now)}
            y1={0}
            y2={last.y}
            zIndex={OVER_CURVE}
            fill="url(#hatch-old)"
            fillOpacity={0.6}
            stroke="none"
          />
        ) : null}
        {phases.map((phase, index) => (
          <ReferenceLine
            key={`${phase.kind} ${phase.at}`}
            x={x(Math.max(0, Date.parse(phase.at) - start))}
            stroke={phase.kind === 'forced' ? 'var(--danger-fill)' : 'var(--line-3)'}
            strokeDasharray="2 3"
            label={(given: { viewBox?: unknown }) => (
              <CurveLabel
                viewBox={given.viewBox}
                row={index % (ROWS - 2)}
                text={PHASE_WORDS[phase.kind]}
                tone={phase.kind === 'forced' ? 'danger' : 'plain'}
              />
            )}
          />
        ))}
        {curve.stalledFrom !== null ? (
          <ReferenceLine
            x={x(curve.stalledFrom)}
            stroke="none"
            label={(given: { viewBox?: unknown }) => (
              <CurveLabel viewBox={given.viewBox} row={ROWS - 2} text="Stalled: nothing moves" tone="old" />
            )}
          />
        ) : null}
        {from && to ? (
          <ReferenceLine
            segment={[
              { x: x(from.at), y: y(from.remaining) },
              { x: x(to.at), y: y(to.remaining) },
            ]}
            stroke={level ? 'var(--ink-3)' : onOld ? 'var(--new-fill)' : 'var(--old-fill)'}
            strokeDasharray="3 4"
            strokeWidth={1.5}
          />
        ) : null}
        {running ? (
          <ReferenceLine
            x={x(curve.now)}
            stroke="var(--ink)"
            strokeWidth={1.25}
            label={(given: { viewBox?: unknown }) => (
              <CurveLabel viewBox={given.viewBox} row={ROWS - 1} text={`Now, ${fullDuration(curve.now)}`} tone="ink" />
            )}
          />
        ) : null}
        {last && running ? (
          <ReferenceDot x={x(curve.now)} y={last.y} r={4} fill={stroke} stroke="var(--sheet)" strokeWidth={2} />
        ) : null}
        <XAxis
          type="number"
          dataKey="x"
          domain={[0, x(curve.end)]}
          ticks={times.map((tick) => tick.value)}
          tickFormatter={wordOf(times)}
          tick={TICK}
          tickLine={false}
          axisLine={{ stroke: 'var(--line-2)' }}
          interval="preserveStartEnd"
          minTickGap={12}
        />
        <YAxis
          type="number"
          domain={[0, y(curve.most) * 1.04]}
          ticks={counts.map((tick) => tick.value)}
          tickFormatter={wordOf(counts)}
          tick={TICK}
          tickLine={false}
          axisLine={false}
          width={52}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: 'var(--ink-4)' }}
          content={({ active, payload }) => {
            const point = payload?.[0]?.payload as Plotted | undefined
            if (!active || !point) return null
            return (
              <div className="rounded-control border border-line-2 bg-raised px-2.5 py-1.5 text-12 shadow-pop">
                <b className="font-semibold">{count(point.remaining)}</b> still to switch
                <span className="block text-ink-3">{fullDuration(point.at)} after the start</span>
              </div>
            )
          }}
        />
      </AreaChart>
    </ResponsiveContainer>
  )
}
