import type { DryRunRange, DryRunResult } from '../../../contract/dry-run.ts'
import { counted, cut, listed } from '../../sentence.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `45 s`, `41 min`, `3 h 20 min`, `2 d 4 h`: no more than a forecast can mean. */
export const roughSpan = (seconds: number): string => {
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 90 * MINUTE) return `${Math.round(seconds / MINUTE)} min`
  const [great, greatUnit, small, smallUnit] = seconds < 2 * DAY ? [HOUR, 'h', MINUTE, 'min'] : [DAY, 'd', HOUR, 'h']
  const parts = Math.round(seconds / small)
  const rest = parts % (great / small)
  return `${Math.floor(parts / (great / small))} ${greatUnit}${rest === 0 ? '' : ` ${rest} ${smallUnit}`}`
}

/** `About 41 min (33 min to 58 min)` */
const spanOf = ({ p10, p50, p90 }: DryRunRange): string => {
  const [least, most] = [roughSpan(p10), roughSpan(p90)]
  return `About ${roughSpan(p50)}${least === most ? '' : ` (${least} to ${most})`}`
}

type Told = Pick<DryRunResult, 'duration' | 'ends' | 'runs' | 'stalls' | 'failures' | 'atRisk' | 'asks' | 'hosts'>

/** How long, who stalls, and how often somebody is asked: one sentence or two. */
export const dryRunSentence = (result: Told): string => {
  const { duration, ends, runs, hosts } = result
  if (hosts.going === 0) return 'No host would be changed.'
  const notDone = ends.filter(({ phase }) => phase !== 'done')
  const [worst] = notDone
  const undone = notDone.reduce((sum, end) => sum + end.runs, 0)
  const because = worst?.because == null ? '' : `: ${worst.because}`
  if (duration === null) return cut(`It comes to no end${because === '' ? '.' : because}`, 1000)
  const sentences = [`${spanOf(duration)} for ${hostText(hosts)}; ${stallText(result)}.`]
  if (result.failures.p50 >= 1) sentences.push(`${counted(Math.round(result.failures.p50), 'host')} will likely fail.`)
  const asks = Math.round(result.asks.p50)
  if (asks > 0) sentences.push(`It stops ${asks === 1 ? 'once' : asks === 2 ? 'twice' : `${asks} times`} for somebody.`)
  if (worst !== undefined) {
    const share = undone === runs ? 'In every run' : `In ${undone} of ${runs} runs`
    sentences.push(`${share} it ends ${worst.phase}${because === '' ? '.' : because}`)
  }
  return cut(sentences.join(' '), 1000)
}

const hostText = ({ going, there }: DryRunResult['hosts']): string =>
  there === 0
    ? counted(going, 'host')
    : there === going
      ? `${counted(going, 'host')}, where it is so already`
      : `${counted(going - there, 'host')}, and ${there} where it is so already`

const stallText = ({ stalls, atRisk, runs }: Told): string => {
  const likely = atRisk.filter(({ stalledRuns }) => stalledRuns * 2 > runs).map(({ host }) => host.name)
  const more = Math.round(stalls.p50) - likely.length
  if (likely.length > 0) {
    const others = more > 0 ? `, and about ${more} more` : ''
    return `${counted(likely.length, 'host')} will likely stall: ${listed(likely)}${others}`
  }
  if (more > 0) return `about ${counted(more, 'host')} can be expected to stall`
  const most = Math.round(stalls.p90)
  return most > 0 ? `up to ${counted(most, 'host')} may stall` : 'no host is expected to stall'
}
