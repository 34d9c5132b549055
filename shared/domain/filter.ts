import { SEVERITIES } from './exposure/exposure-words.ts'
import { nearMatch } from './near-match.ts'
import { HOST_ORIGINS, HOST_STATES, REBOOT_ANSWERS } from './words.ts'

/** The keys of the filter language, with what completion says of each. `label` is written `label.KEY:value`. */
export const FILTER_KEYS = {
  state: 'State of the host: stalled, patched, …',
  name: 'Name of the host; * stands for any text',
  kernel: 'Kernel release as uname -r prints it: 6.12*',
  arch: 'Architecture as uname -m prints it: x86_64',
  os: 'Distribution: *bookworm*',
  provider: 'Live patching system on the host: livepatch',
  effective: 'Kernel release whose fixes a live patching system has put in',
  reboot: 'Whether the host needs a reboot: yes_but_covered',
  patch: 'A live patch that the host has, or had since its boot',
  cve: 'CVE that a live patch on the host fixes: CVE-2024-1086',
  exposed: 'CVE that the host is exposed to: CVE-2024-1086',
  severity: 'Worst severity of what it is exposed to: critical',
  origin: 'Where what is known comes from: agent, recorded, simulated',
  label: 'A label of the host: label.env:prod',
  blocking: 'Name of a task that holds a transition back',
  function: 'Function that such a task sleeps in',
  cause: 'Why a host needs someone, as the Fleet page groups it',
} as const
type FilterKey = keyof typeof FILTER_KEYS

/** Text between wildcards: `6.12*` is `['6.12', '']`; a single part has to match whole. */
export interface FilterPattern {
  readonly parts: readonly string[]
}

export interface FilterWord<Key extends string = FilterKey> {
  readonly key: Key
  /** The label's key, with `key: 'label'` only. */
  readonly label: string | null
  /** Any of them may match. */
  readonly patterns: readonly FilterPattern[]
  readonly negated: boolean
}

interface FilterError {
  /** One sentence that says what to write instead. */
  readonly detail: string
  /** Where in the text, in UTF-16 units, so that a field can mark it. */
  readonly from: number
  readonly to: number
}

export type FilterResult<Key extends string = FilterKey> =
  | { ok: true; words: FilterWord<Key>[] }
  | { ok: false; error: FilterError }

/** Which words there are: of hosts, or of something else that is filtered in the same language. */
export interface FilterGrammar<Key extends string> {
  /** `name` among them, for words without a key. `label`, where it is one, is written `label.KEY:value`. */
  readonly keys: Readonly<Record<Key, string>>
  /** Keys that take but these values. */
  readonly closed: Partial<Record<Key, readonly string[]>>
}

const FILTER_WORDS_MAX = 20
const FILTER_PATTERNS_MAX = 50
const LABEL_KEY = /^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$/
const HOST_WORDS: FilterGrammar<FilterKey> = {
  keys: FILTER_KEYS,
  closed: { severity: SEVERITIES, state: HOST_STATES, origin: HOST_ORIGINS, reboot: REBOOT_ANSWERS },
}

const isKeyOf = <Key extends string>({ keys }: FilterGrammar<Key>, key: string): key is Key => Object.hasOwn(keys, key)
const written = (key: string) => (key === 'label' ? 'label.KEY' : key)

class FilterSyntaxError extends Error {
  readonly error: FilterError
  constructor(detail: string, from: number, to: number) {
    super(detail)
    this.error = { detail, from, to }
  }
}

interface Scan {
  readonly text: string
  position: number
}

/** Reads one pattern up to a comma, a blank, or the end; quotes take blanks and commas in, `\` takes `"`, `*`, `\` in. */
const readPattern = (scan: Scan): FilterPattern => {
  const { text } = scan
  const from = scan.position
  const parts: string[] = []
  let part = ''
  let quoted = false
  for (; scan.position < text.length; scan.position++) {
    const character = text.charAt(scan.position)
    if (character === '\\' && scan.position + 1 < text.length) {
      scan.position += 1
      part += text.charAt(scan.position)
    } else if (character === '"') {
      quoted = !quoted
    } else if (character === '*') {
      // Several in a row match what one matches.
      if (part !== '' || parts.length === 0) parts.push(part)
      part = ''
    } else if (!quoted && (character === ',' || /\s/.test(character))) {
      break
    } else {
      part += character
    }
  }
  if (quoted) throw new FilterSyntaxError('A quote was opened and not closed: end it with ".', from, text.length)
  parts.push(part)
  if (parts.length === 1 && part === '') {
    throw new FilterSyntaxError(
      'A value is missing: write one behind the colon, or * for any.',
      from,
      Math.max(from, scan.position),
    )
  }
  return { parts }
}

const readPatterns = (scan: Scan): FilterPattern[] => {
  const patterns = [readPattern(scan)]
  while (scan.text.charAt(scan.position) === ',') {
    scan.position += 1
    patterns.push(readPattern(scan))
  }
  return patterns
}

