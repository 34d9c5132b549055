import type { ModuleFacts } from '@rebootless/shared/contract/module-facts.ts'
import type { ModuleBrief, PatchSummary } from '@rebootless/shared/contract/patches.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { patchCves } from '@rebootless/shared/domain/patch-cves.ts'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { z } from 'zod'
import type { PatchTables } from '../database/patch-tables.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { type HostCounts, hostCounts } from './host-counts.ts'

/** An entry of the catalogue, before the hosts of whoever asks are counted. */
export type Entry = Omit<PatchSummary, 'hosts'>

/** So many of each kind are listed; more than any fleet has kernels and fixes. */
const ENTRIES_MAX = 5000

/** Of a module's facts, what a list needs: its functions may be thousands. */
interface FactsBrief {
  readonly architecture: string | null
  readonly replace: boolean | null
  readonly cves: string[]
  readonly signed: boolean | null
  readonly objects: number | null
  readonly functions: number | null
}

const FACTS_BRIEF = sql<FactsBrief | null>`case when facts is null then null else jsonb_build_object(
  'architecture', facts->'architecture',
  'replace', facts->'replace',
  'cves', facts->'cves',
  'signed', facts->'signature' <> 'null',
  'objects', case when facts->'objects' = 'null' then null else jsonb_array_length(facts->'objects') end,
  'functions', case when facts->'objects' = 'null' then null else (
    select coalesce(sum(jsonb_array_length(object->'functions')), 0) from jsonb_array_elements(facts->'objects') as object
  ) end
) end`

const releaseOf = (vermagic: string): string => vermagic.split(' ')[0] ?? ''

const briefOf = (
  row: Pick<Selectable<PatchTables['artefacts']>, 'size' | 'vermagic' | 'version' | 'srcversion' | 'depends'>,
  facts: FactsBrief | null,
): z.infer<typeof ModuleBrief> => ({
  ...{ size: row.size, vermagic: row.vermagic, release: releaseOf(row.vermagic) },
  ...{ architecture: facts?.architecture ?? null, version: row.version, srcversion: row.srcversion },
  ...{ depends: row.depends, replace: facts?.replace ?? null, functionCount: facts?.functions ?? null },
  ...{ objectCount: facts?.objects ?? null, moduleSigned: facts?.signed ?? null },
})

const cveNames = (...said: Parameters<typeof patchCves>) => patchCves(...said).map(({ cve }) => cve)
const NOTHING = { module: null, set: null, vendorUpdate: null } as const

const moduleEntries = async (database: Kysely<DatabaseSchema>, ids?: readonly string[]): Promise<Entry[]> => {
  let query = database
    .selectFrom('artefacts')
    .select(['sha256', 'size', 'name', 'vermagic', 'version', 'srcversion', 'depends', 'release_counter'])
    .select(['uploaded_by', 'uploaded_at', 'vendor_notes', 'hand_cves'])
    .select(FACTS_BRIEF.as('brief'))
    .select(
      sql<string[]>`array(select publisher_keys.name from patch_signatures
        join publisher_keys on publisher_keys.id = patch_signatures.key_id
        where patch_signatures.sha256 = artefacts.sha256 and publisher_keys.revoked_at is null
        order by publisher_keys.name)`.as('signed_by'),
    )
  if (ids !== undefined) query = query.where('sha256', 'in', [...ids])
  const rows = await query.orderBy('uploaded_at', 'desc').limit(ENTRIES_MAX).execute()
  return rows.map((row) => ({
    ...{ ...NOTHING, id: row.sha256, kind: 'module', name: row.name, module: briefOf(row, row.brief) },
    cves: cveNames({ metadata: row.brief?.cves ?? [], vendorNotes: row.vendor_notes, hand: row.hand_cves }),
    ...{ releaseCounter: row.release_counter, signedBy: row.signed_by },
    ...{ uploadedBy: row.uploaded_by, uploadedAt: row.uploaded_at.toISOString() },
  }))
}

