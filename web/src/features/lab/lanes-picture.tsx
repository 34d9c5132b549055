import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import { paletteStore } from '../../ui/canvas-palette.ts'
import { penOf, useWidth } from '../../ui/use-width.ts'
import { systemName } from './lab-words.ts'
import { drawLanes } from './lane-drawing.ts'
import { LANES_TOP, type LaneGroup, laneAt, laneGeometry } from './lanes.ts'
import type { Playback } from './playback.ts'
import type { RunFacts } from './run-facts.ts'
import { outcomeWords, stopWords } from './sentences.ts'
import { positionOf, type TimeAxis, timeAt } from './time-axis.ts'

/**
 * The lanes of one system. The canvas is painted once for each part of the time line; a frame moves only the veil that
 * makes pale what is still to come.
 */
export const LanesPicture = ({
  facts,
  groups,
  playback,
  axis,
  chosenTid,
  onPoint,
  onChoose,
}: {
  facts: RunFacts
  groups: readonly LaneGroup[]
  playback: Playback
  axis: TimeAxis
  chosenTid: number | null
  onPoint: (pointed: { tid: number; atUs: number; x: number; y: number } | null) => void
  onChoose: (tid: number) => void
}) => {
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const veil = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const palette = useSyncExternalStore(paletteStore.subscribe, paletteStore.current)
  const geometry = useMemo(() => laneGeometry(groups, facts.run), [groups, facts])
  useEffect(() => {
    if (!canvas.current || width === 0) return
    const pen = penOf(canvas.current, width, geometry.height)
    if (pen) drawLanes(pen, { facts, geometry, axis, width, palette, chosenTid })
  }, [facts, geometry, axis, width, palette, chosenTid])
  useEffect(() => {
    const move = (atUs: number) => {
      if (!veil.current) return
      const x = Math.min(1, Math.max(0, positionOf(axis, atUs))) * width
      veil.current.style.transform = `translateX(${x.toFixed(2)}px)`
    }
    move(playback.atUs)
    return playback.onMoment(move)
  }, [playback, axis, width])
  const at = (event: React.MouseEvent) => {
    const { left, top } = event.currentTarget.getBoundingClientRect()
    return {
      task: laneAt(geometry, event.clientY - top),
      atUs: timeAt(axis, (event.clientX - left) / Math.max(1, width)),
    }
  }
  return (
    <div className="grid grid-cols-[128px_minmax(0,1fr)] max-desk:grid-cols-[96px_minmax(0,1fr)]">
      <div aria-hidden className="relative text-11 text-ink-3">
        {geometry.labels.map(({ text, middle }) => (
          <span
            key={text}
            className="absolute right-2.5 left-0 -translate-y-1/2 truncate text-right"
            style={{ top: middle }}
          >
            {text}
          </span>
        ))}
      </div>
      <div
        ref={box}
        role="img"
        aria-label={`${systemName(facts.run.system)}: ${outcomeWords(facts)}. ${stopWords(facts)}.`}
        className="relative overflow-hidden"
        style={{ height: geometry.height }}
      >
        <canvas
          ref={canvas}
          style={{ width, height: geometry.height }}
          className="block cursor-crosshair"
          onMouseMove={(event) => {
            const { task, atUs } = at(event)
            onPoint(task ? { tid: task.tid, atUs, x: event.clientX, y: event.clientY } : null)
          }}
          onMouseLeave={() => onPoint(null)}
          onClick={(event) => {
            const { task, atUs } = at(event)
            playback.pause()
            playback.seek(atUs)
            if (task) onChoose(task.tid)
          }}
        />
        <div ref={veil} aria-hidden className="pointer-events-none absolute inset-0 will-change-transform">
          <i className="absolute inset-x-0 bottom-0 bg-sheet/66" style={{ top: LANES_TOP - 3 }} />
          <i className="absolute inset-y-0 left-0 w-px bg-ink" />
        </div>
      </div>
    </div>
  )
}
