import { VERDICTS, type VerdictStatus } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { type Kysely, sql } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { holdsAt } from './host-rows.ts'

/** The event loop has its turn between so many classes. */
const CLASSES_AT_ONCE = 25
/** Past moments that are kept: pages ask several questions of one. */
const MOMENTS_MAX = 8
/** What is being written has its time before it can be read: what is younger is asked for each time. */
const SETTLED_MS = 60_000

/** What each CVE is to each class: a byte each, by the CVE's number; 0: it was not judged. */
export interface VerdictMatrix {
  /** Ids by number; it only grows. */
  readonly cves: readonly string[]
  readonly classes: ReadonlyMap<string, Uint8Array>
}

/** The word of a byte, but 0. */
export const statusOf = (byte: number): VerdictStatus => VERDICTS[byte - 1] ?? 'unknown'

const EMPTY = new Uint8Array(0)

interface Moment {
  readonly classes: Map<string, Uint8Array>
}

export interface VerdictMatrices {
  /** Of these classes, as the database has it now or had it then. A class without an entry was not judged. */
  of(classIds: readonly string[], at: Date | null): Promise<VerdictMatrix>
}

/**
 * Verdicts in memory: ten million of hosts and CVEs come from a few hundred thousand of classes and CVEs, which a sum goes
 * through in milliseconds. Each question first asks which classes were written since, so none is answered from an old one.
 */
export const createVerdictMatrices = (database: Kysely<DatabaseSchema>, clock: Clock): VerdictMatrices => {
  const cves: string[] = []
  const numbers = new Map<string, number>()
  const present: Moment & { version: string } = { classes: new Map(), version: '0' }
  const moments = new Map<number, Moment>()
  let refreshing: Promise<void> | undefined

  const numberOf = (cve: string): number => {
    const known = numbers.get(cve)
    if (known !== undefined) return known
    numbers.set(cve, cves.length)
    return cves.push(cve) - 1
  }

  const read = async (into: Map<string, Uint8Array>, classIds: readonly string[], at: Date | null): Promise<void> => {
    for (let index = 0; index < classIds.length; index += CLASSES_AT_ONCE) {
      const ids = classIds.slice(index, index + CLASSES_AT_ONCE)
      const { rows } = await sql<{ class_id: string; status: VerdictStatus; cves: string }>`
        select class_id, status, string_agg(cve_id, ',') as cves from exposure_verdicts
        where class_id = any(${ids}::text[]) and ${holdsAt(at, 'exposure_verdicts')}
        group by class_id, status`.execute(database)
      const found = new Map<string, [number, number][]>()
      for (const { class_id, status, cves: list } of rows) {
        const byte = VERDICTS.indexOf(status) + 1
        const pairs = found.get(class_id) ?? []
        for (const cve of list.split(',')) pairs.push([numberOf(cve), byte])
        found.set(class_id, pairs)
      }
      for (const id of ids) {
        const pairs = found.get(id)
        if (pairs === undefined) into.set(id, EMPTY)
        else {
          const bytes = new Uint8Array(cves.length)
          for (const [number, byte] of pairs) bytes[number] = byte
          into.set(id, bytes)
        }
      }
    }
  }

  const refresh = async (): Promise<void> => {
    const rows = await database
      .selectFrom('exposure_classes')
      .select(['id', 'version'])
      .where('version', '>', present.version)
      .orderBy('version')
      .execute()
    const last = rows.at(-1)
    if (last === undefined) return
    // Of classes that were left by their hosts, only what was asked for before is kept up to date.
    await read(
      present.classes,
      rows.map(({ id }) => id),
      null,
    )
    present.version = last.version
  }

  /** Whoever comes while one is under way may have written what that one does not see: he waits for the next. */
  const refreshed = async (): Promise<void> => {
    await refreshing
    refreshing ??= refresh().finally(() => {
      refreshing = undefined
    })
    await refreshing
  }

  const momentOf = (at: Date): Moment => {
    const key = at.getTime()
    if (clock.now().getTime() - key < SETTLED_MS) return { classes: new Map() }
    const moment = moments.get(key) ?? { classes: new Map() }
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
        return { cves, classes: present.classes }
      }
      const { classes } = momentOf(at)
      await read(
        classes,
        classIds.filter((id) => !classes.has(id)),
        at,
      )
      return { cves, classes }
    },
  }
}
