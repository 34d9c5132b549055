import { HOST_HOUR_PARTS, type HostHourPart } from './host-hour-words.ts'

export const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000

/** Half-open, in milliseconds since 1970. */
export interface Span {
  readonly from: number
  readonly to: number
}

/**
 * Begins and ends of spans that fall on one day (UTC) and are of one part. Every one that begins counts 1, every one that ends -1;
 * `left` is the sum of these, each times the milliseconds from it to the end of the day. Sums of them say as much as all the spans.
 */
export interface DayEdges {
  readonly part: HostHourPart
  /** Days since 1970. */
  readonly day: number
  readonly net: number
  readonly left: number
}

export type MillisecondsByPart = Record<HostHourPart, number>

export const noMilliseconds = (): MillisecondsByPart => ({
  ...{ before_fix: 0, before_loaded: 0, in_transition: 0, gap: 0, unknown: 0, unjudged: 0 },
})

/**
 * How long the spans behind the edges last on each day of the window, in milliseconds of hosts; days without any too.
 * @param edges of spans that are within the window
 */
export const hoursByDay = (
  edges: Iterable<DayEdges>,
  { from, to }: Span,
): { readonly day: number; readonly spent: MillisecondsByPart }[] => {
  if (from >= to) return []
  const first = Math.floor(from / DAY_MS)
  const many = Math.ceil(to / DAY_MS) - first
  const [nets, lefts] = [Array.from({ length: many }, noMilliseconds), Array.from({ length: many }, noMilliseconds)]
  for (const { part, day, net, left } of edges) {
    const [nets_, lefts_] = [nets[day - first], lefts[day - first]]
    // What ends at the midnight that ends the window falls on the day behind it.
    if (nets_ === undefined || lefts_ === undefined) continue
    nets_[part] += net
    lefts_[part] += left
  }
  const open = noMilliseconds()
  return nets.map((net, index) => {
    const spent = noMilliseconds()
    for (const part of HOST_HOUR_PARTS) {
      spent[part] = open[part] * DAY_MS + (lefts[index]?.[part] ?? 0)
      open[part] += net[part]
    }
    return { day: first + index, spent }
  })
}
