/** How a release that a tool names stands to the one that runs; `another`: it is not of the same upstream series. */
export type ReleaseOrder = 'same' | 'newer' | 'older' | 'another'

const numbers = (release: string): number[] => (release.match(/\d{1,9}/g) ?? []).map(Number)

/**
 * Compares what a tool calls the effective kernel with `uname -r`. Tools name it by release or by package
 * (`5.15.0-89.99` beside `5.15.0-89-generic`), so only numbers are compared, as far as both have them.
 *
 * @returns null where the two are not numbered alike: Debian's packages carry the stable release's number, its
 * `uname -r` an ABI's (`6.1.172-1` beside `6.1.0-56-amd64`)
 */
export const compareToRunning = (named: string, running: string): ReleaseOrder | null => {
  const [left, right] = [numbers(named), numbers(running)]
  if (left.length < 2 || right.length < 2) return null
  if (left[0] !== right[0] || left[1] !== right[1]) return 'another'
  if (left[2] !== right[2]) return null
  const common = Math.min(left.length, right.length)
  for (let index = 3; index < common; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference > 0 ? 'newer' : 'older'
  }
  return 'same'
}
