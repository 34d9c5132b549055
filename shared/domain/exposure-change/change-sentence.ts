import type { ExposureAhead, ExposureDone, ExposureTally } from '../../contract/exposure-change.ts'
import { counted, cut } from '../sentence.ts'

const amount = ({ exposures, cveCount, hosts }: ExposureTally): string =>
  `${counted(exposures, 'exposure')} to ${counted(cveCount, 'CVE')} on ${counted(hosts, 'host')}`

const aheadWords = ({ closes, opens, stays, staysTotal, notJudged }: ExposureAhead, begun: boolean): string => {
  const parts = [`It ${begun ? 'still ' : ''}closes ${closes.exposures === 0 ? 'no exposure' : amount(closes)}`]
  if (opens.exposures > 0) parts.push(`opens ${amount(opens)}`)
  if (staysTotal > 0) {
    const [first] = stays
    const some = first !== undefined && first.hosts < staysTotal ? `, ${first.hosts} of them for this` : ''
    const why = first === undefined ? '' : `${some}: ${first.why.replace(/\.$/, '')}`
    parts.push(`${counted(staysTotal, 'host')} ${staysTotal === 1 ? 'stays' : 'stay'} exposed${why}`)
  }
  if (notJudged > 0) parts.push(`${counted(notJudged, 'host')} ${notJudged === 1 ? 'is' : 'are'} not judged yet`)
  return `${parts.join('; ')}.`
}

const doneWords = ({ closed, opened }: ExposureDone, ended: boolean): string => {
  const closing = closed.exposures === 0 ? 'no exposure' : amount(closed)
  const opening = opened.exposures === 0 ? '' : ` and opened ${amount(opened)}`
  return ended ? `It closed ${closing}${opening}.` : `It has closed ${closing}${opening} so far.`
}

/** What a rollout did and what it would do, each in one sentence. */
export const changeSentence = (ahead: ExposureAhead | null, done: ExposureDone | null): string =>
  cut(
    [
      ...(done === null ? [] : [doneWords(done, ahead === null)]),
      ...(ahead === null ? [] : [aheadWords(ahead, done !== null)]),
    ].join(' '),
    1000,
  )
