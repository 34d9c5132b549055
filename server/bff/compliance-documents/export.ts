import { createHash } from 'node:crypto'
import type { ComplianceExport, ComplianceRow } from '@rebootless/shared/contract/compliance-documents.ts'
import { printableJson } from '@rebootless/shared/domain/printable.ts'
import type * as z from 'zod'

type Head = Omit<z.infer<typeof ComplianceExport>, 'rows' | 'rowCount' | 'rowsSha256'>

/** As one JSON document, written as its rows come; count and hash of them stand at its end. */
export async function* exportDocument(
  head: Head,
  parts: AsyncIterable<readonly ComplianceRow[]>,
): AsyncGenerator<string> {
  const hash = createHash('sha256')
  let rowCount = 0
  yield `${printableJson(head, 0).slice(0, -1)},"rows":[`
  for await (const rows of parts) {
    const texts = rows.map((row) => printableJson(row, 0))
    for (const text of texts) hash.update(`${text}\n`)
    if (texts.length > 0) yield `${rowCount === 0 ? '' : ','}\n${texts.join(',\n')}`
    rowCount += texts.length
  }
  yield `\n],"rowCount":${rowCount},"rowsSha256":"${hash.digest('hex')}"}\n`
}
