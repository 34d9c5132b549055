import type { PatchComparison } from '@rebootless/shared/contract/patch-comparison.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type ComparedModule, comparePatches } from '@rebootless/shared/domain/patch-compare.ts'
import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { readEntry, readFacts } from './entries.ts'

const compared = async (database: Kysely<DatabaseSchema>, id: string): Promise<ComparedModule> => {
  const { cves, releaseCounter, name } = await readEntry(database, id)
  const facts = await readFacts(database, id)
  if (facts === undefined) {
    throw new DomainError('patch_refused', `Of ${name} nothing but its metadata was read: upload its file again.`)
  }
  return { id, cves, releaseCounter: releaseCounter ?? 0, facts }
}

/** @throws DomainError `patch_not_found`, `patch_refused` */
export const compareModules = async (
  database: Kysely<DatabaseSchema>,
  left: string,
  right: string,
): Promise<PatchComparison> => comparePatches(await compared(database, left), await compared(database, right))
