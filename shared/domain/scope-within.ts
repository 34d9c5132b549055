import { formatFilter } from './filter.ts'
import { parseScope } from './host-scope.ts'
import { ROLES, type Role } from './words.ts'

/** Scopes that hold this much can be joined two and two and still be a filter. */
const SCOPE_WORDS_MAX = 8
const SCOPE_PATTERNS_MAX = 20

/** The scope as it is kept: each word once, written one way. */
export const normalScope = (text: string): { ok: true; scope: string } | { ok: false; detail: string } => {
  const parsed = parseScope(text)
  if (!parsed.ok) return parsed
  const patterns = parsed.words.reduce((sum, word) => sum + word.patterns.length, 0)
  if (parsed.words.length > SCOPE_WORDS_MAX || patterns > SCOPE_PATTERNS_MAX) {
    const detail = `A scope holds at most ${SCOPE_WORDS_MAX} words and ${SCOPE_PATTERNS_MAX} values: leave some out.`
    return { ok: false, detail }
  }
  return { ok: true, scope: [...wordsOf(parsed.words)].join(' ') }
}

const wordsOf = (words: Parameters<typeof formatFilter>[0]): Set<string> =>
  new Set(words.map((word) => formatFilter([word])))

const scopeWords = (scope: string): Set<string> => {
  const parsed = parseScope(scope)
  return parsed.ok ? wordsOf(parsed.words) : new Set([scope])
}

/**
 * Whether a scope selects no host that another leaves out, as far as its words tell: words are ANDed, so it is within
 * when it has all of the other's. Null is the whole fleet.
 */
export const isScopeWithin = (inner: string | null, outer: string | null): boolean => {
  if (outer === null) return true
  if (inner === null) return false
  const words = scopeWords(inner)
  return [...scopeWords(outer)].every((word) => words.has(word))
}

/** The hosts that both scopes select. */
export const joinScopes = (one: string | null, other: string | null): string | null => {
  if (one === null || other === null) return one ?? other
  return [...new Set([...scopeWords(one), ...scopeWords(other)])].join(' ')
}

/** The role with less power of two. */
export const lesserRole = (one: Role, other: Role): Role => (ROLES.indexOf(one) < ROLES.indexOf(other) ? one : other)
