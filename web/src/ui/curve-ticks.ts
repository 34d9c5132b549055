const SECOND = 1000

/** Both scales as functions of the value; the logarithm begins at 0, so that the last task still has its place. */
export const scaleOf = (kind: 'log' | 'linear') => ({
  count: (value: number) => (kind === 'log' ? Math.log10(1 + value) : value),
  time: (milliseconds: number) => (kind === 'log' ? Math.log10(1 + milliseconds / SECOND) : milliseconds / SECOND),
})

const TIMES: readonly [number, string][] = [
  [0, '0'],
  [1, '1 s'],
  [5, '5 s'],
  [15, '15 s'],
  [60, '1 min'],
  [300, '5 min'],
  [1800, '30 min'],
  [7200, '2 h'],
  [43_200, '12 h'],
  [172_800, '2 d'],
  [1_209_600, '14 d'],
]
const LINEAR_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400, 604_800]

export interface Tick {
  value: number
  word: string
}

/** One digit behind the point where a tick lies between two whole units: `1.5 min`. */
const timeWord = (seconds: number): string => {
  const inUnits = (unit: number, word: string) => `${Math.round((seconds / unit) * 10) / 10} ${word}`
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return inUnits(60, 'min')
  return seconds < 172_800 ? inUnits(3600, 'h') : inUnits(86_400, 'd')
}

export const timeTicks = (end: number, kind: 'log' | 'linear'): Tick[] => {
  const seconds = end / SECOND
  if (kind === 'log')
    return TIMES.filter(([value]) => value <= seconds).map(([value, word]) => ({ value: Math.log10(1 + value), word }))
  const step = LINEAR_STEPS.find((candidate) => seconds / candidate <= 7) ?? seconds / 7
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => ({
    value: index * step,
    word: index === 0 ? '0' : timeWord(index * step),
  }))
}

export const countTicks = (most: number, kind: 'log' | 'linear'): Tick[] => {
  if (kind === 'log') {
    const powers = [0, 1, 10, 100, 1000, 10_000, 100_000].filter((value) => value <= most)
    // The top has its number too, unless a power of ten stands so close that the two would touch.
    const shown = most > (powers.at(-1) ?? 0) * 1.6 ? [...powers, most] : powers
    return shown.map((value) => ({ value: Math.log10(1 + value), word: value.toLocaleString('en-US') }))
  }
  const rough = most / 4
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(1, rough)))
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * magnitude).find((value) => value >= rough) ?? rough)
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => ({
    value: index * step,
    word: (index * step).toLocaleString('en-US'),
  }))
}
