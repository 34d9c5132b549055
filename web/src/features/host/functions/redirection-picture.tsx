import { memo, type Ref } from 'react'
import { MapBoxes } from './map-boxes.tsx'
import type { MapEdge, MapLayout } from './map-parts.ts'

const COLOUR: Readonly<Record<MapEdge['side'], [still: string, moving: string]>> = {
  new: ['var(--new-cell)', 'var(--new-fill)'],
  old: ['var(--old-fill)', 'var(--old-fill)'],
  dead: ['var(--line-2)', 'var(--line-2)'],
  waiting: ['var(--ink-4)', 'var(--ink-4)'],
  unknown: ['var(--line-3)', 'var(--line-3)'],
}
const DASH: Partial<Record<MapEdge['side'], string>> = { waiting: '2 3', unknown: '5 3' }

const pathOf = ({ from, to }: MapEdge): string => {
  if (from.y === to.y) return `M${from.x} ${from.y}H${to.x}`
  const reach = (to.x - from.x) * 0.45
  return `M${from.x} ${from.y}C${from.x + reach} ${from.y} ${to.x - reach} ${to.y} ${to.x} ${to.y}`
}

const Edge = ({ edge, chosen }: { edge: MapEdge; chosen: boolean }) => {
  const [still, moving] = COLOUR[edge.side]
  const back = edge.to.x < edge.from.x
  const live = edge.side === 'new' || edge.side === 'old'
  const stroke = chosen && edge.side === 'dead' ? 'var(--line-3)' : edge.moving || chosen ? moving : still
  return (
    <g opacity={chosen || !edge.moving ? 1 : 0.82} className="transition-opacity">
      <path
        d={back ? `M${edge.from.x} ${edge.from.y}H${edge.to.x + 8}` : pathOf(edge)}
        fill="none"
        stroke={stroke}
        strokeDasharray={DASH[edge.side]}
        className="transition-[stroke-width] duration-(--motion-calm)"
        style={{ strokeWidth: edge.width }}
      />
      {back ? (
        <path d={`M${edge.to.x + 2} ${edge.to.y}l7-${3.5}v7z`} fill={stroke} />
      ) : live && edge.moving ? (
        <path
          d={pathOf(edge)}
          fill="none"
          stroke="var(--sheet)"
          strokeWidth="1"
          strokeDasharray="2 14"
          className="animate-flow motion-reduce:hidden"
          opacity="0.7"
        />
      ) : null}
    </g>
  )
}

/** The redirection map, drawn. It knows a layout and what is chosen, and nothing of pages. */
export const RedirectionPicture = memo(
  ({
    layout,
    chosen,
    onChoose,
    onFold,
    label,
    zoom,
    ref,
  }: {
    layout: MapLayout
    chosen: string
    onChoose: (key: string) => void
    onFold: (key: string) => void
    label: string
    zoom: number
    ref: Ref<SVGSVGElement>
  }) => {
    const { handler } = layout
    return (
      <svg
        ref={ref}
        role="img"
        aria-label={label}
        width={layout.width * zoom}
        height={layout.height * zoom}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        className="block max-w-none font-sans"
      >
        <g fontSize="11" fill="var(--ink-3)">
          <text x={0} y={20}>
            Original functions, by object
          </text>
          <text x={layout.tickX} y={20} textAnchor="middle">
            ftrace
          </text>
          <text x={handler.x + handler.width / 2} y={20} textAnchor="middle">
            Handler
          </text>
          <text x={layout.patches[0]?.x ?? layout.width} y={20}>
            Replacements, newest on top
          </text>
          <text x={layout.width - 11} y={20} textAnchor="end">
            Share of tasks
          </text>
        </g>
        <g>
          {layout.calls.map((edge) => (
            <path
              key={edge.key}
              d={pathOf(edge)}
              stroke={edge.function === chosen ? 'var(--ink)' : 'var(--ink-4)'}
              strokeWidth={edge.width}
              strokeDasharray={DASH[edge.side]}
            />
          ))}
        </g>
        {layout.edges.map((edge) => (
          <Edge key={edge.key} edge={edge} chosen={edge.function === chosen} />
        ))}
        {layout.ticks.map((tick) => (
          <Tick key={tick.key} tick={tick} />
        ))}
        <rect
          x={handler.x}
          y={handler.y}
          width={handler.width}
          height={handler.height}
          rx="6"
          fill="var(--sheet)"
          stroke="var(--ink)"
          strokeWidth="1.5"
        />
        <text
          transform={`translate(${handler.x + handler.width / 2 + 4} ${handler.y + Math.min(handler.height, 560) / 2}) rotate(-90)`}
          textAnchor="middle"
          fontSize="11"
          className="font-mono"
          fill="var(--ink)"
        >
          {handler.height > 130 ? 'klp_ftrace_handler' : 'klp'}
        </text>
        <MapBoxes layout={layout} chosen={chosen} onChoose={onChoose} onFold={onFold} />
      </svg>
    )
  },
)

const Tick = ({ tick }: { tick: MapLayout['ticks'][number] }) => {
  const waiting = tick.ftrace === 'waiting' || tick.ftrace === 'unknown'
  const missing = tick.ftrace === 'missing'
  return (
    <g transform={`translate(${tick.x} ${tick.y})`}>
      <title>{`ftrace: ${tick.ftrace}`}</title>
      <circle
        r="6"
        fill="var(--sheet)"
        stroke={missing ? 'var(--danger-fill)' : waiting ? 'var(--ink-4)' : 'var(--ink-2)'}
        strokeWidth="1.25"
        strokeDasharray={waiting ? '2 2' : undefined}
      />
      {missing ? (
        <path d="m-2.4-2.4 4.8 4.8m0-4.8-4.8 4.8" stroke="var(--danger-fill)" strokeWidth="1.5" />
      ) : tick.ftrace === 'unknown' ? (
        <text y="3.5" textAnchor="middle" fontSize="9" fill="var(--ink-3)">
          ?
        </text>
      ) : waiting ? null : (
        <path
          d="m-2.6.2 1.9 1.9 3.4-3.9"
          fill="none"
          stroke="var(--ink-2)"
          strokeWidth="1.4"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      )}
    </g>
  )
}
