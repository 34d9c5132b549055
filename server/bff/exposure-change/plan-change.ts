import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { LivepatchChange } from '@rebootless/shared/domain/exposure-change/changed-facts.ts'
import { patchCves } from '@rebootless/shared/domain/patch-cves.ts'
import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { readCatalogueCves } from '../exposure/catalogue-cves.ts'

export interface PlanChange {
  /** What happens to a host that gets this file of the plan; null: it gets none, as with a disabling. */
  of(artefact: string | null): LivepatchChange | null
  /** CVEs that its patches are said to fix. */
  readonly fixes: readonly string[]
  readonly notCounted: readonly string[]
}

/** A plan's change, with what the catalogue says that it fixes. */
export const readPlanChange = (database: Kysely<DatabaseSchema>, { change }: RolloutPlan): Promise<PlanChange> => {
  switch (change.kind) {
    case 'load':
      return readLoad(database, change.patches)
    case 'disable':
      return Promise.resolve({ of: () => ({ ...change }), fixes: [], notCounted: [] })
    case 'update':
      return readUpdate(database, change)
  }
}

const readLoad = async (database: Kysely<DatabaseSchema>, patches: readonly string[]): Promise<PlanChange> => {
  const rows = await database
    .selectFrom('artefacts')
    .select(['sha256', 'name', 'srcversion', 'version', 'facts'])
    .where('sha256', 'in', [...patches])
    .execute()
  const cves = await readCatalogueCves(
    database,
    rows.flatMap(({ srcversion }) => srcversion ?? []),
  )
  const changes = new Map<string, LivepatchChange>()
  for (const { sha256, name, srcversion, version, facts } of rows) {
    const catalogueCves = [...new Set(srcversion === null ? [] : cves.get(srcversion))]
    changes.set(sha256, {
      ...{ kind: 'load', replace: facts?.replace === true },
      livepatch: { name, provider: 'livepatch', version, cves: [], catalogueCves },
    })
  }
  const unnamed = rows.filter(({ srcversion }) => srcversion === null).length
  const unread = rows.filter(({ facts }) => facts?.replace == null).length
  return {
    of: (artefact) => (artefact === null ? null : (changes.get(artefact) ?? null)),
    fixes: [...new Set([...cves.values()].flat())].sort(),
    notCounted: [
      ...(unnamed === 0
        ? []
        : ['A module without srcversion is credited with no CVE: a host that has it cannot show it.']),
      ...(unread === 0
        ? []
        : ['Of some modules it is not known whether they are cumulative: they are taken as if not.']),
    ],
  }
}

const readUpdate = async (
  database: Kysely<DatabaseSchema>,
  { provider, level }: Extract<RolloutPlan['change'], { kind: 'update' }>,
): Promise<PlanChange> => {
  const rows = await database
    .selectFrom('vendor_updates')
    .select(['level', 'vendor_notes', 'hand_cves'])
    .where('provider', '=', provider as never)
    .execute()
  const fixes = new Set(
    rows
      .filter((row) => row.level === level)
      .flatMap(({ vendor_notes: vendorNotes, hand_cves: hand }) =>
        patchCves({ metadata: [], vendorNotes, hand }).map(({ cve }) => cve),
      ),
  )
  const cves = [...fixes].sort()
  return {
    of: () => ({ kind: 'update', provider, level, cves }),
    fixes: cves,
    notCounted: [
      cves.length === 0
        ? 'No entry of the catalogue says what this update fixes: only afterwards its tool tells.'
        : 'Of the update only those CVEs are counted that its entries in the catalogue name.',
    ],
  }
}
