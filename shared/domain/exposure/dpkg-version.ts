/**
 * Versions of Debian's packages, as `dpkg --compare-versions` orders them: Debian Policy, section 5.6.12, and deb-version(7).
 * Negative: left is the older.
 */
export const compareDpkgVersions = (left: string, right: string): number => {
  const [a, b] = [split(left), split(right)]
  return a.epoch - b.epoch || compareParts(a.upstream, b.upstream) || compareParts(a.revision, b.revision)
}

const split = (version: string) => {
  const colon = version.indexOf(':')
  const epoch = colon === -1 ? 0 : Number.parseInt(version.slice(0, colon), 10) || 0
  const rest = version.slice(colon + 1)
  const dash = rest.lastIndexOf('-')
  return dash === -1
    ? { epoch, upstream: rest, revision: '' }
    : { epoch, upstream: rest.slice(0, dash), revision: rest.slice(dash + 1) }
}

const isDigit = (code: number) => code >= 48 && code <= 57
const isLetter = (code: number) => (code >= 65 && code <= 90) || (code >= 97 && code <= 122)

/** A tilde sorts before the end, letters before all other characters. */
const weight = (code: number): number => {
  if (Number.isNaN(code) || isDigit(code)) return 0
  if (code === 126) return -1
  return isLetter(code) ? code : code + 256
}

const compareParts = (left: string, right: string): number => {
  let [i, j] = [0, 0]
  while (i < left.length || j < right.length) {
    while ((i < left.length && !isDigit(left.charCodeAt(i))) || (j < right.length && !isDigit(right.charCodeAt(j)))) {
      const difference = weight(left.charCodeAt(i)) - weight(right.charCodeAt(j))
      if (difference !== 0) return difference
      i += 1
      j += 1
    }
    const [first, second] = [digitsAt(left, i), digitsAt(right, j)]
    i += first.length
    j += second.length
    const difference = compareDigits(first, second)
    if (difference !== 0) return difference
  }
  return 0
}

const digitsAt = (text: string, from: number): string => {
  let end = from
  while (end < text.length && isDigit(text.charCodeAt(end))) end += 1
  return text.slice(from, end)
}

/** Of any length: a number would lose digits beyond 2^53. */
export const compareDigits = (left: string, right: string): number => {
  const [a, b] = [left.replace(/^0+/, ''), right.replace(/^0+/, '')]
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}
