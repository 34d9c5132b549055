import { type FilterGrammar, type FilterPattern, type FilterWord, matchesPattern, parseWords } from '../filter.ts'
import { HOST_ORIGINS, type HostOrigin } from '../words.ts'

/** What is kept of a host for every past moment, so that a filter over it answers the same years later. */
export interface FilteredHost {
  readonly name: string
  readonly origin: HostOrigin
  readonly labels: Readonly<Record<string, string>>
  readonly release: string
  readonly architecture: string
}

type Key = 'name' | 'label' | 'kernel' | 'arch' | 'origin'
export type ComplianceWord = FilterWord<Key>

const GRAMMAR: FilterGrammar<Key> = {
  keys: {
    name: 'Name of the host; * stands for any text',
    label: 'A label of the host: label.env:prod',
    kernel: 'Kernel release as uname -r prints it: 6.12*',
    arch: 'Architecture as uname -m prints it: x86_64',
    origin: 'Where what is known comes from: agent, recorded, simulated',
  },
  closed: { origin: HOST_ORIGINS },
}

/** Reads a filter; `detail` says what to write instead. */
export const parseComplianceFilter = (
  text: string,
): { ok: true; words: readonly ComplianceWord[] } | { ok: false; detail: string } => {
  const parsed = parseWords<Key>(text, GRAMMAR)
  return parsed.ok ? parsed : { ok: false, detail: parsed.error.detail }
}

const textOf = (host: FilteredHost, { key, label }: ComplianceWord): string | undefined => {
  switch (key) {
    case 'name':
      return host.name
    case 'label':
      return Object.hasOwn(host.labels, label ?? '') ? host.labels[label ?? ''] : undefined
    case 'kernel':
      return host.release
    case 'arch':
      return host.architecture
    case 'origin':
      return host.origin
  }
}

/** An exact label counts letters' case, as in the database (filter-sql.ts); all else does not. */
const matches = (word: ComplianceWord, pattern: FilterPattern, text: string): boolean =>
  word.key === 'label' && pattern.parts.length === 1 ? pattern.parts[0] === text : matchesPattern(pattern, text)

/** Whether all words hold. What is not known matches nothing, so its negation matches. */
export const matchesHost = (words: readonly ComplianceWord[], host: FilteredHost): boolean =>
  words.every((word) => {
    const text = textOf(host, word)
    return word.negated !== (text !== undefined && word.patterns.some((pattern) => matches(word, pattern, text)))
  })
