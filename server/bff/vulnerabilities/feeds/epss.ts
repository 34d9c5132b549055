import { collector, type DocumentReader, dayOf, UnreadableDocument } from './document.ts'

/**
 * FIRST's scores of a day. The comment line with model and day came in 2022 and the percentile in 2021; without the line the day is in
 * the file's name, `epss_scores-2021-04-14.csv`.
 */
export const readEpss: DocumentReader = (content, name) => {
  const all = collector()
  const lines = content.split('\n')
  const comment = lines[0]?.startsWith('#') ? (lines.shift() ?? '') : ''
  const model = /model_version:([\w.-]{1,60})/.exec(comment)?.[1] ?? null
  const day = dayOf(/score_date:([^,\s]+)/.exec(comment)?.[1]) ?? dayOf(/\d{4}-\d{2}-\d{2}/.exec(name)?.[0])
  const [cveTitle, scoreTitle, percentileTitle] = (lines.shift() ?? '').trim().split(',')
  if (cveTitle !== 'cve' || scoreTitle !== 'epss') throw new UnreadableDocument('It has no columns cve and epss.')
  if (day === null) throw new UnreadableDocument('Neither its first line nor its name says of which day it is.')
  for (const [number, line] of lines.entries()) {
    if (line.trim() === '') continue
    const [cve = '', score = '', percentile] = line.trim().split(',')
    const read = { score: share(score), percentile: percentileTitle === 'percentile' ? share(percentile ?? '') : null }
    if (read.score === null) all.trouble(`Row ${number + 1} has no score from 0 to 1.`)
    else all.say(cve, { kind: 'epss', ...read, score: read.score, scoredOn: day, model }, day)
  }
  return all.read
}

const share = (text: string): number | null => {
  const value = /^\d(\.\d+)?(e-\d+)?$/i.test(text) ? Number(text) : Number.NaN
  return value >= 0 && value <= 1 ? value : null
}
