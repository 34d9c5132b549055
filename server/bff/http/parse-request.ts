import { DomainError, type ErrorCode } from '@rebootless/shared/domain/errors.ts'
import { fieldName, mistakesOf } from '@rebootless/shared/domain/mistakes.ts'
import type { z } from 'zod'

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

const SAID_MAX = 3

/**
 * Parses one part of a request by its schema.
 * @throws DomainError with the first three mistakes, by name and without the values, which may be secret
 */
export const parsePart = (schema: z.ZodType | undefined, value: unknown, code: ErrorCode, part: string): unknown => {
  if (schema === undefined) {
    if (value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)) {
      return undefined
    }
    throw new DomainError(code, `This route takes no ${part}: leave it out.`)
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const mistakes = mistakesOf(result.error.issues, value)
  const said = mistakes
    .slice(0, SAID_MAX)
    .map(({ path, text }) => `${path.length === 0 ? 'it' : fieldName(path)} ${text}`)
  const detail = `The ${part} cannot be used: ${said.join('; ')}.`
  throw new DomainError(code, detail, code === 'body_invalid' ? { mistakes } : undefined)
}

/**
 * The query of a URL as an object.
 * @throws DomainError for a parameter given twice, since two readers may take different ones (T08)
 */
export const readQuery = (url: string): Record<string, string> => {
  const start = url.indexOf('?')
  const query: Record<string, string> = {}
  if (start < 0) return query
  for (const [key, value] of new URLSearchParams(url.slice(start + 1))) {
    if (FORBIDDEN_KEYS.has(key))
      throw new DomainError('query_invalid', 'This parameter is not known here: leave it out.')
    if (Object.hasOwn(query, key)) {
      throw new DomainError('query_invalid', `The parameter ${key.slice(0, 64)} is given twice: give it once.`)
    }
    query[key] = value
  }
  return query
}

/**
 * Refuses a body that holds keys which reach into prototypes, or text with the one character that PostgreSQL's text cannot keep,
 * however deep; without recursion, which a deep one would exhaust.
 * @throws DomainError `body_invalid`
 */
export const refuseForbiddenParts = (body: unknown): void => {
  const waiting: (readonly [name: string, value: unknown])[] = [['the body', body]]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [name, value] = next
    if (typeof value === 'string' && value.includes('\0')) {
      throw new DomainError('body_invalid', `${name.slice(0, 64)} holds the character U+0000: leave it out.`)
    }
    if (typeof value !== 'object' || value === null) continue
    for (const [key, member] of Object.entries(value)) {
      if (FORBIDDEN_KEYS.has(key))
        throw new DomainError('body_invalid', `The key ${key} is not known here: leave it out.`)
      // What stands in a list is told by the name of the list.
      waiting.push([Array.isArray(value) ? name : key, member])
    }
  }
}
