import { type FilterWord, parseFilter } from './filter.ts'

/** A scope that cannot be used: `detail` says what to write instead. */
export type ScopeResult = { ok: true; words: readonly FilterWord[] } | { ok: false; detail: string }

/**
 * Reads a person's scope: words of the filter language that select by labels alone, such as `label.env:staging`, since
 * a host's labels are given by people and by nothing that it says itself.
 */
export const parseScope = (text: string): ScopeResult => {
  const parsed = parseFilter(text)
  if (!parsed.ok) return { ok: false, detail: parsed.error.detail }
  if (parsed.words.length === 0)
    return { ok: false, detail: 'An empty scope is no scope: leave it out for the whole fleet.' }
  if (parsed.words.some(({ key }) => key !== 'label')) {
    return { ok: false, detail: 'A scope selects hosts by their labels alone: write label.KEY:value.' }
  }
  return { ok: true, words: parsed.words }
}