const checkClosedList = (
  key: string,
  list: readonly string[] | undefined,
  patterns: readonly FilterPattern[],
  from: number,
  to: number,
): void => {
  if (list === undefined) return
  for (const { parts } of patterns) {
    const [only = ''] = parts
    if (parts.length > 1 || list.includes(only)) continue
    const near = nearMatch(only, list)
    const meant = near === undefined ? '' : ` Did you mean ${near}?`
    throw new FilterSyntaxError(`There is no ${key} “${only}”.${meant} Known: ${list.join(', ')}.`, from, to)
  }
}

const readWord = <Key extends string>(scan: Scan, grammar: FilterGrammar<Key | 'name'>): FilterWord<Key | 'name'> => {
  const from = scan.position
  const negated = scan.text.charAt(scan.position) === '-'
  if (negated) scan.position += 1
  const [head = ''] = /^[^\s:",*\\]*/.exec(scan.text.slice(scan.position)) ?? []
  if (scan.text.charAt(scan.position + head.length) !== ':') {
    // A word without a key looks for hosts by a piece of their name, as people type into any search field.
    const patterns = readPatterns(scan).map(({ parts }) => ({
      parts: ['', ...parts.filter((part) => part !== ''), ''],
    }))
    return { key: 'name', label: null, patterns, negated }
  }
  const keyEnd = scan.position + head.length
  const [key = '', ...rest] = head.split('.')
  const label = rest.length === 0 ? null : rest.join('.')
  if (!isKeyOf(grammar, key) || (key === 'label') !== (label !== null)) {
    const known = Object.keys(grammar.keys)
    const near = known.includes(key) ? key : nearMatch(key, known)
    const meant = near === undefined ? '' : ` Did you mean ${written(near)}?`
    const all = known.map(written).join(', ')
    throw new FilterSyntaxError(`There is no filter key “${head}”.${meant} Known: ${all}.`, from, keyEnd)
  }
  if (label !== null && !LABEL_KEY.test(label)) {
    throw new FilterSyntaxError(`“${label}” cannot be a label's key: use a-z, 0-9 and . _ / - between.`, from, keyEnd)
  }
  scan.position = keyEnd + 1
  const patterns = readPatterns(scan)
  checkClosedList(key, grammar.closed[key], patterns, from, scan.position)
  return { key, label, patterns, negated }
}

/**
 * Reads `state:stalled,failed -label.env:test kernel:6.12* "web 01"`: words are ANDed, a comma is OR within a word, `-`
 * before a word is NOT, `*` stands for any text, quotes take blanks in, and a word without a key is a piece of a name.
 */
export const parseFilter = (text: string): FilterResult => parseWords(text, HOST_WORDS)

/** The same, of other words. */
export const parseWords = <Key extends string>(
  text: string,
  grammar: FilterGrammar<Key | 'name'>,
): FilterResult<Key | 'name'> => {
  const scan: Scan = { text, position: 0 }
  const words: FilterWord<Key | 'name'>[] = []
  try {
    for (;;) {
      while (/\s/.test(text.charAt(scan.position))) scan.position += 1
      if (scan.position >= text.length) break
      words.push(readWord(scan, grammar))
      const patterns = words.reduce((sum, word) => sum + word.patterns.length, 0)
      if (words.length > FILTER_WORDS_MAX || patterns > FILTER_PATTERNS_MAX) {
        const detail = `A filter holds at most ${FILTER_WORDS_MAX} words and ${FILTER_PATTERNS_MAX} values: leave some out.`
        throw new FilterSyntaxError(detail, 0, text.length)
      }
    }
    return { ok: true, words }
  } catch (error) {
    if (error instanceof FilterSyntaxError) return { ok: false, error: error.error }
    throw error
  }
}

const formatPart = (part: string) => part.replaceAll(/["*\\]/g, '\\$&')

/** One word as it is typed; quoted when it has to be. `key` is `state`, `label.env`, … */
export const formatFilterWord = (key: string, value: string): string => {
  const escaped = formatPart(value)
  return /[\s,]/.test(value) || value === '' ? `${key}:"${escaped}"` : `${key}:${escaped}`
}

/** Back to text that parses to the same words. */
export const formatFilter = (words: readonly FilterWord[]): string =>
  words
    .map(({ key, label, patterns, negated }) => {
      const values = patterns.map(({ parts }) => {
        const text = parts.map(formatPart).join('*')
        return /[\s,]/.test(text) ? `"${text}"` : text
      })
      return `${negated ? '-' : ''}${label === null ? key : `${key}.${label}`}:${values.join(',')}`
    })
    .join(' ')

/** True when the text is what the pattern stands for; letters' case counts for nothing, as in the database. */
export const matchesPattern = ({ parts }: FilterPattern, text: string): boolean => {
  const lower = text.toLowerCase()
  const [first = '', ...rest] = parts.map((part) => part.toLowerCase())
  const last = rest.pop()
  if (last === undefined) return lower === first
  if (!lower.startsWith(first)) return false
  let position = first.length
  for (const part of rest) {
    const found = lower.indexOf(part, position)
    if (found < 0) return false
    position = found + part.length
  }
  return lower.length - last.length >= position && lower.endsWith(last)
}
