import { AUDIT_RESULTS, type AuditResult } from '@rebootless/shared/domain/words.ts'

/** What the log is asked for, as the API takes it. */
export interface AuditAsked {
  search?: string
  actor?: string
  action?: string
  target?: string
  result?: AuditResult
  /** Instants; `to` itself is not in it. */
  from?: string
  to?: string
}

export const AUDIT_FILTER_KEYS = {
  actor: 'Who did it',
  action: 'What was done: user.create, or user for all of them',
  target: 'To what, by name or id',
  result: 'done, refused or failed',
  from: 'A day or a time: 2026-11-24',
  to: 'The last day, or a time',
} as const
type Key = keyof typeof AUDIT_FILTER_KEYS

export type AuditFilterResult = { ok: true; asked: AuditAsked } | { ok: false; detail: string }

const CHARACTERS_MAX = 128
const DAY = /^\d{4}-\d{2}-\d{2}$/
const TOKEN = /(?:([a-z]+):)?(?:"([^"]*)"|([^\s"]+))/g

const isKey = (word: string): word is Key => Object.hasOwn(AUDIT_FILTER_KEYS, word)

/** The begin of a day in the viewer's zone, or the end of it; a time as it stands. Undefined: neither. */
const instantOf = (text: string, end: boolean): string | undefined => {
  const at = new Date(DAY.test(text) ? `${text}T00:00:00` : text)
  if (Number.isNaN(at.getTime())) return undefined
  if (end && DAY.test(text)) at.setDate(at.getDate() + 1)
  return at.toISOString()
}

/** Reads `key:value` words, which must all hold; what has no key is looked for in the whole entry, as one text. */
export const parseAuditFilter = (text: string): AuditFilterResult => {
  const asked: AuditAsked = {}
  const free: string[] = []
  for (const [whole, key, quoted, plain] of text.matchAll(TOKEN)) {
    const value = quoted ?? plain ?? ''
    if (key === undefined) {
      free.push(value)
      continue
    }
    if (!isKey(key)) {
      return {
        ok: false,
        detail: `There is no ${key}: write ${Object.keys(AUDIT_FILTER_KEYS).join(', ')}, or put "${whole}" in quotes.`,
      }
    }
    if (asked[key] !== undefined) return { ok: false, detail: `${key} is given twice: give it once.` }
    if (value.length > CHARACTERS_MAX)
      return { ok: false, detail: `${key} is too long: ${CHARACTERS_MAX} characters are enough.` }
    if (key === 'result') {
      const result = AUDIT_RESULTS.find((word) => word === value)
      if (result === undefined) return { ok: false, detail: `A result is ${AUDIT_RESULTS.join(', ')}.` }
      asked.result = result
    } else if (key === 'from' || key === 'to') {
      const instant = instantOf(value, key === 'to')
      if (instant === undefined)
        return { ok: false, detail: `${key} is a day such as 2026-11-24, or a time such as 2026-11-24T10:30Z.` }
      asked[key] = instant
    } else if (key === 'action' && !/^[a-z_]{1,40}(\.[a-z_]{1,20})?$/.test(value)) {
      return { ok: false, detail: 'An action is a subject or a subject and a verb: user, user.create.' }
    } else asked[key] = value
  }
  const search = free.join(' ')
  if (search.length > CHARACTERS_MAX)
    return { ok: false, detail: `${CHARACTERS_MAX} characters are enough to look for.` }
  return { ok: true, asked: search === '' ? asked : { ...asked, search } }
}

/** The filter with one word in place of those of the same key; an empty value takes them out. */
export const withAuditWord = (filter: string, key: Key, value: string): string => {
  const others = [...filter.matchAll(TOKEN)].filter(([, other]) => other !== key).map(([whole]) => whole)
  const word = /[\s"]/.test(value) ? `${key}:"${value.replaceAll('"', ' ')}"` : `${key}:${value}`
  return [...others, ...(value === '' ? [] : [word])].join(' ')
}
