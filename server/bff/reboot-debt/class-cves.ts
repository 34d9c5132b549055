import { type ExceptionInEffect, holdsCve } from '@rebootless/shared/domain/compliance/exceptions.ts'
import type { Severity } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

/** Worst first. */
interface ClassCves {
  readonly onDisk: readonly string[]
  readonly byKernel: readonly string[]
}

export interface OpenCves {
  /**
   * What of a class only a boot fixes, for hosts that these exceptions hold, and whose tools would bring those fixes without a boot.
   * @param accepting by the index of the exception
   */
  of(
    classId: string | null,
    accepting: (exception: number) => boolean,
    offered: readonly string[],
  ): { readonly cvesOnDisk: readonly string[]; readonly cvesWithoutLivepatch: readonly string[] }
}

export interface ClassCvesReader {
  read(classIds: readonly string[], exceptions: readonly ExceptionInEffect[]): Promise<OpenCves>
}

const NONE: ClassCves = { onDisk: [], byKernel: [] }

/** Keeps what was judged of each class until it is judged otherwise: hundreds of lists that seldom change. */
export const createClassCves = (database: Kysely<DatabaseSchema>): ClassCvesReader => {
  const kept = new Map<string, ClassCves & { readonly version: string }>()

  const refresh = async (ids: readonly string[]): Promise<void> => {
    if (ids.length === 0) return
    const versions = await database
      .selectFrom('exposure_classes')
      .select(['id', 'version'])
      .where('id', 'in', ids)
      .execute()
    const old = versions.filter(({ id, version }) => kept.get(id)?.version !== version).map(({ id }) => id)
    if (old.length === 0) return
    const rows = await database
      .selectFrom('exposure_classes')
      .select(['id', 'version', 'disk_cves', 'kernel_cves'])
      .where('id', 'in', old)
      .execute()
    for (const { id, version, disk_cves: onDisk, kernel_cves: byKernel } of rows) {
      kept.set(id, { version, onDisk, byKernel })
    }
  }

  return {
    async read(classIds, exceptions) {
      await refresh(classIds)
      const severities = exceptions.some(({ subject }) => subject.kind === 'severity')
        ? await readSeverities(database)
        : new Map<string, Severity>()
      return {
        of(classId, accepting, offered) {
          const { onDisk, byKernel } = (classId === null ? undefined : kept.get(classId)) ?? NONE
          const without = new Set(offered)
          const isOpen = (id: string) => {
            const cve = { id, severity: severities.get(id) ?? 'unknown' }
            return !exceptions.some((exception, index) => accepting(index) && holdsCve(exception, cve))
          }
          return {
            cvesOnDisk: exceptions.length === 0 ? onDisk : onDisk.filter(isOpen),
            cvesWithoutLivepatch:
              exceptions.length + without.size === 0
                ? byKernel
                : byKernel.filter((id) => !without.has(id) && isOpen(id)),
          }
        },
      }
    },
  }
}

const readSeverities = async (database: Kysely<DatabaseSchema>): Promise<Map<string, Severity>> => {
  const { rows } = await sql<{ cve_id: string; severity: Severity }>`
    select cve_id, severity from cve_facts where to_at is null`.execute(database)
  return new Map(rows.map(({ cve_id, severity }) => [cve_id, severity]))
}
