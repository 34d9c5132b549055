import type { ModuleFacts } from '@rebootless/shared/contract/module-facts.ts'
import type { PatchDetail, PatchWarning } from '@rebootless/shared/contract/patches.ts'
import { patchCves } from '@rebootless/shared/domain/patch-cves.ts'
import { patchWarnings } from '@rebootless/shared/domain/patch-warnings.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { whyNotDeleted } from './delete-patch.ts'
import { type Entry, isModuleId, patchNotFound, readEntry, readFacts, withHosts } from './entries.ts'
import { signaturesOf } from './patch-signatures.ts'
import { remarksTable } from './remarks.ts'

/** @throws DomainError `patch_not_found` */
export const readPatch = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  id: string,
  now: Date,
): Promise<PatchDetail> => {
  const entry = await readEntry(database, id)
  const { table, key } = remarksTable(entry)
  const remarks = await database
    .selectFrom(table)
    .select(['notes', 'vendor_notes', 'hand_cves'])
    .where(sql<boolean>`${sql.ref(key)} = ${id}`)
    .executeTakeFirst()
  if (remarks === undefined) throw patchNotFound()
  const facts = isModuleId(id) ? ((await readFacts(database, id)) ?? null) : null
  const [[summary], sets, signatures, cannotDelete, warnings] = await Promise.all([
    withHosts(database, scope, [entry]),
    setsOf(database, id),
    signaturesOf(database, id),
    whyNotDeleted(database, id),
    facts === null ? [] : readWarnings(database, scope, id, facts, entry.cves),
  ])
  if (summary === undefined) throw patchNotFound()
  return {
    ...{ ...summary, facts, notes: remarks.notes, vendorNotes: remarks.vendor_notes, signatures, sets, warnings },
    cveSources: patchCves({
      metadata: facts?.cves ?? [],
      modules: await cvesOfParts(database, entry),
      ...{ vendorNotes: remarks.vendor_notes, hand: remarks.hand_cves },
    }),
    ...{ cannotDelete, asOf: now.toISOString() },
  }
}

const cvesOfParts = async (database: Kysely<DatabaseSchema>, { set }: Entry): Promise<string[]> => {
  const parts = await Promise.all((set?.modules ?? []).map(({ id }) => readEntry(database, id)))
  return parts.flatMap(({ cves }) => cves)
}

const setsOf = async (database: Kysely<DatabaseSchema>, id: string): Promise<PatchDetail['sets']> =>
  isModuleId(id)
    ? await database
        .selectFrom('patch_set_modules')
        .innerJoin('patch_sets', 'patch_sets.id', 'patch_set_modules.set_id')
        .select(['patch_sets.id', 'patch_sets.name'])
        .where('sha256', '=', id)
        .orderBy('patch_sets.name')
        .execute()
    : []

/** What somebody should know of a module, by the hosts of his scope. */
export const readWarnings = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  id: string,
  facts: ModuleFacts,
  cves: readonly string[],
): Promise<PatchWarning[]> => {
  const kernel = sql`reading.body->'kernel'`
  const enforced = sql`(${kernel}->>'moduleSignatureEnforced')::boolean or ${kernel}->>'lockdown' <> 'none'`
  const fleet = await sql<{ hosts: number; enforcing: number; unknown: number }>`
    select count(*)::int as hosts,
      count(*) filter (where ${enforced})::int as enforcing,
      count(*) filter (where (${enforced}) is null)::int as unknown
    from hosts left join host_readings as reading on reading.host_id = hosts.id and reading.kind = 'snapshot'
    where hosts.kernel_release = ${facts.release} and hosts.architecture = ${facts.architecture}
      and ${scope.condition}`.execute(database)
  const { hosts = 0, enforcing = 0, unknown = 0 } = fleet.rows[0] ?? {}
  const same =
    facts.srcversion === null
      ? []
      : await database
          .selectFrom('artefacts')
          .select('name')
          .where('srcversion', '=', facts.srcversion)
          .where('vermagic', '=', facts.vermagic)
          .where(sql<boolean>`facts->>'architecture' = ${facts.architecture}`)
          .where('sha256', '!=', id)
          .execute()
  const fleetFacts = { ofItsKernel: hosts, enforcing, enforcingUnknown: unknown }
  return patchWarnings(facts, cves, fleetFacts, [...new Set(same.map(({ name }) => name))])
}
