import type { HostFit, PatchFit, PatchFitQuery } from '@rebootless/shared/contract/patch-hosts.ts'
import { patchFit } from '@rebootless/shared/domain/patch-fit.ts'
import type { FitHost } from '@rebootless/shared/domain/patch-fit-host.ts'
import type { FitModule } from '@rebootless/shared/domain/patch-fit-order.ts'
import { type Fit, fitOf, misfit, missing } from '@rebootless/shared/domain/patch-fit-reasons.ts'
import { vendorFit } from '@rebootless/shared/domain/patch-fit-vendor.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { filterConditions } from '../hosts/filter-sql.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { type Entry, readEntry } from './entries.ts'
import type { FitHosts, HostRow, NamedHost } from './fit-hosts.ts'
import { pageOf, sortByKey } from './host-pages.ts'

export type CatalogueModule = FitModule & { readonly id: string }

/** Modules of the catalogue for some kernels, with their facts. */
export const modulesOfKernels = async (
  database: Kysely<DatabaseSchema>,
  releases: readonly string[],
): Promise<CatalogueModule[]> => {
  if (releases.length === 0) return []
  const rows = await database
    .selectFrom('artefacts')
    .select(['sha256', 'name', 'srcversion', 'release_counter', 'facts'])
    .select(sql<string>`split_part(vermagic, ' ', 1)`.as('release'))
    .where(sql<boolean>`split_part(vermagic, ' ', 1) = any(${[...new Set(releases)]}::text[])`)
    .orderBy('release_counter', 'desc')
    .execute()
  return rows.map((row) => ({
    ...{ id: row.sha256, name: row.name, release: row.release, srcversion: row.srcversion },
    ...{ releaseCounter: row.release_counter, facts: row.facts },
  }))
}

/** Of a module itself, of a set all of its modules. */
export const moduleIdsOf = (entry: Entry): string[] => entry.set?.modules.map(({ id }) => id) ?? [entry.id]

const machineOf = ({ facts }: FitModule) => facts?.architecture ?? null
const isFor = (module: FitModule, host: { readonly release: string; readonly architecture: string }): boolean =>
  module.release === host.release && (machineOf(module) ?? host.architecture) === host.architecture

const setMisfit = ({ release, architecture }: FitHost): Fit =>
  release === ''
    ? fitOf([missing('not_read', 'Nothing has been read of this host yet.')], [])
    : fitOf([misfit('release', `None of the set’s modules is for ${release} on ${architecture}.`)], [])

/** For one entry: what of it would go to a host, and whether it can. */
const deciderOf = async (
  database: Kysely<DatabaseSchema>,
  entry: Entry,
): Promise<{
  isAbout: (host: HostRow) => boolean
  decide: (host: NamedHost) => Fit & { readonly module: string | null }
}> => {
  const { vendorUpdate } = entry
  if (vendorUpdate !== null) {
    return {
      // Without its tool nothing of the host bears on it; what was never read may have it.
      isAbout: ({ providers }) => providers.includes(vendorUpdate.provider),
      decide: ({ facts }) => ({ ...vendorFit(vendorUpdate, facts), module: null }),
    }
  }
  const ids = moduleIdsOf(entry)
  const releases = entry.set?.modules.map(({ release }) => release) ?? [entry.module?.release ?? '']
  const catalogue = await modulesOfKernels(database, releases)
  const own = catalogue.filter(({ id }) => ids.includes(id))
  return {
    isAbout: (host) => own.some((module) => isFor(module, host)),
    decide({ facts }) {
      const module = own.find((one) => isFor(one, facts)) ?? (entry.kind === 'set' ? undefined : own[0])
      if (module === undefined) return { ...setMisfit(facts), module: null }
      const others = catalogue.filter(({ id, release }) => id !== module.id && release === module.release)
      return { ...patchFit(module, facts, others), module: isFor(module, facts) ? module.id : null }
    },
  }
}

/**
 * Which hosts of a scope can take a patch, counted over all that the filter holds, and a page of them.
 * @throws DomainError `patch_not_found`, `filter_invalid`, `cursor_invalid`
 */
export const readPatchFit = async (
  database: Kysely<DatabaseSchema>,
  hosts: FitHosts,
  scope: HostScope,
  id: string,
  query: PatchFitQuery,
  now: Date,
): Promise<PatchFit> => {
  const entry = await readEntry(database, id)
  const { isAbout, decide } = await deciderOf(database, entry)
  const found = await hosts.read(scope, filterConditions(query.filter), isAbout)
  const decided = found.map((host) => ({ host, fit: decide(host) }))

  const counts = { yes: 0, no: 0, unknown: 0 }
  const reasons = new Map<string, PatchFit['reasons'][number]>()
  for (const { fit } of decided) {
    counts[fit.fits] += 1
    for (const { code, kind } of new Map(fit.reasons.map((reason) => [reason.code, reason])).values()) {
      const counted = reasons.get(code)
      reasons.set(code, { code, kind, hosts: (counted?.hosts ?? 0) + 1 })
    }
  }
  const asked = decided.filter(
    ({ fit }) =>
      (query.fits === undefined || fit.fits === query.fits) &&
      (query.reason === undefined || fit.reasons.some(({ code }) => code === query.reason)),
  )
  const key = ({ host }: (typeof decided)[number]) => [host.name.toLowerCase(), host.id]
  const page = pageOf(sortByKey(asked, key), key, query, JSON.stringify([id, query.filter, query.fits, query.reason]))
  return {
    ...{ counts, reasons: [...reasons.values()].sort((left, right) => right.hosts - left.hosts) },
    items: page.items.map(
      ({ host, fit }): HostFit => ({
        host: { id: host.id, name: host.name, kernelRelease: host.facts.release },
        ...{ fits: fit.fits, module: fit.module, replaces: [...fit.replaces], reasons: [...fit.reasons] },
      }),
    ),
    ...{ nextCursor: page.nextCursor, total: asked.length, asOf: now.toISOString() },
  }
}
