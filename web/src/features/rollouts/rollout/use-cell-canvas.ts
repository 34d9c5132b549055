import type { HostStage } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { type RefObject, useEffect, useRef, useSyncExternalStore } from 'react'
import { type Palette, paletteStore } from '../../../ui/canvas-palette.ts'
import { penOf } from '../../../ui/use-width.ts'
import { createSprites, type Sprites } from './cell-drawing.ts'
import type { RolloutHost } from './rollout-hosts.ts'

const MARK_MS = 2000
/** With more changes at once, marks would hide what they mark. */
const MARKS_MAX = 200

interface Drawn {
  readonly pen: CanvasRenderingContext2D
  readonly sprites: Sprites
  readonly stages: (HostStage | undefined)[]
}

/**
 * Keeps a canvas at its hosts. Only cells whose stage changed are drawn, and nothing while the canvas is out of sight; what
 * changed in sight is ringed for two seconds.
 */
export const useCellCanvas = (
  canvas: RefObject<HTMLCanvasElement | null>,
  { hosts, pitch, width }: { hosts: readonly RolloutHost[]; pitch: number; width: number },
): void => {
  const palette = useSyncExternalStore(paletteStore.subscribe, paletteStore.current)
  const sight = useRef({ inSight: false, draw: () => {} })
  const drawn = useRef<(Drawn & { of: { palette: Palette; pitch: number; width: number; rows: number } }) | null>(null)
  const columns = Math.max(1, Math.floor(width / pitch))
  const rows = Math.ceil(hosts.length / columns)
  useEffect(() => {
    const found = canvas.current
    if (!found) return
    const observer = new IntersectionObserver(
      (entries) => {
        sight.current.inSight = entries.at(-1)?.isIntersecting ?? false
        if (sight.current.inSight) sight.current.draw()
      },
      { rootMargin: '200px' },
    )
    observer.observe(found)
    return () => observer.disconnect()
  }, [canvas])
  useEffect(() => {
    sight.current.draw = () => {
      const found = canvas.current
      if (!found || width === 0) return
      const { of } = drawn.current ?? {}
      const isOld = of?.palette !== palette || of.pitch !== pitch || of.width !== width || of.rows !== rows
      if (drawn.current === null || isOld) {
        const pen = penOf(found, width, rows * pitch)
        if (!pen) return
        const made = { pen, sprites: createSprites(palette, pitch), stages: [] }
        drawn.current = { ...made, of: { palette, pitch, width, rows } }
      }
      const changed = drawChanged(drawn.current, hosts, columns)
      if (isOld || changed.length > MARKS_MAX || changed.length === 0) return
      ringAll(drawn.current.pen, changed, { columns, pitch, ink: palette.ink })
      const { current } = drawn
      setTimeout(() => {
        if (current !== drawn.current) return
        for (const index of changed) {
          const stage = current.stages[index]
          if (stage !== undefined) current.sprites.draw(current.pen, stage, index, columns)
        }
      }, MARK_MS)
    }
    if (sight.current.inSight) sight.current.draw()
  }, [canvas, hosts, palette, pitch, width, rows, columns])
}

/** @returns the places of cells that were drawn */
const drawChanged = ({ pen, sprites, stages }: Drawn, hosts: readonly RolloutHost[], columns: number): number[] => {
  const changed: number[] = []
  for (let index = 0; index < hosts.length; index += 1) {
    const stage = hosts[index]?.stage
    if (stage === undefined || stages[index] === stage) continue
    stages[index] = stage
    sprites.draw(pen, stage, index, columns)
    changed.push(index)
  }
  // Fewer hosts than before in the same rows: the last places are empty now.
  for (let index = hosts.length; index < stages.length; index += 1) sprites.clear(pen, index, columns)
  stages.length = hosts.length
  return changed
}

const ringAll = (
  pen: CanvasRenderingContext2D,
  places: readonly number[],
  { columns, pitch, ink }: { columns: number; pitch: number; ink: string },
): void => {
  pen.strokeStyle = ink
  pen.lineWidth = 1
  for (const index of places) {
    const x = (index % columns) * pitch
    const y = Math.floor(index / columns) * pitch
    pen.strokeRect(x + 0.5, y + 0.5, pitch - 2, pitch - 2)
  }
}
