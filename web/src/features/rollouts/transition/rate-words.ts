import type { WaveEstimate } from '@rebootless/shared/contract/rollout-transition.ts'
import { count, fullDuration, plural } from '../../../ui/duration.ts'

const perWord = (value: number, slower: number, words: readonly [quick: string, slow: string]): string =>
  value >= 1
    ? `${count(Math.round(value))} ${words[0]}`
    : `${count(Math.max(1, Math.round(value * slower)))} ${words[1]}`

export const taskRateWord = (perSecond: number | null): string => {
  if (perSecond === null) return 'not known yet'
  return perSecond === 0 ? 'nothing moves' : perWord(perSecond, 60, ['a second', 'a minute'])
}

export const hostRateWord = (perMinute: number | null): string =>
  perMinute === null ? 'not known yet' : perWord(perMinute, 60, ['a minute', 'an hour'])

/** `in 2 min to 4 min`, and of whom. */
export const endWords = ({ earliest, latest, hosts, unknownHosts }: WaveEstimate, now: number): string => {
  if (earliest === null || latest === null) return unknownHosts === 0 ? 'all are through' : 'no estimate'
  const [from, to] = [Date.parse(earliest) - now, Date.parse(latest) - now]
  const whose = unknownHosts === 0 ? '' : `, for ${plural(hosts, 'host')}`
  if (to <= 0) return `any moment${whose}`
  const [begin, end] = [fullDuration(from), fullDuration(to)]
  return `in ${from <= 0 ? `up to ${end}` : begin === end ? end : `${begin} to ${end}`}${whose}`
}
