import { counted } from '../sentence.ts'

const DAY_MS = 24 * 60 * 60_000
/** Over which the pace is measured: two weeks even out weekends. */
export const PACE_DAYS = 14

interface DueHost {
  readonly id: string
  /** When the first of what is open on it is due; milliseconds since 1970. */
  readonly due: number
}

/**
 * Which hosts that are within their SLA at `at` will break it within `withinDays`, when hosts are fixed at `hostsPerDay`, always the
 * one that is due first. No other order breaks fewer dates, so this is the least that will break.
 * @param hosts all with something open that is due ever, the overdue ones too: they take their turn first
 * @returns in the order in which they are due
 */
export const willBreach = <Host extends DueHost>(
  hosts: readonly Host[],
  at: number,
  withinDays: number,
  hostsPerDay: number,
): Host[] =>
  [...hosts]
    .sort((left, right) => left.due - right.due || (left.id < right.id ? -1 : 1))
    .filter((host, index) => {
      if (host.due <= at || host.due > at + withinDays * DAY_MS) return false
      const fixedAt = hostsPerDay === 0 ? Number.POSITIVE_INFINITY : at + ((index + 1) / hostsPerDay) * DAY_MS
      return fixedAt > host.due
    })

export const forecastMethod = (hostsPerDay: number): string => {
  const pace = `over the last ${counted(PACE_DAYS, 'day')}`
  return hostsPerDay === 0
    ? `No host had anything fixed ${pace}: whatever falls due before then is not met.`
    : `${hostsPerDay.toFixed(1)} hosts a day had something fixed ${pace}; at this pace, always taking the host that is due first, the turn of these comes too late.`
}
