import type { Palette } from '../../ui/canvas-palette.ts'
import { lanePieces } from './lane-pieces.ts'
import { LANES_TOP, type LaneGeometry } from './lanes.ts'
import type { RunFacts } from './run-facts.ts'
import { outcomeOf } from './sentences.ts'
import { fillOf } from './task-fill.ts'
import { positionOf, type TimeAxis, ticksOf } from './time-axis.ts'
import { timeWord } from './time-words.ts'

type Pen = CanvasRenderingContext2D

export interface LanePicture {
  readonly facts: RunFacts
  readonly geometry: LaneGeometry
  readonly axis: TimeAxis
  /** CSS pixels. */
  readonly width: number
  readonly palette: Palette
  readonly chosenTid: number | null
}

const OLD_HEIGHT = 3
const NEW_HEIGHT = 7
const LANE_MIDDLE = 4
const STOP_LEAST_PX = 2

/** Everything of a track that does not move. */
export const drawLanes = (pen: Pen, picture: LanePicture): void => {
  const { geometry, width, palette, axis } = picture
  pen.clearRect(0, 0, width, geometry.height)
  pen.fillStyle = palette.line
  for (const { position } of ticksOf(axis))
    pen.fillRect(Math.round(position * width), LANES_TOP - 4, 1, geometry.height)
  drawTasks(pen, picture)
  drawPasses(pen, picture)
  drawStops(pen, picture)
  drawMixed(pen, picture)
  drawMarks(pen, picture)
}

const drawTasks = (pen: Pen, { facts, geometry, axis, width, palette, chosenTid }: LanePicture): void => {
  for (const { task, top } of geometry.lanes) {
    if (task === null) continue
    const middle = top + LANE_MIDDLE
    for (const { left, right, universe, asleep, over } of lanePieces(facts.run, task, axis, width)) {
      const height = universe === 'new' ? NEW_HEIGHT : OLD_HEIGHT
      pen.fillStyle = fillOf(palette, universe, asleep)
      pen.fillRect(left, middle - height / 2, Math.max(1, right - left), height)
      if (over === 'in_function') drawDots(pen, left, right, middle + 4, palette.ink2)
      else if (over === 'frozen')
        drawHatch(pen, { left, top: middle - 4, width: right - left, height: 8 }, palette.ink2)
    }
    if (task.tid === chosenTid) {
      pen.fillStyle = palette.ink
      pen.fillRect(0, top - 1, width, 1)
      pen.fillRect(0, top + 2 * LANE_MIDDLE, width, 1)
    }
  }
}

/** Asleep in the patched function: dots below the lane. */
const drawDots = (pen: Pen, left: number, right: number, y: number, color: string): void => {
  pen.fillStyle = color
  for (let x = left + 1; x < right - 1; x += 4) pen.fillRect(x, y, 1.5, 1.5)
}

interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Hatched means that nothing moves. */
export const drawHatch = (pen: Pen, { left, top, width, height }: Box, color: string): void => {
  pen.save()
  pen.beginPath()
  pen.rect(left, top, width, height)
  pen.clip()
  pen.strokeStyle = color
  pen.lineWidth = 1
  pen.beginPath()
  for (let x = left - height; x < left + width; x += 5) {
    pen.moveTo(x, top + height)
    pen.lineTo(x + height, top)
  }
  pen.stroke()
  pen.restore()
}

const lanesBox = ({ geometry }: LanePicture): { top: number; height: number } => ({
  top: LANES_TOP - 2,
  height: geometry.height - LANES_TOP - 6,
})

const drawStops = (pen: Pen, picture: LanePicture): void => {
  const { facts, axis, width, palette } = picture
  const { top, height } = lanesBox(picture)
  for (const { fromUs, toUs } of facts.run.stops) {
    const left = positionOf(axis, fromUs) * width
    const right = positionOf(axis, toUs) * width
    if (right < 0 || left > width) continue
    if (right - left < 5) {
      pen.fillStyle = palette.ink
      pen.fillRect(left, top, Math.max(STOP_LEAST_PX, right - left), height)
      continue
    }
    const box = { left, top, width: right - left, height }
    pen.fillStyle = palette.sheet
    pen.fillRect(left, top, box.width, height)
    drawHatch(pen, box, palette.ink)
    pen.strokeStyle = palette.ink
    pen.lineWidth = 1.25
    pen.strokeRect(left + 0.5, top + 0.5, box.width - 1, height - 1)
  }
}

/** Tries that stop nothing: a tick below the lanes. */
const drawPasses = (pen: Pen, { facts, axis, width, palette, geometry }: LanePicture): void => {
  pen.fillStyle = palette.ink3
  for (const event of facts.run.events) {
    if (event.kind !== 'attempt') continue
    const x = positionOf(axis, event.atUs) * width
    if (x >= 0 && x <= width) pen.fillRect(x, geometry.height - 9, 1, 5)
  }
}