/** @param modules all that sets may name */
const setEntries = async (
  database: Kysely<DatabaseSchema>,
  modules: ReadonlyMap<string, Entry>,
  id?: string,
): Promise<Entry[]> => {
  let query = database
    .selectFrom('patch_sets')
    .select(['id', 'name', 'vendor_notes', 'hand_cves', 'made_by', 'made_at'])
    .select(
      sql<string[]>`array(select sha256 from patch_set_modules where patch_set_modules.set_id = patch_sets.id)`.as(
        'parts',
      ),
    )
  if (id !== undefined) query = query.where('id', '=', id)
  const rows = await query.orderBy('made_at', 'desc').limit(ENTRIES_MAX).execute()
  return rows.map((row) => {
    const parts = row.parts
      .flatMap((sha256) => modules.get(sha256) ?? [])
      .sort((left, right) => ((left.module?.release ?? '') < (right.module?.release ?? '') ? -1 : 1))
    return {
      ...{ ...NOTHING, id: row.id, kind: 'set', name: row.name, releaseCounter: null },
      set: {
        modules: parts.map((part) => ({
          ...{ id: part.id, name: part.name, release: part.module?.release ?? '' },
          architecture: part.module?.architecture ?? null,
        })),
      },
      cves: cveNames({
        metadata: [],
        modules: parts.flatMap(({ cves }) => cves),
        ...{ vendorNotes: row.vendor_notes, hand: row.hand_cves },
      }),
      // A set is signed by whoever signed every module of it.
      signedBy: (parts[0]?.signedBy ?? []).filter((name) => parts.every(({ signedBy }) => signedBy.includes(name))),
      ...{ uploadedBy: row.made_by, uploadedAt: row.made_at.toISOString() },
    }
  })
}

const vendorEntries = async (database: Kysely<DatabaseSchema>, id?: string): Promise<Entry[]> => {
  let query = database.selectFrom('vendor_updates').selectAll()
  if (id !== undefined) query = query.where('id', '=', id)
  const rows = await query.orderBy('made_at', 'desc').limit(ENTRIES_MAX).execute()
  return rows.map((row) => ({
    ...{ ...NOTHING, id: row.id, kind: 'vendor_update', name: row.name, releaseCounter: null, signedBy: [] },
    vendorUpdate: { provider: row.provider, level: row.level },
    cves: cveNames({ metadata: [], vendorNotes: row.vendor_notes, hand: row.hand_cves }),
    ...{ uploadedBy: row.made_by, uploadedAt: row.made_at.toISOString() },
  }))
}

const byId = (entries: readonly Entry[]) => new Map(entries.map((entry) => [entry.id, entry]))

export const readEntries = async (database: Kysely<DatabaseSchema>): Promise<Entry[]> => {
  const modules = await moduleEntries(database)
  const [sets, updates] = await Promise.all([setEntries(database, byId(modules)), vendorEntries(database)])
  return [...modules, ...sets, ...updates]
}

export const isModuleId = (id: string): boolean => id.length === 64

export const patchNotFound = () =>
  new DomainError(
    'patch_not_found',
    'There is no such patch: it was removed, or the address is wrong. See the catalogue.',
  )

/** @throws DomainError `patch_not_found` */
export const readEntry = async (database: Kysely<DatabaseSchema>, id: string): Promise<Entry> => {
  const found = isModuleId(id)
    ? await moduleEntries(database, [id])
    : [...(await readSet(database, id)), ...(await vendorEntries(database, id))]
  const [entry] = found
  if (entry === undefined) throw patchNotFound()
  return entry
}

const readSet = async (database: Kysely<DatabaseSchema>, id: string): Promise<Entry[]> => {
  const parts = await database.selectFrom('patch_set_modules').select('sha256').where('set_id', '=', id).execute()
  const modules =
    parts.length === 0
      ? []
      : await moduleEntries(
          database,
          parts.map(({ sha256 }) => sha256),
        )
  return setEntries(database, byId(modules), id)
}

const countsOf = (entry: Entry, counts: HostCounts): PatchSummary['hosts'] => {
  const { total } = counts
  if (entry.vendorUpdate !== null) {
    const { provider, level } = entry.vendorUpdate
    return { running: counts.atLevel(provider, level), ofItsKernel: counts.withProvider(provider), total }
  }
  const modules = entry.set?.modules ?? [
    { name: entry.name, release: entry.module?.release ?? '', architecture: entry.module?.architecture ?? null },
  ]
  const sum = (count: (module: (typeof modules)[number]) => number) =>
    modules.reduce((hosts, module) => hosts + count(module), 0)
  return {
    running: sum(({ name, release, architecture }) => counts.running(name, release, architecture)),
    ofItsKernel: sum(({ release, architecture }) => counts.ofKernel(release, architecture)),
    total,
  }
}

/** Entries with the hosts of one scope. */
export const withHosts = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  entries: readonly Entry[],
): Promise<PatchSummary[]> => {
  const counts = await hostCounts(database, scope)
  return entries.map((entry) => ({ ...entry, hosts: countsOf(entry, counts) }))
}

/** Undefined: no such module, or its facts were never read. */
export const readFacts = async (database: Kysely<DatabaseSchema>, sha256: string): Promise<ModuleFacts | undefined> => {
  const row = await database.selectFrom('artefacts').select('facts').where('sha256', '=', sha256).executeTakeFirst()
  return row?.facts ?? undefined
}
