// Goal: what is drawn at a place is what happened then, at any zoom. Method: properties over moments, kinds and zooms.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AXIS_KINDS, axisAround, positionOf, ticksOf, timeAt, ZOOM_MAX } from './time-axis.ts'

const END = 60_000_000
const anyView = {
  kind: fc.constantFrom(...AXIS_KINDS),
  zoom: fc.integer({ min: 0, max: ZOOM_MAX }),
  atUs: fc.integer({ min: 0, max: END }),
}

test('the moment is always in view, and the view within the run', () => {
  fc.assert(
    fc.property(fc.record(anyView), ({ kind, zoom, atUs }) => {
      const axis = axisAround(kind, zoom, atUs, END)
      const position = positionOf(axis, atUs)
      expect(position).toBeGreaterThanOrEqual(-1e-6)
      expect(position).toBeLessThanOrEqual(1 + 1e-6)
      expect(axis.fromUs).toBeGreaterThanOrEqual(-1e-6)
      expect(axis.toUs).toBeLessThanOrEqual(END * (1 + 1e-9))
    }),
  )
})

test('a position is the moment that stands there, and later is further right', () => {
  fc.assert(
    fc.property(fc.record(anyView), fc.integer({ min: 0, max: END }), ({ kind, atUs }, other) => {
      const axis = axisAround(kind, 0, 0, END)
      expect(timeAt(axis, positionOf(axis, atUs))).toBe(atUs)
      if (atUs < other) expect(positionOf(axis, atUs)).toBeLessThan(positionOf(axis, other))
    }),
  )
})

test('each step of zoom shows half as much', () => {
  const even = (zoom: number) => axisAround('even', zoom, 3_200_000, END)
  for (const zoom of [0, 1, 5, 12]) {
    const width = even(zoom).toUs - even(zoom).fromUs
    expect(even(zoom + 1).toUs - even(zoom + 1).fromUs).toBeCloseTo(width / 2, 3)
  }
})

test('the view stands still while time passes through its middle', () => {
  const first = axisAround('even', 4, 10_000_000, END)
  const inMiddle = timeAt(first, 0.74) - timeAt(first, 0.26)
  expect(inMiddle).toBeGreaterThan(0)
  for (let part = 0.26; part < 0.74; part += 0.04)
    expect(axisAround('even', 4, timeAt(first, part), END)).toEqual(first)
})

test('ticks are round, in view and apart; the whole line goes by powers of ten', () => {
  const words = (axis: ReturnType<typeof axisAround>) => ticksOf(axis).map(({ word }) => word.replace('\u00a0', ' '))
  expect(words(axisAround('log', 0, 0, END))).toEqual(['0', '1 ms', '10 ms', '0.1 s', '1 s', '10 s', '1 min'])
  expect(words(axisAround('even', 0, 0, END))).toEqual(['0', '10 s', '20 s', '30 s', '40 s', '50 s', '1 min'])
  fc.assert(
    fc.property(fc.record(anyView), ({ kind, zoom, atUs }) => {
      const positions = ticksOf(axisAround(kind, zoom, atUs, END)).map(({ position }) => position)
      expect(positions.length).toBeLessThanOrEqual(18)
      for (const [index, position] of positions.entries()) {
        expect(position).toBeGreaterThanOrEqual(-1e-6)
        expect(position).toBeLessThanOrEqual(1 + 1e-6)
        if (index > 0) expect(position - (positions[index - 1] ?? 0)).toBeGreaterThanOrEqual(0.055)
      }
    }),
  )
})
