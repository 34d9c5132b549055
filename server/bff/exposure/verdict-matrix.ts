import { VERDICTS, type VerdictStatus } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { type Kysely, sql } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'

/** The event loop has its turn between so many classes. */
const CLASSES_AT_ONCE = 25
/** Past moments that are kept: pages ask several questions of one. */
const MOMENTS_MAX = 8
/** What is being written has its time before it can be read: what is younger is asked for each time. */
const SETTLED_MS = 60_000

/** What each CVE is to one class. */
export interface ClassVerdicts {
  /** A byte for each CVE by its number; 0: it was not judged. Shorter where the last ones were not. */
  readonly statuses: Uint8Array
  /** Since when, in milliseconds. */
  readonly since: Float64Array
}

export interface VerdictMatrix {
  /** Ids by number; it only grows. */
  readonly cves: readonly string[]
  readonly classes: ReadonlyMap<string, ClassVerdicts>
}

/** The byte of a word; 0 is none. */
export const byteOf = (status: VerdictStatus): number => VERDICTS.indexOf(status) + 1

export interface VerdictMatrices {
  /** Of these classes, as the database has it now or had it then. A class without verdicts was not judged. */
  of(classIds: readonly string[], at: Date | null): Promise<VerdictMatrix>
}

/**
 * Verdicts in memory: ten million of hosts and CVEs come from a few hundred thousand of classes and CVEs, which a sum goes
 * through in milliseconds. Each question first asks which classes were written since, so none is answered from an old one. A past
 * moment is what holds now without what began later, and with what ended since.
 */
export const createVerdictMatrices = (database: Kysely<DatabaseSchema>, clock: Clock): VerdictMatrices => {
  const cves: string[] = []
  const numbers = new Map<string, number>()
  const present = new Map<string, ClassVerdicts>()
  const moments = new Map<number, Map<string, ClassVerdicts>>()
  let version = '0'
  let refreshing: Promise<void> | undefined

  const numberOf = (cve: string): number => {
    const known = numbers.get(cve)
    if (known !== undefined) return known
    numbers.set(cve, cves.length)
    return cves.push(cve) - 1
  }

  const read = async (classIds: readonly string[]): Promise<void> => {
    const { rows } = await sql<{ class_id: string; status: VerdictStatus; cves: string; since: string }>`
      select class_id, status, string_agg(cve_id, ',' order by cve_id) as cves,
        string_agg((extract(epoch from from_at) * 1000)::bigint::text, ',' order by cve_id) as since
      from exposure_verdicts where class_id = any(${[...classIds]}::text[]) and to_at is null
      group by class_id, status`.execute(database)
    for (const { cves: list } of rows) for (const cve of list.split(',')) numberOf(cve)
    const found = new Map(classIds.map((id) => [id, emptyOf(cves.length)]))
    for (const { class_id, status, cves: list, since } of rows) {
      const verdicts = found.get(class_id)
      const times = since.split(',')
      for (const [index, cve] of list.split(',').entries()) {
        const number = numberOf(cve)
        verdicts?.statuses.fill(byteOf(status), number, number + 1)
        verdicts?.since.fill(Number(times[index]), number, number + 1)
      }
    }
    for (const [id, verdicts] of found) present.set(id, verdicts)
  }

  const refresh = async (): Promise<void> => {
    const rows = await database
      .selectFrom('exposure_classes')
      .select(['id', 'version'])
      .where('version', '>', version)
      .orderBy('version')
      .execute()
    const ids = rows.map(({ id }) => id)
    for (let index = 0; index < ids.length; index += CLASSES_AT_ONCE) {
      await read(ids.slice(index, index + CLASSES_AT_ONCE))
    }
    version = rows.at(-1)?.version ?? version
  }

  /** Whoever comes while one is under way may know of what that one does not see: he waits for the next. */
  const refreshed = async (): Promise<void> => {
    await refreshing
    refreshing ??= refresh().finally(() => {
      refreshing = undefined
    })
    await refreshing
  }

  const then = async (classIds: readonly string[], at: Date): Promise<Map<string, ClassVerdicts>> => {
    const time = at.getTime()
    const found = new Map(classIds.map((id) => [id, without(present.get(id), time, cves.length)]))
    const { rows } = await sql<{ class_id: string; cve_id: string; status: VerdictStatus; since: string }>`
      select class_id, cve_id, status, (extract(epoch from from_at) * 1000)::bigint::text as since from exposure_verdicts
      where to_at > ${at} and from_at <= ${at} and class_id = any(${[...classIds]}::text[])`.execute(database)
    for (const row of rows) numberOf(row.cve_id)
    for (const { class_id, cve_id, status, since } of rows) {
      const number = numberOf(cve_id)
      let verdicts = found.get(class_id)
      if (verdicts !== undefined && verdicts.statuses.length <= number) {
        verdicts = without(verdicts, time, cves.length)
        found.set(class_id, verdicts)
      }
      verdicts?.statuses.fill(byteOf(status), number, number + 1)
      verdicts?.since.fill(Number(since), number, number + 1)
    }
    return found
  }

  const momentOf = (at: Date): Map<string, ClassVerdicts> => {
    const key = at.getTime()
    if (clock.now().getTime() - key < SETTLED_MS) return new Map()
    const moment = moments.get(key) ?? new Map()
    moments.delete(key)
    moments.set(key, moment)
    const [oldest] = moments.keys()
    if (moments.size > MOMENTS_MAX && oldest !== undefined) moments.delete(oldest)
    return moment
  }

  return {
    async of(classIds, at) {
      if (at === null) {
        await refreshed()
        return { cves, classes: present }
      }
      const moment = momentOf(at)
      const missing = classIds.filter((id) => !moment.has(id))
      if (missing.length > 0) {
        await refreshed()
        for (const [id, verdicts] of await then(missing, at)) moment.set(id, verdicts)
      }
      return { cves, classes: moment }
    },
  }
}

const emptyOf = (length: number): ClassVerdicts => ({
  statuses: new Uint8Array(length),
  since: new Float64Array(length),
})

/** What of it had begun at a moment. */
const without = (verdicts: ClassVerdicts | undefined, time: number, length: number): ClassVerdicts => {
  const earlier = emptyOf(length)
  if (verdicts === undefined) return earlier
  for (const [number, byte] of verdicts.statuses.entries()) {
    const since = verdicts.since[number] ?? 0
    if (byte === 0 || since > time) continue
    earlier.statuses[number] = byte
    earlier.since[number] = since
  }
  return earlier
}
