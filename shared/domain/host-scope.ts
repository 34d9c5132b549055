import { type FilterWord, parseFilter } from './filter.ts'

/** A scope that cannot be used: `detail` says what to write instead. */
export type ScopeResult = { ok: true; words: readonly FilterWord[] } | { ok: false; detail: string }

/**
 * Reads a person's scope: words of the filter language that select by labels alone, such as `label.env:staging`, since
 * a host's labels are given by people and by nothing that it says itself.
 */
export const parseScope = (text: string): ScopeResult => {
  const parsed = parseFilter(text)
  if (!parsed.ok) {
    // Labels are written KEY:value everywhere else, so that is what people try first.
    const meant = withLabelKeys(text)
    const detail = selectsByLabels(meant) ? `A scope says label. before each key: write ${meant}.` : parsed.error.detail
    return { ok: false, detail }
  }
  if (parsed.words.length === 0)
    return { ok: false, detail: 'An empty scope is no scope: leave it out for the whole fleet.' }
  if (parsed.words.some(({ key }) => key !== 'label')) {
    return { ok: false, detail: 'A scope selects hosts by their labels alone: write label.KEY:value.' }
  }
  return { ok: true, words: parsed.words }
}

const withLabelKeys = (text: string): string => text.trim().replace(/(^|\s)(-?)(?!label\.)(?=[^\s:"]+:)/g, '$1$2label.')

const selectsByLabels = (text: string): boolean => {
  const parsed = parseFilter(text)
  return parsed.ok && parsed.words.every(({ key }) => key === 'label')
}
