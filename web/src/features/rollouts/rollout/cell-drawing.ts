import type { HostStage } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import type { Palette } from '../../../ui/canvas-palette.ts'

/** From the left edge of one cell to that of the next, in CSS pixels: so that a rollout is seen at one look. */
export const pitchFor = (hosts: number): number => (hosts > 40_000 ? 5 : hosts > 12_000 ? 6 : hosts > 1500 ? 8 : 12)

type Paint = (pen: CanvasRenderingContext2D, size: number, palette: Palette) => void

const square =
  (fill: keyof Palette): Paint =>
  (pen, size, palette) => {
    pen.fillStyle = palette[fill]
    pen.beginPath()
    pen.roundRect(0, 0, size, size, 1.5)
    pen.fill()
  }
const halves =
  (lower: keyof Palette, upper: keyof Palette): Paint =>
  (pen, size, palette) => {
    square(upper)(pen, size, palette)
    pen.fillStyle = palette[lower]
    pen.beginPath()
    pen.moveTo(0, 0)
    pen.lineTo(size, size)
    pen.lineTo(0, size)
    pen.fill()
  }
const ring =
  (stroke: keyof Palette): Paint =>
  (pen, size, palette) => {
    pen.strokeStyle = palette[stroke]
    pen.lineWidth = Math.max(1, size / 7)
    pen.beginPath()
    pen.arc(size / 2, size / 2, (size - pen.lineWidth) / 2, 0, 2 * Math.PI)
    pen.stroke()
  }
const diamond = (pen: CanvasRenderingContext2D, size: number): void => {
  pen.beginPath()
  pen.moveTo(size / 2, 0)
  pen.lineTo(size, size / 2)
  pen.lineTo(size / 2, size)
  pen.lineTo(0, size / 2)
  pen.closePath()
}
const octagon: Paint = (pen, size, palette) => {
  const cut = size * 0.3
  pen.fillStyle = palette.danger
  pen.beginPath()
  pen.moveTo(cut, 0)
  pen.lineTo(size - cut, 0)
  pen.lineTo(size, cut)
  pen.lineTo(size, size - cut)
  pen.lineTo(size - cut, size)
  pen.lineTo(cut, size)
  pen.lineTo(0, size - cut)
  pen.lineTo(0, cut)
  pen.fill()
}
const then =
  (...paints: readonly Paint[]): Paint =>
  (pen, size, palette) => {
    for (const paint of paints) paint(pen, size, palette)
  }
/** Marks in a shape, as lines in parts of its size. */
const lines =
  (stroke: keyof Palette, ...paths: readonly (readonly [number, number, number, number])[]): Paint =>
  (pen, size, palette) => {
    pen.strokeStyle = palette[stroke]
    pen.lineWidth = Math.max(1, size / 7)
    pen.beginPath()
    for (const [fromX, fromY, toX, toY] of paths) {
      pen.moveTo(fromX * size, fromY * size)
      pen.lineTo(toX * size, toY * size)
    }
    pen.stroke()
  }
const dot =
  (fill: keyof Palette): Paint =>
  (pen, size, palette) => {
    pen.fillStyle = palette[fill]
    pen.beginPath()
    pen.arc(size / 2, size / 2, size / 5, 0, 2 * Math.PI)
    pen.fill()
  }

/** The language of ui/state-glyph.tsx at a few pixels: what is well is pale, trouble is saturated. */
const PAINTS: Readonly<Record<HostStage, Paint>> = {
  waiting: square('noneCell'),
  told: then(square('noneCell'), dot('newFill')),
  changing: halves('newFill', 'oldMid'),
  stalled: then(square('oldFill'), lines('onOld', [0.36, 0.25, 0.36, 0.75], [0.64, 0.25, 0.64, 0.75])),
  done: square('newCell'),
  failed: then(octagon, lines('onDanger', [0.32, 0.32, 0.68, 0.68], [0.68, 0.32, 0.32, 0.68])),
  'undo failed': then(octagon, lines('onDanger', [0.5, 0.2, 0.5, 0.8])),
  refused: (pen, size, palette) => {
    pen.strokeStyle = palette.oldFill
    pen.lineWidth = Math.max(1, size / 6)
    diamond(pen, size)
    pen.stroke()
  },
  'due for a boot': (pen, size, palette) => {
    pen.strokeStyle = palette.oldFill
    pen.fillStyle = palette.oldFill
    pen.lineWidth = Math.max(1, size / 6)
    diamond(pen, size)
    pen.stroke()
    pen.clip()
    pen.fillRect(0, 0, size / 2, size)
  },
  vanished: then(ring('noneFill'), lines('noneFill', [0.25, 0.75, 0.75, 0.25])),
  'left out': lines('noneFill', [0.25, 0.5, 0.75, 0.5]),
  undoing: halves('oldFill', 'newMid'),
  undone: ring('noneFill'),
}

/** Bitmaps of all stages for one palette, size and screen: a cell is then one copy. */
export const createSprites = (palette: Palette, pitch: number) => {
  const scale = window.devicePixelRatio || 1
  const pixels = Math.max(1, Math.round(pitch * scale))
  const made = new Map<HostStage, HTMLCanvasElement>()
  const spriteOf = (stage: HostStage): HTMLCanvasElement => {
    const known = made.get(stage)
    if (known !== undefined) return known
    const canvas = document.createElement('canvas')
    canvas.width = pixels
    canvas.height = pixels
    const pen = canvas.getContext('2d')
    pen?.scale(scale, scale)
    if (pen) PAINTS[stage](pen, pitch - (pitch > 8 ? 2 : 1), palette)
    made.set(stage, canvas)
    return canvas
  }
  const clear = (pen: CanvasRenderingContext2D, index: number, columns: number): void =>
    pen.clearRect((index % columns) * pitch, Math.floor(index / columns) * pitch, pitch, pitch)
  return {
    clear,
    /** @param index its place among the wave's cells */
    draw: (pen: CanvasRenderingContext2D, stage: HostStage, index: number, columns: number): void => {
      clear(pen, index, columns)
      pen.drawImage(spriteOf(stage), (index % columns) * pitch, Math.floor(index / columns) * pitch, pitch, pitch)
    },
  }
}
export type Sprites = ReturnType<typeof createSprites>
