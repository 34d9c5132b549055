import { createHash } from 'node:crypto'
import type { ComplianceExport, ComplianceRow } from '@rebootless/shared/contract/compliance-documents.ts'
import { EXPOSURE_RULE_WORDS } from '@rebootless/shared/domain/exposure/exposure-sentences.ts'
import { EXPOSURE_RULES, type ExposureRule } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { printableJson } from '@rebootless/shared/domain/printable.ts'
import type * as z from 'zod'

type Whole = z.infer<typeof ComplianceExport>
type Head = Omit<Whole, 'format' | 'method' | 'rules' | 'rows' | 'rowCount' | 'rowsSha256'>

const METHOD =
  'Each CVE is judged for each host from what its agent read and from what feeds say, by the first of the rules that answers; a row tells which, and why. Open is what is exposed or fixed on disk only, and accepted by no exception. A host is within its SLA when it is judged and nothing open on it is past its due date by the version of the policy that is named. Unknown is never safe.'
const RULES = Object.fromEntries(EXPOSURE_RULES.map((rule) => [rule, EXPOSURE_RULE_WORDS[rule].meaning])) as Record<
  ExposureRule,
  string
>

/** As one JSON document, written as its rows come; count and hash of them stand at its end. */
export async function* exportDocument(
  head: Head,
  parts: AsyncIterable<readonly ComplianceRow[]>,
): AsyncGenerator<string> {
  const hash = createHash('sha256')
  let rowCount = 0
  const whole: Omit<Whole, 'rows' | 'rowCount' | 'rowsSha256'> = {
    ...{ format: 'rebootless.compliance/1', ...head, method: METHOD, rules: RULES },
  }
  yield `${printableJson(whole, 0).slice(0, -1)},"rows":[`
  for await (const rows of parts) {
    const texts = rows.map((row) => printableJson(row, 0))
    for (const text of texts) hash.update(`${text}\n`)
    if (texts.length > 0) yield `${rowCount === 0 ? '' : ','}\n${texts.join(',\n')}`
    rowCount += texts.length
  }
  yield `\n],"rowCount":${rowCount},"rowsSha256":"${hash.digest('hex')}"}\n`
}