const drawMixed = (pen: Pen, { facts, axis, width, palette, geometry }: LanePicture): void => {
  pen.fillStyle = palette.danger
  let lastX = -10
  for (const { atUs } of facts.run.mixed) {
    const x = positionOf(axis, atUs) * width
    if (x < 0 || x > width || x - lastX < 5) continue
    lastX = x
    const y = geometry.height - 7
    pen.beginPath()
    pen.moveTo(x - 3, y + 5)
    pen.lineTo(x + 3, y + 5)
    pen.lineTo(x, y - 1)
    pen.fill()
  }
}

interface Mark {
  readonly atUs: number
  /** The end of what lasts. */
  readonly toUs?: number
  readonly text: string
  readonly kind: 'done' | 'gave_up' | 'stop' | 'signal'
}

/** What is written above the lanes, the most telling first: the end, the longest stop, the first, the signals. */
export const marksOf = (facts: RunFacts): readonly Mark[] => {
  const { run, gaveUp, longestStopUs } = facts
  const end: Mark[] =
    run.completedUs !== null
      ? [{ atUs: run.completedUs, text: timeWord(run.completedUs), kind: 'done' }]
      : gaveUp !== null && outcomeOf(facts) === 'gave_up'
        ? [{ atUs: gaveUp.atUs, text: 'gave up', kind: 'gave_up' }]
        : []
  const longest = run.stops.filter(({ fromUs, toUs }) => toUs - fromUs === longestStopUs)
  const stops = [...longest, ...run.stops].map(({ fromUs, toUs }): Mark => {
    return { atUs: fromUs, toUs, text: `stop ${timeWord(toUs - fromUs)}`, kind: 'stop' }
  })
  const signals = run.events.filter(({ kind }) => kind === 'signalled')
  const signal = signals.slice(0, 1).map(({ atUs }): Mark => ({ atUs, text: 'signals', kind: 'signal' }))
  return [...end, ...stops, ...signal]
}

const GLYPH = 14

const drawMarks = (pen: Pen, picture: LanePicture): void => {
  const { facts, axis, width, palette } = picture
  const { top, height } = lanesBox(picture)
  pen.font = `500 11px ${palette.font}`
  pen.textBaseline = 'middle'
  const taken: { from: number; to: number }[] = []
  for (const { atUs, toUs = atUs, text, kind } of marksOf(facts)) {
    const [begin, end] = [positionOf(axis, atUs) * width, positionOf(axis, toUs) * width]
    if (end < 0 || begin > width + 1) continue
    // The middle of what is in view of it.
    const x = (Math.max(0, begin) + Math.min(width, end)) / 2
    const glyph = kind === 'done' || kind === 'gave_up' ? GLYPH + 4 : 0
    const long = pen.measureText(text).width + glyph
    const from = Math.min(width - long, Math.max(0, x - (glyph > 0 ? GLYPH / 2 : long / 2)))
    if (taken.some((other) => from < other.to + 8 && from + long > other.from - 8)) continue
    taken.push({ from, to: from + long })
    if (kind !== 'stop') drawLine(pen, x, top - 2, height + 2, palette.ink3)
    if (kind === 'done') drawDone(pen, from, 4, palette)
    if (kind === 'gave_up') drawGaveUp(pen, from, 4, palette)
    pen.fillStyle =
      kind === 'done'
        ? palette.newText
        : kind === 'gave_up'
          ? palette.oldText
          : kind === 'stop'
            ? palette.ink
            : palette.ink3
    pen.fillText(text, from + glyph, 11)
  }
}

const drawLine = (pen: Pen, x: number, top: number, height: number, color: string): void => {
  pen.save()
  pen.strokeStyle = color
  pen.lineWidth = 1
  pen.setLineDash([2, 2])
  pen.beginPath()
  pen.moveTo(Math.round(x) + 0.5, top)
  pen.lineTo(Math.round(x) + 0.5, top + height)
  pen.stroke()
  pen.restore()
}

/** The shapes of a patched and of a stalled host, as everywhere. */
const drawDone = (pen: Pen, left: number, top: number, palette: Palette): void => {
  pen.fillStyle = palette.newFill
  pen.beginPath()
  pen.roundRect(left + 1, top + 1, 12, 12, 3)
  pen.fill()
  pen.strokeStyle = palette.onNew
  pen.lineWidth = 1.5
  pen.beginPath()
  pen.moveTo(left + 4, top + 7.3)
  pen.lineTo(left + 6, top + 9.3)
  pen.lineTo(left + 10, top + 5)
  pen.stroke()
}

const drawGaveUp = (pen: Pen, left: number, top: number, palette: Palette): void => {
  pen.fillStyle = palette.oldFill
  pen.beginPath()
  pen.roundRect(left + 1, top + 1, 12, 12, 3)
  pen.fill()
  pen.fillStyle = palette.onOld
  pen.fillRect(left + 4.6, top + 4.2, 1.7, 5.6)
  pen.fillRect(left + 7.7, top + 4.2, 1.7, 5.6)
}
