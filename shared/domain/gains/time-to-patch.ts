import { SEVERITIES, type Severity } from '../exposure/exposure-words.ts'
import type { RebootWindows } from './reboot-window.ts'
import type { HostWithFixes } from './reboots-avoided.ts'

/** Milliseconds. */
export interface Spread {
  readonly mean: number
  readonly median: number
}

/** By livepatch as it was, and by the first window after the fix was there. */
interface Compared {
  readonly live: Spread
  readonly window: Spread
}

export interface TimeToPatch {
  /** A CVE on a host. */
  readonly exposures: number
  readonly fromPublication: Compared
  readonly fromFix: Compared
}

export interface TimesToPatch {
  /** Null: nothing was fixed by a livepatch. */
  readonly all: TimeToPatch | null
  /** Worst first, those of which something was fixed. */
  readonly bySeverity: readonly ({ readonly severity: Severity } & TimeToPatch)[]
}

const MEASURES = ['publicationLive', 'publicationWindow', 'fixLive', 'fixWindow'] as const
type Lengths = Record<(typeof MEASURES)[number], number[]>
const none = (): Lengths => ({ publicationLive: [], publicationWindow: [], fixLive: [], fixWindow: [] })

export interface TimesCounter {
  add(host: HostWithFixes): void
  /** A step at a time, since there may be millions: whoever asks meanwhile can be answered between. */
  reckon(): Generator<undefined, TimesToPatch>
}

/** How long what livepatches fixed after `from`, and up to `at`, had been open. Hosts are added one after another. */
export const countTimes = ({
  from,
  at,
  windows,
}: {
  readonly from: number
  readonly at: number
  readonly windows: RebootWindows
}): TimesCounter => {
  const bySeverity = SEVERITIES.map(none)
  return {
    add({ fixes }) {
      for (const fix of fixes) {
        if (fix.at <= from || fix.at > at) continue
        for (const [index, place] of fix.severities.entries()) {
          const lengths = bySeverity[place]
          const exposedFrom = fix.exposedFrom[index] ?? fix.at
          const fixableFrom = fix.fixableFrom[index] ?? fix.at
          const window = windows.after(fixableFrom)
          lengths?.publicationLive.push(fix.at - exposedFrom)
          lengths?.publicationWindow.push(window - exposedFrom)
          lengths?.fixLive.push(fix.at - fixableFrom)
          lengths?.fixWindow.push(window - fixableFrom)
        }
      }
    },
    *reckon() {
      const all = yield* timeOf(bySeverity)
      const times: ({ severity: Severity } & TimeToPatch)[] = []
      for (const [place, severity] of SEVERITIES.entries()) {
        const time = yield* timeOf(bySeverity.slice(place, place + 1))
        if (time !== null) times.push({ severity, ...time })
      }
      return { all, bySeverity: times }
    },
  }
}

function* timeOf(some: readonly Lengths[]): Generator<undefined, TimeToPatch | null> {
  const exposures = some.reduce((sum, { fixLive }) => sum + fixLive.length, 0)
  if (exposures === 0) return null
  const spreads = []
  for (const measure of MEASURES) {
    const values = new Float64Array(exposures)
    let filled = 0
    for (const lengths of some) {
      values.set(lengths[measure], filled)
      filled += lengths[measure].length
    }
    spreads.push(spreadOf(values))
    yield
  }
  const [publicationLive, publicationWindow, fixLive, fixWindow] = spreads as [Spread, Spread, Spread, Spread]
  return {
    exposures,
    fromPublication: { live: publicationLive, window: publicationWindow },
    fromFix: { live: fixLive, window: fixWindow },
  }
}

/** Of an even number the median is the mean of the two in the middle. The order of the values is lost. */
const spreadOf = (values: Float64Array): Spread => {
  const middle = values.length >> 1
  const upper = select(values, middle)
  // What stands before the place is not greater.
  const lower = values.length % 2 === 1 ? upper : values.subarray(0, middle).reduce((most, one) => Math.max(most, one))
  return { mean: values.reduce((sum, one) => sum + one, 0) / values.length, median: (lower + upper) / 2 }
}

/** The value that would stand at a place were they sorted (Hoare's FIND), in the time of a few passes: there may be millions. */
const select = (values: Float64Array, place: number): number => {
  let left = 0
  let right = values.length - 1
  while (left < right) {
    const pivot = values[(left + right) >> 1] ?? 0
    let low = left
    let high = right
    while (low <= high) {
      while ((values[low] ?? 0) < pivot) low += 1
      while ((values[high] ?? 0) > pivot) high -= 1
      if (low > high) break
      const kept = values[low] ?? 0
      values[low] = values[high] ?? 0
      values[high] = kept
      low += 1
      high -= 1
    }
    if (place <= high) right = high
    else if (place >= low) left = low
    else break
  }
  return values[place] ?? 0
}
