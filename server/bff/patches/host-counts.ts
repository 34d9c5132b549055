import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'

/** How many hosts of one scope have what. */
export interface HostCounts {
  readonly total: number
  /** @param architecture null: any */
  ofKernel(release: string, architecture: string | null): number
  /** A livepatch of that name is in effect, on that kernel. */
  running(name: string, release: string, architecture: string | null): number
  withProvider(name: string): number
  /** Of hosts with that system, those at that very level, by effective kernel or patch; 0 where none is named. */
  atLevel(provider: string, level: string | null): number
}

const keyOf = (...words: readonly string[]) => words.join('\0')

/** Rows by some words, looked up by all of them, or with the architecture left out. */
const counter = (rows: readonly { words: readonly string[]; architecture: string; hosts: number }[]) => {
  const counts = new Map<string, number>()
  const add = (key: string, hosts: number) => counts.set(key, (counts.get(key) ?? 0) + hosts)
  for (const { words, architecture, hosts } of rows) {
    add(keyOf(...words), hosts)
    add(keyOf(...words, architecture), hosts)
  }
  return (words: readonly string[], architecture: string | null) =>
    counts.get(architecture === null ? keyOf(...words) : keyOf(...words, architecture)) ?? 0
}

/** Counted from the rows of hosts, once for all entries. */
export const hostCounts = async (database: Kysely<DatabaseSchema>, scope: HostScope): Promise<HostCounts> => {
  const inScope = sql`from hosts where ${scope.condition}`
  const [kernels, patches, providers, levels] = await Promise.all([
    sql<{ release: string; architecture: string; hosts: number }>`
      select kernel_release as release, architecture, count(*)::int as hosts ${inScope} group by 1, 2`.execute(
      database,
    ),
    sql<{ name: string; release: string; architecture: string; hosts: number }>`
      select patch->>'name' as name, kernel_release as release, architecture, count(*)::int as hosts
      from (select kernel_release, architecture, json_array_elements(patches) as patch ${inScope}) as them
      where patch->>'state' = 'applied' group by 1, 2, 3`.execute(database),
    sql<{ name: string; hosts: number }>`
      select name, count(*)::int as hosts from (select unnest(providers) as name ${inScope}) as them group by 1`.execute(
      database,
    ),
    sql<{ provider: string; level: string; hosts: number }>`
      select wanted.provider, wanted.level, count(*)::int as hosts
      from (select distinct provider, level from vendor_updates where level is not null) as wanted
      join hosts on wanted.provider = any(hosts.providers)
        and (hosts.effective_kernel = wanted.level or wanted.level = any(hosts.patch_names))
      where ${scope.condition} group by 1, 2`.execute(database),
  ])
  const ofKernel = counter(
    kernels.rows.map(({ release, architecture, hosts }) => ({ words: [release], architecture, hosts })),
  )
  const running = counter(
    patches.rows.map(({ name, release, architecture, hosts }) => ({ words: [name, release], architecture, hosts })),
  )
  const withProvider = new Map(providers.rows.map(({ name, hosts }) => [name, hosts]))
  const atLevel = new Map(levels.rows.map(({ provider, level, hosts }) => [keyOf(provider, level), hosts]))
  return {
    total: kernels.rows.reduce((sum, { hosts }) => sum + hosts, 0),
    ofKernel: (release, architecture) => ofKernel([release], architecture),
    running: (name, release, architecture) => running([name, release], architecture),
    withProvider: (name) => withProvider.get(name) ?? 0,
    atLevel: (provider, level) => (level === null ? 0 : (atLevel.get(keyOf(provider, level)) ?? 0)),
  }
}
