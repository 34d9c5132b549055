// Goal: the clock goes as fast as it says and stops where it must. Method: frames by hand.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { moved, Playback } from './playback.ts'

let frames: ((nowMs: number) => void)[] = []
let nowMs = 0

beforeEach(() => {
  frames = []
  nowMs = 0
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
  vi.stubGlobal('requestAnimationFrame', (frame: (nowMs: number) => void) => frames.push(frame))
  vi.stubGlobal('cancelAnimationFrame', () => {
    frames = []
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const frame = (ms: number) => {
  nowMs += ms
  const due = frames
  frames = []
  for (const run of due) run(nowMs)
}

const playbackOf = (seconds: number) => {
  const playback = new Playback()
  playback.setEnd(seconds * 1_000_000)
  return playback
}

test('a speed is virtual time to real time', () => {
  const clock = { atUs: 1_000_000, endUs: 9_000_000, axis: 'log' } as const
  expect(moved({ ...clock, speed: '1' }, 16)).toBe(1_016_000)
  expect(moved({ ...clock, speed: '0.001' }, 16)).toBe(1_000_016)
  expect(moved({ ...clock, speed: '10' }, 1_000)).toBe(9_000_000)
})

test('the whole line takes 20 s, from its very beginning, whatever its scale', () => {
  for (const axis of ['log', 'even'] as const) {
    let atUs = 0
    let ms = 0
    while (atUs < 60_000_000 && ms < 60_000) {
      atUs = moved({ atUs, endUs: 60_000_000, speed: 'line', axis }, 16)
      ms += 16
    }
    expect(ms / 1_000).toBeGreaterThan(19)
    expect(ms / 1_000).toBeLessThan(21)
  }
})

test('plays to the end and stops there; plays again from the beginning', () => {
  const playback = playbackOf(1)
  playback.speed = '1'
  const heard = vi.fn()
  const shown: number[] = []
  playback.onChange(heard)
  playback.onMoment((atUs) => shown.push(atUs))
  playback.play()
  expect(playback.playing).toBe(true)
  for (let count = 0; count < 70; count += 1) frame(16)
  expect(playback.playing).toBe(false)
  expect(playback.atUs).toBe(1_000_000)
  expect(heard).toHaveBeenCalledTimes(2)
  expect(shown).toEqual(shown.toSorted((left, right) => left - right))
  playback.toggle()
  expect([playback.playing, playback.atUs]).toEqual([true, 0])
  playback.pause()
  frame(16)
  expect([playback.playing, playback.atUs]).toEqual([false, 0])
})

test('it stays within the run, also when the run becomes shorter', () => {
  const playback = playbackOf(10)
  playback.seek(99_000_000)
  expect(playback.atUs).toBe(10_000_000)
  playback.seek(-1)
  expect(playback.atUs).toBe(0)
  playback.seek(8_000_000)
  playback.setEnd(5_000_000)
  expect(playback.atUs).toBe(5_000_000)
})
