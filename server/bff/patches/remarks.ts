import type { PatchChange } from '@rebootless/shared/contract/patches.ts'
import { type Kysely, sql } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { noteStaleModule } from '../exposure/catalogue-cves.ts'
import { type Entry, patchNotFound, readEntry } from './entries.ts'

/** Where an entry's notes lie. */
export const remarksTable = ({ kind }: Pick<Entry, 'kind'>) => {
  switch (kind) {
    case 'module':
      return { table: 'artefacts', key: 'sha256' } as const
    case 'set':
      return { table: 'patch_sets', key: 'id' } as const
    case 'vendor_update':
      return { table: 'vendor_updates', key: 'id' } as const
  }
}

const cvesInOrder = (cves: readonly string[]) => [...new Set(cves)].sort()

/**
 * Changes what people say of an entry.
 * @throws DomainError `patch_not_found`
 */
export const changeRemarks = async (
  database: Kysely<DatabaseSchema>,
  id: string,
  change: PatchChange,
  who: Act,
): Promise<void> => {
  const entry = await readEntry(database, id)
  const { table, key } = remarksTable(entry)
  await database.transaction().execute(async (transaction) => {
    const isIt = sql<boolean>`${sql.ref(key)} = ${id}`
    const columns = ['notes', 'vendor_notes', 'hand_cves'] as const
    const before = await transaction.selectFrom(table).select(columns).where(isIt).forUpdate().executeTakeFirst()
    if (before === undefined) throw patchNotFound()
    const after = {
      notes: change.notes === undefined ? before.notes : databaseText(change.notes),
      vendor_notes: change.vendorNotes === undefined ? before.vendor_notes : databaseText(change.vendorNotes),
      hand_cves: change.cves === undefined ? before.hand_cves : cvesInOrder(change.cves),
    }
    await transaction.updateTable(table).set(after).where(isIt).execute()
    if (entry.kind === 'module') await noteStaleModule(transaction, entry.name)
    const target = { kind: 'patch', id, name: entry.name }
    await appendAudit(
      transaction,
      done(who, { action: 'patch.change', target, before: shown(before), after: shown(after) }),
    )
  })
}

const AUDIT_NOTES_MAX = 500

/** As the log shows it: notes may be long, and an entry of the log is short. */
const shown = (remarks: { notes: string; vendor_notes: string; hand_cves: string[] }) => ({
  notes: remarks.notes.slice(0, AUDIT_NOTES_MAX),
  vendorNotes: remarks.vendor_notes.slice(0, AUDIT_NOTES_MAX),
  cves: remarks.hand_cves.slice(0, 100).join(' '),
})
