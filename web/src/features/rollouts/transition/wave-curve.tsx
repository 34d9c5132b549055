import type { WaveTransition } from '@rebootless/shared/contract/rollout-transition.ts'
import { Area, AreaChart, CartesianGrid, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { countTicks, scaleOf, timeTicks } from '../../../ui/curve-ticks.ts'
import { clockTime, count, plural } from '../../../ui/duration.ts'

const TICK = { fontSize: 11, fill: 'var(--ink-3)', fontFamily: 'var(--font-sans)' }
const HEIGHT = 256
/** An estimate further away than so many times what has passed is not drawn: the curve itself would be a line. */
const AHEAD_MAX = 2

interface Plotted {
  x: number
  y: number
  at: string
  tasksLeft: number
  hostsInTransition: number
}

/** Tasks still to switch over all hosts; behind now, dashed, the earliest and the latest end that is expected of all. */
export default function WaveCurve({
  transition,
  scale: kind,
}: {
  transition: WaveTransition
  scale: 'log' | 'linear'
}) {
  const { points, estimate, target } = transition
  const start = Date.parse(points[0]?.at ?? transition.asOf)
  const { count: y } = scaleOf(kind)
  const seconds = (at: string) => Math.max(0, (Date.parse(at) - start) / 1000)
  const data: Plotted[] = points.map((point) => ({ ...point, x: seconds(point.at), y: y(point.tasksLeft) }))
  const last = data.at(-1)
  const now = Math.max(1, last?.x ?? 0)
  const known =
    estimate.unknownHosts === 0 && estimate.earliest !== null && estimate.latest !== null && (last?.tasksLeft ?? 0) > 0
  const [earliest, latest] = known ? [seconds(estimate.earliest ?? ''), seconds(estimate.latest ?? '')] : [now, now]
  const isDrawn = known && latest > now && latest <= now * (1 + AHEAD_MAX)
  const end = isDrawn ? latest * 1.04 : now * 1.02
  const most = Math.max(1, ...points.map(({ tasksLeft }) => tasksLeft))
  const times = timeTicks(end * 1000, 'linear')
  const counts = countTicks(most, kind)
  const wordOf = (ticks: typeof times) => (value: number) => ticks.find((tick) => tick.value === value)?.word ?? ''
  const onOld = target === 'patching'
  const stroke = onOld ? 'var(--old-fill)' : 'var(--new-fill)'
  return (
    <ResponsiveContainer width="100%" height={HEIGHT}>
      <AreaChart data={data} margin={{ top: 8, right: 16, bottom: 4, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid stroke="var(--line)" vertical={false} />
        <Area
          type="stepAfter"
          dataKey="y"
          stroke={stroke}
          strokeWidth={1.75}
          fill={onOld ? 'var(--old-cell)' : 'var(--new-cell)'}
          fillOpacity={0.75}
          isAnimationActive={false}
          activeDot={{ r: 4, fill: stroke, stroke: 'var(--sheet)', strokeWidth: 2 }}
        />
        {isDrawn && last
          ? [earliest, latest].map((at, index) => (
              <ReferenceLine
                key={index === 0 ? 'earliest' : 'latest'}
                segment={[
                  { x: last.x, y: last.y },
                  { x: Math.max(at, last.x), y: 0 },
                ]}
                stroke={onOld ? 'var(--new-fill)' : 'var(--old-fill)'}
                strokeDasharray="3 4"
                strokeWidth={1.5}
              />
            ))
          : null}
        <XAxis
          type="number"
          dataKey="x"
          domain={[0, end]}
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
          domain={[0, y(most) * 1.04]}
          ticks={counts.map((tick) => tick.value)}
          tickFormatter={wordOf(counts)}
          tick={TICK}
          tickLine={false}
          axisLine={false}
          width={60}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: 'var(--ink-4)' }}
          content={({ active, payload }) => {
            const point = payload?.[0]?.payload as Plotted | undefined
            if (!active || !point) return null
            return (
              <div className="rounded-control border border-line-2 bg-raised px-2.5 py-1.5 text-12 shadow-pop">
                <b className="font-semibold">{count(point.tasksLeft)}</b> still to switch
                <span className="block text-ink-3">
                  on {plural(point.hostsInTransition, 'host')} at {clockTime(point.at)}
                </span>
              </div>
            )
          }}
        />
      </AreaChart>
    </ResponsiveContainer>
  )
}
