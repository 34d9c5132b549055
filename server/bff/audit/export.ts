import type { AuditExportLine } from '@rebootless/shared/contract/audit-api.ts'
import type { PublicKey } from '@rebootless/shared/contract/signed.ts'
import { csvRow } from '@rebootless/shared/domain/csv.ts'
import { printable, printableJson } from '@rebootless/shared/domain/printable.ts'
import type { Reads } from '../database/replica/reads.ts'
import { readEntry, selectHeads, selectLast, selectLinks, selectNewestHead } from './queries.ts'

const AT_ONCE = 500

/** Each part by itself: the log only grows, so it is the same whichever database a part is of. */
type Read = Reads['read']

/** Every row from the first on, a few hundred at a time. */
async function* inParts<Row extends { sequence: number }>(
  read: (from: number, limit: number) => Promise<Row[]>,
): AsyncGenerator<Row[]> {
  for (let from = 1; ; ) {
    const rows = await read(from, AT_ONCE)
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    from = last.sequence + 1
  }
}

/** Names of hosts stand in it, and files are looked at in terminals (threat-model T04). */
const line = (value: AuditExportLine): string => `${printableJson(value, 0)}\n`

/** The whole log as it is now, with its heads, in parts: lines of AuditExportLine. */
export async function* exportLines(read: Read, publicKey: PublicKey, now: Date): AsyncGenerator<string> {
  // The head first: one that is signed meanwhile would tell of entries that this file does not hold.
  const head = await read(selectNewestHead)
  const { sequence: last } = await read(selectLast)
  yield line({ kind: 'start', version: 1, madeAt: now.toISOString(), publicKey })
  let entries = 0
  for await (const links of inParts((from, limit) => read((database) => selectLinks(database, from, limit, last)))) {
    entries += links.length
    yield links.map((link) => line({ kind: 'entry', ...link })).join('')
  }
  let heads = 0
  for await (const some of inParts((from, limit) =>
    read((database) => selectHeads(database, from, limit, head?.sequence ?? 0)),
  )) {
    heads += some.length
    yield some.map(({ signed }) => line({ kind: 'head', head: signed })).join('')
  }
  yield line({ kind: 'end', entries, heads })
}

const COLUMNS = [
  ...['sequence', 'time (UTC)', 'actor kind', 'actor id', 'actor', 'address', 'action'],
  ...['target kind', 'target id', 'target', 'result', 'problem', 'reason', 'before', 'after', 'request', 'hash'],
]
const json = (fields: object | null) => (fields === null ? null : JSON.stringify(fields))
const shown = (cell: string | number | null) => (typeof cell === 'string' ? printable(cell) : cell)

/** The whole log as it is now, as a table; in parts. */
export async function* exportTable(read: Read): AsyncGenerator<string> {
  const { sequence: last } = await read(selectLast)
  yield csvRow(COLUMNS)
  for await (const links of inParts((from, limit) => read((database) => selectLinks(database, from, limit, last)))) {
    yield links
      .map(({ sequence, hash, entry: text }) => {
        const { at, actor, action, target, result, problem, reason, before, after, requestId } = readEntry(text)
        const cells = [
          ...[sequence, at, actor.kind, actor.id, actor.name, actor.address, action],
          ...[target?.kind ?? null, target?.id ?? null, target?.name ?? null, result, problem, reason],
          ...[json(before), json(after), requestId, hash],
        ]
        return csvRow(cells.map(shown))
      })
      .join('')
  }
}
