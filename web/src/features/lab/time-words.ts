import { fullDuration } from '../../ui/duration.ts'

const GAP = '\u00a0'
const MILLISECOND = 1_000
const SECOND = 1_000_000

const decimals = (value: number): string =>
  value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)

/** A length of virtual time, microseconds, with three digits: `12.4 ms`, `3.20 s`, `2 min 5 s`. */
export const timeWord = (us: number): string => {
  if (us <= 0) return `0${GAP}s`
  if (us < MILLISECOND) return `${Math.round(us)}${GAP}µs`
  if (us < SECOND) return `${decimals(us / MILLISECOND)}${GAP}ms`
  if (us < 100 * SECOND) return `${decimals(us / SECOND)}${GAP}s`
  return fullDuration(us / MILLISECOND)
}

/** A round length, as an axis shows it: `10 ms`, `0.1 s`, `1 min`. */
export const tickWord = (us: number): string => {
  const rounded = (value: number) => String(Number(value.toPrecision(6)))
  if (us === 0) return '0'
  if (us < MILLISECOND) return `${rounded(us)}${GAP}µs`
  if (us < 100 * MILLISECOND) return `${rounded(us / MILLISECOND)}${GAP}ms`
  if (us < 60 * SECOND || us % (60 * SECOND) !== 0) return `${rounded(us / SECOND)}${GAP}s`
  return fullDuration(us / MILLISECOND)
}
