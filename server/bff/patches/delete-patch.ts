import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type Kysely, sql } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { noteStaleModule } from '../exposure/catalogue-cves.ts'
import type { ArtefactFiles } from './artefact-files.ts'
import { isModuleId, readEntry } from './entries.ts'
import { lockUploads } from './modules.ts'

/** Why an entry has to stay for now, in a sentence; null: it may go. */
export const whyNotDeleted = async (database: Kysely<DatabaseSchema>, id: string): Promise<string | null> => {
  if (!isModuleId(id)) return null
  const set = await database
    .selectFrom('patch_set_modules')
    .innerJoin('patch_sets', 'patch_sets.id', 'patch_set_modules.set_id')
    .select('patch_sets.name')
    .where('sha256', '=', id)
    .executeTakeFirst()
  if (set !== undefined) return `It is part of the set ${set.name}: remove the set first.`
  const open = await database
    .selectFrom('authorisations')
    .innerJoin('commands', 'commands.authorisation_id', 'authorisations.id')
    .select('commands.id')
    .where('artefact_sha256', '=', id)
    .where('commands.state', 'in', ['waiting', 'sent'])
    .executeTakeFirst()
  if (open !== undefined) return 'A command that loads it is still open: wait for its end, or take it back.'
  // Not by name: the rollout may be of hosts that whoever asks must not know of.
  const rollout = await database
    .selectFrom('rollouts')
    .select('id')
    .where('ended_at', 'is', null)
    .where(sql<boolean>`strpos(plan, ${id}) > 0`)
    .executeTakeFirst()
  return rollout === undefined ? null : 'A rollout that is not over brings it: wait for its end, or abort it.'
}

/**
 * Removes an entry, and then a module's file: whatever fails between, no row is without one.
 * @throws DomainError `patch_not_found`, `patch_in_use`
 */
export const deletePatch = async (
  database: Kysely<DatabaseSchema>,
  files: ArtefactFiles,
  id: string,
  reason: string,
  who: Act,
): Promise<void> => {
  const entry = await readEntry(database, id)
  await database.transaction().execute(async (transaction) => {
    // Nobody uploads the same file again, asks for it, or puts it into a set meanwhile.
    await lockUploads(transaction)
    if (isModuleId(id)) {
      await transaction.selectFrom('artefacts').select('sha256').where('sha256', '=', id).forUpdate().execute()
    }
    const why = await whyNotDeleted(transaction, id)
    if (why !== null) throw new DomainError('patch_in_use', why)
    const tables = { module: 'artefacts', set: 'patch_sets', vendor_update: 'vendor_updates' } as const
    if (entry.kind === 'module') {
      await transaction.deleteFrom(tables.module).where('sha256', '=', id).execute()
      await noteStaleModule(transaction, entry.name)
    } else await transaction.deleteFrom(tables[entry.kind]).where('id', '=', id).execute()
    const target = { kind: 'patch', id, name: entry.name }
    await appendAudit(transaction, done(who, { action: 'patch.delete', target, before: { kind: entry.kind }, reason }))
  })
  if (entry.kind !== 'module') return
  await database.transaction().execute(async (transaction) => {
    await lockUploads(transaction)
    const again = await transaction.selectFrom('artefacts').select('sha256').where('sha256', '=', id).executeTakeFirst()
    if (again === undefined) await files.remove(id)
  })
}
