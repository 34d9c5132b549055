/** A release of upstream's kernel. */
export interface UpstreamRelease {
  readonly numbers: readonly number[]
  /** `6.6` of 6.6.20; of 2.6.32.9 `2.6.32`: before 3.0 the third number named the release. */
  readonly branch: string
  /** Released by Linus Torvalds, and no stable update of such a one. */
  readonly isMainline: boolean
}

/** `6.6.20`, `6.7`, `2.6.32.9`. `make` names 6.7 itself 6.7.0. @returns null: it is no such number */
export const upstreamRelease = (text: string): UpstreamRelease | null => {
  if (!/^\d{1,4}(\.\d{1,6}){1,3}$/.test(text)) return null
  const numbers = text.split('.').map(Number)
  const branchLength = (numbers[0] ?? 0) < 3 ? 3 : 2
  while (numbers.length > branchLength && numbers.at(-1) === 0) numbers.pop()
  return { numbers, branch: numbers.slice(0, branchLength).join('.'), isMainline: numbers.length <= branchLength }
}

export const compareReleases = ({ numbers: left }: UpstreamRelease, { numbers: right }: UpstreamRelease): number => {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Whether what came with `change` is in `release`: mainline flows into all later ones, a stable update into its own branch only. */
export const hasReached = (change: UpstreamRelease, release: UpstreamRelease): boolean =>
  (change.isMainline || change.branch === release.branch) && compareReleases(change, release) <= 0

/** Those that are releases; null stands for none. */
export const readReleases = (versions: readonly (string | null)[]): UpstreamRelease[] =>
  versions.map((version) => (version === null ? null : upstreamRelease(version))).filter((found) => found !== null)

export const newestOf = (releases: readonly UpstreamRelease[]): UpstreamRelease | undefined => {
  let newest: UpstreamRelease | undefined
  for (const release of releases) if (newest === undefined || compareReleases(release, newest) > 0) newest = release
  return newest
}
