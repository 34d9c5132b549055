import type { HostHours } from '@rebootless/shared/contract/host-hours.ts'
import { HOST_HOUR_STAGES } from '@rebootless/shared/domain/host-hours/host-hour-words.ts'
import { Area, AreaChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { countTicks } from '../../../ui/curve-ticks.ts'
import { dayWord, shortDayWord } from '../day.ts'
import { exposureOf, hoursWord, STAGE_WORDS } from './hours-words.ts'

const TICK = { fontSize: 11, fill: 'var(--ink-3)', fontFamily: 'var(--font-sans)' }
const CHART_HEIGHT = 224
/** Days behind it have a year in their name. */
const SHORT_MAX = 300

type Day = HostHours['days'][number]

/** Host-hours of each day as steps, the stages upon one another. */
export default function HoursChart({ days }: { days: readonly Day[] }) {
  const last = days.at(-1)
  // A step needs an end: the last day is drawn once more, one further on.
  const data = [...days, ...(last === undefined ? [] : [last])].map((day, x) => ({ ...day, x }))
  const most = Math.max(1, ...days.map(exposureOf))
  const counts = countTicks(most, 'linear')
  const every = Math.max(1, Math.ceil(days.length / 6))
  const ticks = days.flatMap((_, index) => (index % every === 0 ? [index] : []))
  const nameOf = (index: number) => {
    const { day = '' } = days[index] ?? {}
    return days.length > SHORT_MAX ? dayWord(day).slice(-8) : shortDayWord(day)
  }
  return (
    <ResponsiveContainer width="100%" height={CHART_HEIGHT}>
      <AreaChart data={data} margin={{ top: 8, right: 16, bottom: 4, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid stroke="var(--line)" vertical={false} syncWithTicks />
        {HOST_HOUR_STAGES.map((stage) => (
          <Area
            key={stage}
            type="stepAfter"
            dataKey={stage}
            stackId="hours"
            // A line would be drawn where there are no hours too.
            stroke="none"
            fill={STAGE_WORDS[stage].fill}
            fillOpacity={1}
            isAnimationActive={false}
            activeDot={false}
          />
        ))}
        <XAxis
          type="number"
          dataKey="x"
          domain={[0, Math.max(1, days.length)]}
          ticks={ticks}
          tickFormatter={nameOf}
          tick={TICK}
          tickLine={false}
          axisLine={{ stroke: 'var(--line-2)' }}
          interval="preserveStart"
          minTickGap={12}
        />
        <YAxis
          type="number"
          domain={[0, most * 1.04]}
          ticks={counts.map(({ value }) => value)}
          tickFormatter={(value: number) => `${counts.find((tick) => tick.value === value)?.word ?? ''} h`}
          tick={TICK}
          tickLine={false}
          axisLine={false}
          width={72}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: 'var(--ink-4)' }}
          content={({ active, payload }) => {
            const day = payload?.[0]?.payload as Day | undefined
            if (!active || !day) return null
            return (
              <div className="rounded-control border border-line-2 bg-raised px-2.5 py-1.5 text-12 shadow-pop">
                <b className="font-semibold">{dayWord(day.day)}</b>
                {HOST_HOUR_STAGES.filter((stage) => day[stage] > 0).map((stage) => (
                  <span key={stage} className="flex justify-between gap-4 text-ink-2">
                    <span>{STAGE_WORDS[stage].word}</span> <span>{hoursWord(day[stage])}</span>
                  </span>
                ))}
                {exposureOf(day) === 0 ? <span className="block text-ink-3">no host was exposed</span> : null}
              </div>
            )
          }}
        />
      </AreaChart>
    </ResponsiveContainer>
  )
}
