import { compareDigits } from './dpkg-version.ts'

/**
 * `[EPOCH:]VERSION-RELEASE` of packages of rpm: rpm-version(7), rpmvercmp() in rpm's rpmio/rpmvercmp.c. A missing epoch is 0.
 * Negative: left is the older.
 */
export const compareRpmVersions = (left: string, right: string): number => {
  const [a, b] = [split(left), split(right)]
  return a.epoch - b.epoch || compareRpmParts(a.version, b.version) || compareRpmParts(a.release, b.release)
}

const split = (text: string) => {
  const [, epoch = '0', version = '', release = ''] = /^(?:(\d{1,9}):)?([^-]*)(?:-(.*))?$/s.exec(text) ?? []
  return { epoch: Number(epoch), version, release }
}

const SEGMENT = /\d+|[A-Za-z]+|[~^]/g

/** rpmvercmp(): runs of digits and of letters, whatever stands between them; a tilde is older than the end, a caret newer. */
export const compareRpmParts = (left: string, right: string): number => {
  const [ones, others] = [left.match(SEGMENT) ?? [], right.match(SEGMENT) ?? []]
  for (let index = 0; index < Math.max(ones.length, others.length); index += 1) {
    const difference = compareSegments(ones[index], others[index])
    if (difference !== 0) return difference
  }
  return 0
}

/** `~` < the end < `^` < letters < digits. Letters are compared by their codes, as strcmp() does. */
const compareSegments = (one: string | undefined, other: string | undefined): number => {
  const difference = rank(one) - rank(other)
  if (difference !== 0 || one === undefined || other === undefined) return difference
  if (rank(one) === DIGITS) return compareDigits(one, other)
  return one < other ? -1 : one > other ? 1 : 0
}

const DIGITS = 4
const rank = (segment: string | undefined): number => {
  if (segment === undefined) return 1
  if (segment === '~') return 0
  if (segment === '^') return 2
  return /^\d/.test(segment) ? DIGITS : 3
}
