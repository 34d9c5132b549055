import { createHash } from 'node:crypto'
import { DomainError } from '@rebootless/shared/domain/errors.ts'

const VERSION = '1'

/** A cursor goes with one filter and one order: with another it would skip or repeat hosts without a word. */
const fingerprint = (filter: string, sort: string) =>
  createHash('sha256').update(`${sort}\0${filter}`).digest('base64url').slice(0, 12)

/** U+0000 parts the texts; none of them can hold it, since PostgreSQL's text cannot. */
export const encodeCursor = (filter: string, sort: string, key: readonly string[]): string =>
  Buffer.from([VERSION, fingerprint(filter, sort), ...key].join('\0')).toString('base64url')

/** @throws DomainError `cursor_invalid` */
export const decodeCursor = (
  filter: string,
  sort: string,
  cursor: string,
  isKey: (key: readonly string[]) => boolean,
): string[] => {
  const [version, print, ...key] = Buffer.from(cursor, 'base64url').toString('utf8').split('\0')
  if (version !== VERSION || print !== fingerprint(filter, sort) || !isKey(key)) {
    throw new DomainError(
      'cursor_invalid',
      'This cursor does not go with this filter and order: leave it out to begin at the first page.',
    )
  }
  return key
}
