import { FILTER_KEYS, formatFilterWord } from '@rebootless/shared/domain/filter.ts'

/** The filter's words as typed: split at blanks outside quotes. */
export const splitFilter = (text: string): string[] => text.match(/(?:\\.|"(?:\\.|[^"\\])*"|[^\s"\\]|["\\])+/g) ?? []

export const withWord = (filter: string, word: string): string => {
  const words = splitFilter(filter)
  return words.includes(word) ? filter : [...words, word].join(' ')
}

export const withoutWord = (filter: string, index: number): string =>
  splitFilter(filter)
    .filter((_, place) => place !== index)
    .join(' ')

/** `label.env:prod` in its two parts, the sign with the key; a bare word has no key. */
export const partsOf = (word: string): { key: string; value: string } => {
  const colon = word.indexOf(':')
  return colon < 0 ? { key: '', value: word } : { key: word.slice(0, colon + 1), value: word.slice(colon + 1) }
}

export interface Completion {
  /** What the field holds when it is taken. */
  text: string
  about: string
  /** False for a key, which still wants its value. */
  whole: boolean
}

/** Values that occur, by filter key: `state`, `kernel`, `label.env`, … */
export type KnownValues = ReadonlyMap<string, readonly string[]>

const COMPLETIONS_MAX = 12

/** What the word being typed can become, from real keys and real values. */
export const completionsOf = (
  typed: string,
  known: KnownValues,
  filterKeys: Readonly<Record<string, string>> = FILTER_KEYS,
): Completion[] => {
  const negated = typed.startsWith('-') ? '-' : ''
  const word = typed.slice(negated.length)
  const { key, value } = partsOf(word)
  if (key === '') {
    const labels = [...known.keys()].filter((name) => name.startsWith('label.'))
    const keys = [...Object.keys(filterKeys).filter((name) => name !== 'label'), ...labels]
    return keys
      .filter((name) => name.toLowerCase().includes(word.toLowerCase()))
      .slice(0, COMPLETIONS_MAX)
      .map((name) => ({ text: `${negated}${name}:`, about: filterKeys[name] ?? 'A label of the host', whole: false }))
  }
  const name = key.slice(0, -1)
  // A comma begins another value of the same word: `state:stalled,failed`.
  const comma = value.lastIndexOf(',') + 1
  const before = value.slice(0, comma)
  const begun = value.slice(comma).replaceAll('"', '').toLowerCase()
  return (known.get(name) ?? [])
    .filter((candidate) => candidate.toLowerCase().includes(begun))
    .slice(0, COMPLETIONS_MAX)
    .map((candidate) => {
      const formatted = formatFilterWord(name, candidate).slice(key.length)
      return { text: `${negated}${key}${before}${formatted}`, about: '', whole: true }
    })
}
