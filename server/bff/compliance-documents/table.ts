import type { ComplianceRow } from '@rebootless/shared/contract/compliance-documents.ts'
import { csvRow } from '@rebootless/shared/domain/csv.ts'
import { printable } from '@rebootless/shared/domain/printable.ts'

const COLUMNS = [
  ...['host id', 'host', 'origin', 'labels', 'kernel', 'architecture', 'cve', 'severity', 'score', 'exposure'],
  ...[
    'accepted until (UTC)',
    'rule',
    'why',
    'fixed by',
    'fix available on',
    'feed',
    'document',
    'doubts',
    'read at (UTC)',
  ],
]

const cellsOf = ({ host, cve, severity, score, exposure, acceptedUntil, verdict, doubts, readAt }: ComplianceRow) => [
  ...[host.id, host.name, host.origin, labelsOf(host.labels), host.kernelRelease, host.architecture],
  ...[cve, severity, score, exposure, acceptedUntil, verdict.rule, verdict.why, verdict.by, verdict.fixAvailableOn],
  ...[verdict.feed, verdict.document, doubts.map(({ why }) => why).join(' '), readAt],
]
const labelsOf = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ')

/** As a table; names that hosts give themselves stay text in terminals and spreadsheets (threat-model T04, T13). */
export async function* exportTable(parts: AsyncIterable<readonly ComplianceRow[]>): AsyncGenerator<string> {
  yield csvRow(COLUMNS)
  for await (const rows of parts) {
    yield rows
      .map((row) => csvRow(cellsOf(row).map((cell) => (typeof cell === 'string' ? printable(cell) : cell))))
      .join('')
  }
}
