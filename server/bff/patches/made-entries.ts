import { randomUUID } from 'node:crypto'
import type { PatchSetRequest, VendorUpdateRequest } from '@rebootless/shared/contract/patches.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'

/** Of each kind; what is listed holds as many. */
const ENTRIES_MAX = 2000

const refused = (detail: string) => new DomainError('patch_refused', detail)

const requireRoom = async (
  transaction: Transaction<DatabaseSchema>,
  table: 'patch_sets' | 'vendor_updates',
): Promise<void> => {
  const { entries } = await transaction
    .selectFrom(table)
    .select(sql<number>`count(*)::int`.as('entries'))
    .executeTakeFirstOrThrow()
  if (entries >= ENTRIES_MAX) throw refused(`There are ${ENTRIES_MAX} of them already: remove some first.`)
}

/**
 * One fix for several kernels.
 * @throws DomainError `patch_refused`
 */
export const makePatchSet = (
  database: Kysely<DatabaseSchema>,
  { name, modules, notes, cves }: PatchSetRequest,
  who: Act & { username: string },
): Promise<string> =>
  database.transaction().execute(async (transaction) => {
    await requireRoom(transaction, 'patch_sets')
    const wanted = [...new Set(modules)]
    const found = await transaction
      .selectFrom('artefacts')
      .select(['sha256', 'name', sql<string>`split_part(vermagic, ' ', 1)`.as('release')])
      .select(sql<string | null>`facts->>'architecture'`.as('architecture'))
      .where('sha256', 'in', wanted)
      .forKeyShare()
      .execute()
    if (found.length < wanted.length) throw refused('One of these modules is not in the catalogue: upload it first.')
    const kernels = new Map<string, string>()
    for (const { release, architecture, name: module } of found) {
      const kernel = `${release} (${architecture ?? 'machine not read'})`
      const other = kernels.get(kernel)
      if (other !== undefined)
        throw refused(`${other} and ${module} are both for ${kernel}: a set has one for each kernel.`)
      kernels.set(kernel, module)
    }
    const id = randomUUID()
    const row = { id, name: databaseText(name), notes: databaseText(notes), vendor_notes: '' }
    await transaction
      .insertInto('patch_sets')
      .values({ ...row, hand_cves: [...new Set(cves)].sort(), made_by: who.username, made_at: who.now })
      .execute()
    await transaction
      .insertInto('patch_set_modules')
      .values(wanted.map((sha256) => ({ set_id: id, sha256 })))
      .execute()
    const target = { kind: 'patch', id, name: row.name }
    await appendAudit(transaction, done(who, { action: 'patch.make_set', target, after: { modules: wanted.length } }))
    return id
  })

/** @throws DomainError `patch_refused` */
export const enterVendorUpdate = (
  database: Kysely<DatabaseSchema>,
  { name, provider, level, notes, vendorNotes, cves }: VendorUpdateRequest,
  who: Act & { username: string },
): Promise<string> =>
  database.transaction().execute(async (transaction) => {
    await requireRoom(transaction, 'vendor_updates')
    const id = randomUUID()
    const row = { id, name: databaseText(name), provider, level: level === null ? null : databaseText(level) }
    await transaction
      .insertInto('vendor_updates')
      .values({
        ...{ ...row, notes: databaseText(notes), vendor_notes: databaseText(vendorNotes) },
        ...{ hand_cves: [...new Set(cves)].sort(), made_by: who.username, made_at: who.now },
      })
      .execute()
    const target = { kind: 'patch', id, name: row.name }
    const after = { provider, level: row.level }
    await appendAudit(transaction, done(who, { action: 'patch.enter_vendor_update', target, after }))
    return id
  })
