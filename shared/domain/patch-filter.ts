import type { PatchSummary } from '../contract/patches.ts'
import { type FilterResult, type FilterWord, matchesPattern, parseWords } from './filter.ts'
import { PATCH_KINDS } from './patch-words.ts'
import { UPDATABLE_PROVIDERS } from './updatable-providers.ts'

/** The keys by which the catalogue is filtered, with what completion says of each. */
export const PATCH_FILTER_KEYS = {
  name: 'Name of the patch; * stands for any text',
  kind: 'module, set, or vendor_update',
  cve: 'CVE that it fixes: CVE-2024-1086',
  release: 'Kernel release that it was made for: 6.12*',
  arch: 'Architecture that it was made for: x86_64',
  provider: 'Whose tool brings it: ksplice',
  signed: 'Whether the kernel finds a signature in the module',
  publisher: 'Publisher whose signature over the file is good',
  cumulative: 'Whether it takes the place of all before it',
  fits: 'Whether a host runs a kernel that it was made for',
  running: 'Whether it is in effect on a host',
  function: 'Function that it replaces: nfs4_*',
  by: 'Who put it here',
} as const
export type PatchFilterKey = keyof typeof PATCH_FILTER_KEYS

/** `unknown`: the file does not say, or was not read. */
const ANSWERS = ['yes', 'no', 'unknown'] as const

const GRAMMAR = {
  keys: PATCH_FILTER_KEYS,
  closed: {
    ...{ kind: PATCH_KINDS, provider: UPDATABLE_PROVIDERS, signed: ANSWERS, cumulative: ANSWERS },
    ...{ fits: ['yes', 'no'], running: ['yes', 'no'] },
  },
}

/** As shared/domain/filter.ts reads the words of hosts. */
export const parsePatchFilter = (text: string): FilterResult<PatchFilterKey> =>
  parseWords<PatchFilterKey>(text, GRAMMAR)

const answer = (value: boolean | null) => (value === null ? 'unknown' : value ? 'yes' : 'no')

/** What of an entry a word is held against; none: the word does not match, and its negation does. */
const textsOf = (entry: PatchSummary, key: PatchFilterKey, functionsOf: FunctionsOf): readonly string[] => {
  const { module, set, vendorUpdate } = entry
  switch (key) {
    case 'name':
      return [entry.name]
    case 'kind':
      return [entry.kind]
    case 'cve':
      return entry.cves
    case 'release':
      return module === null ? (set?.modules ?? []).map(({ release }) => release) : [module.release]
    case 'arch':
      return (module === null ? (set?.modules ?? []) : [module]).flatMap(({ architecture }) => architecture ?? [])
    case 'provider':
      return vendorUpdate === null ? [] : [vendorUpdate.provider]
    case 'signed':
      return module === null ? [] : [answer(module.moduleSigned)]
    case 'publisher':
      return entry.signedBy
    case 'cumulative':
      return module === null ? [] : [answer(module.replace)]
    case 'fits':
      return [answer(entry.hosts.ofItsKernel > 0)]
    case 'running':
      return [answer(entry.hosts.running > 0)]
    case 'function':
      return functionsOf(entry)
    case 'by':
      return [entry.uploadedBy]
  }
}

type FunctionsOf = (entry: PatchSummary) => readonly string[]

/**
 * Whether an entry is what all words ask for.
 * @param functionsOf names of the functions that it replaces, as far as its file shows them; asked only by a word about them
 */
export const matchesPatch = (
  words: readonly FilterWord<PatchFilterKey>[],
  entry: PatchSummary,
  functionsOf: FunctionsOf = () => [],
): boolean =>
  words.every(({ key, patterns, negated }) => {
    const texts = textsOf(entry, key, functionsOf)
    return patterns.some((pattern) => texts.some((text) => matchesPattern(pattern, text))) !== negated
  })
