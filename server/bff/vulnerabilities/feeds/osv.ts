import type { CveStatementOf } from '@rebootless/shared/contract/vulnerabilities.ts'
import * as z from 'zod'
import { isDebianKernel, isUbuntuKernel, osvProduct } from '../products.ts'
import { baseScoreOf } from './cvss.ts'
import { collector, cveIn, type DocumentReader, dayOf, parseJson, textOf } from './document.ts'

const text = z.string().max(100_000)
const Events = z
  .array(z.object({ introduced: text.optional(), fixed: text.optional(), last_affected: text.optional() }))
  .max(1_000)

/** OSV 1.6, https://ossf.github.io/osv-schema/; only what is read. */
const OsvRecord = z.object({
  id: text,
  published: text.nullish(),
  withdrawn: text.nullish(),
  aliases: z.array(text).max(1_000).optional(),
  upstream: z.array(text).max(5_000).optional(),
  related: z.array(text).max(5_000).optional(),
  summary: text.optional(),
  details: text.optional(),
  severity: z
    .array(z.object({ type: text, score: text }))
    .max(20)
    .optional(),
  affected: z
    .array(
      z.object({
        package: z.object({ ecosystem: text, name: text }).optional(),
        ranges: z
          .array(z.object({ type: text, events: Events }))
          .max(100)
          .optional(),
      }),
    )
    .max(20_000)
    .optional(),
})
type OsvRecord = z.infer<typeof OsvRecord>

/** Debian's and Ubuntu's records: of one CVE, or an advisory (USN) of several. */
export const readOsv: DocumentReader = (content) => {
  const record = parseJson(content, OsvRecord)
  const all = collector()
  if (record.withdrawn) return all.read
  const publishedOn = dayOf(record.published)
  const cves = cvesOf(record)
  const isOfOne = cveIn(record.id) !== null
  let isOfKernel = false
  for (const { package: of, ranges = [] } of record.affected ?? []) {
    const product = of === undefined ? null : osvProduct(of.ecosystem)
    if (of === undefined || product === null) continue
    const isKernel = product.startsWith('debian:') ? isDebianKernel(of.name) : isUbuntuKernel(of.name)
    const ended = ranges.filter(({ type }) => type === 'ECOSYSTEM').flatMap(({ events }) => events)
    if (!isKernel || ended.length === 0) continue
    isOfKernel = true
    // Fixed where the last word is a fix: what came again after one is open.
    const fixedVersion = ended.at(-1)?.fixed ?? null
    const since = ended.find(({ introduced }) => introduced !== undefined && introduced !== '0')?.introduced
    const statement: CveStatementOf<'vendor'> = {
      ...{ kind: 'vendor', product, package: of.name, status: fixedVersion === null ? 'affected' : 'fixed' },
      fixedVersion,
      reason: since === undefined ? null : textOf(`affected since ${since}`, 500),
      advisory: isOfOne ? null : textOf(record.id, 64),
      availableOn: isOfOne ? null : publishedOn,
    }
    for (const cve of cves) all.say(cve, statement, publishedOn)
  }
  if (!isOfKernel || !isOfOne) return all.read
  const scores = (record.severity ?? []).flatMap(({ score: vector }) => {
    const scored = baseScoreOf(vector)
    return scored === null ? [] : [{ by: 'OSV', ...scored, vector }]
  })
  for (const cve of cves) {
    all.say(
      cve,
      {
        ...{ kind: 'record', title: textOf(record.summary, 500), description: textOf(record.details, 2000) },
        ...{ publishedOn, scores: scores.slice(0, 16), files: [], rejected: false },
      },
      publishedOn,
    )
  }
  return all.read
}

const cvesOf = ({ id, aliases = [], upstream = [], related = [] }: OsvRecord): string[] => {
  const own = cveIn(id)
  if (own !== null) return [own]
  const named = [...upstream, ...aliases]
  const found = (named.length > 0 ? named : related).flatMap((name) => cveIn(name) ?? [])
  return [...new Set(found)]
}
