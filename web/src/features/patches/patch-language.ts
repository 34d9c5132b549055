import type { PatchSummary } from '@rebootless/shared/contract/patches.ts'
import { PATCH_FILTER_KEYS, parsePatchFilter } from '@rebootless/shared/domain/patch-filter.ts'
import { PATCH_KINDS } from '@rebootless/shared/domain/patch-words.ts'
import { UPDATABLE_PROVIDERS } from '@rebootless/shared/domain/updatable-providers.ts'
import type { FilterLanguage } from '../../shell/filter-bar.tsx'
import type { KnownValues } from '../../shell/filter-words.ts'

export const PATCH_LANGUAGE: FilterLanguage = { subject: 'patches', keys: PATCH_FILTER_KEYS, parse: parsePatchFilter }

const YES_NO = ['yes', 'no'] as const

/** Values for completion: closed lists, and what occurs in the entries that were fetched. */
export const knownPatchValues = (entries: readonly PatchSummary[]): KnownValues => {
  const values = new Map<string, readonly string[]>([
    ['kind', PATCH_KINDS],
    ['provider', UPDATABLE_PROVIDERS],
    ['signed', [...YES_NO, 'unknown']],
    ['cumulative', [...YES_NO, 'unknown']],
    ['fits', YES_NO],
    ['running', YES_NO],
  ])
  const add = (key: string, of: (entry: PatchSummary) => readonly (string | null | undefined)[]) => {
    const found = entries.flatMap(of).filter((value): value is string => typeof value === 'string' && value !== '')
    values.set(key, [...new Set(found)].sort())
  }
  const modulesOf = ({ module, set }: PatchSummary) => (module === null ? (set?.modules ?? []) : [module])
  add('name', ({ name }) => [name])
  add('cve', ({ cves }) => cves)
  add('release', (entry) => modulesOf(entry).map(({ release }) => release))
  add('arch', (entry) => modulesOf(entry).map(({ architecture }) => architecture))
  add('publisher', ({ signedBy }) => signedBy)
  add('by', ({ uploadedBy }) => [uploadedBy])
  return values
}
