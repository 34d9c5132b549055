import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import { paletteStore } from '../../ui/canvas-palette.ts'
import { penOf, useWidth } from '../../ui/use-width.ts'
import { Cells, cellAt, cellGrid } from './cells.ts'
import type { Playback } from './playback.ts'
import type { RunFacts } from './run-facts.ts'

const HEIGHT_MAX = 84

/** Without consistency no task is on one side or the other. */
const countWords = ({ run }: RunFacts, atUs: number, newCount: number, total: number): string => {
  if (run.system !== 'livepatch_immediate') return `${newCount} of ${total} on new code`
  return run.completedUs !== null && atUs >= run.completedUs
    ? 'Each next call reaches new code'
    : 'Calls reach old code'
}

/** Every task at the moment of the clock, a cell each; drawn by frames, not by React. */
export const CellsNow = ({
  facts,
  playback,
  chosenTid,
  onPoint,
  onChoose,
}: {
  facts: RunFacts
  playback: Playback
  chosenTid: number | null
  onPoint: (pointed: { tid: number; x: number; y: number } | null) => void
  onChoose: (tid: number) => void
}) => {
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const counter = useRef<HTMLParagraphElement>(null)
  const width = useWidth(box)
  const palette = useSyncExternalStore(paletteStore.subscribe, paletteStore.current)
  const cells = useMemo(() => new Cells(facts.run), [facts])
  const total = cells.tasks.length
  const grid = useMemo(() => cellGrid(total, Math.max(1, width), HEIGHT_MAX), [total, width])
  const height = grid.rows * grid.pitch
  useEffect(() => {
    if (!canvas.current || width === 0) return
    const pen = penOf(canvas.current, width, height)
    if (!pen) return
    cells.forget()
    let shownCount = -1
    const immediate = facts.run.system === 'livepatch_immediate'
    const draw = (atUs: number) => {
      const changed = cells.goTo(atUs)
      if (changed || shownCount < 0) cells.paint(pen, grid, palette)
      if ((cells.newCount === shownCount && !immediate) || !counter.current) return
      shownCount = cells.newCount
      counter.current.textContent = countWords(facts, atUs, shownCount, total)
    }
    draw(playback.atUs)
    return playback.onMoment(draw)
  }, [cells, grid, palette, width, height, playback, facts, total])
  const indexAt = (event: React.MouseEvent) => {
    const { left, top } = event.currentTarget.getBoundingClientRect()
    return cellAt(grid, event.clientX - left, event.clientY - top)
  }
  const chosen = chosenTid === null ? -1 : cells.tasks.findIndex(({ tid }) => tid === chosenTid)
  return (
    <div ref={box} className="min-w-0">
      <div
        role="img"
        aria-label="Every task at this moment; the table lists them"
        className="relative"
        style={{ height }}
      >
        <canvas
          ref={canvas}
          style={{ width, height }}
          className="block cursor-crosshair"
          onMouseMove={(event) => {
            const task = cells.tasks[indexAt(event)]
            onPoint(task ? { tid: task.tid, x: event.clientX, y: event.clientY } : null)
          }}
          onMouseLeave={() => onPoint(null)}
          onClick={(event) => {
            const task = cells.tasks[indexAt(event)]
            if (task) onChoose(task.tid)
          }}
        />
        {chosen >= 0 ? (
          <i
            aria-hidden
            className="pointer-events-none absolute outline-2 outline-offset-1 outline-ink"
            style={{
              ...{ left: (chosen % grid.columns) * grid.pitch, top: Math.floor(chosen / grid.columns) * grid.pitch },
              ...{ width: grid.pitch - 1, height: grid.pitch - 1 },
            }}
          />
        ) : null}
      </div>
      <p ref={counter} className="mt-1.5 text-11 text-ink-3" />
    </div>
  )
}
