/**
 * Order of kernel releases and package versions, after rpm (rpmvercmp, rpmio/rpmvercmp.c) and dpkg (deb-version(7)): runs of
 * digits count as numbers, runs of letters as text, a number is newer than letters, `~` comes before the end. A release
 * candidate comes before its release (Documentation/process/2.Process.rst), also where it is written `-rc3`.
 */
export const compareVersions = (a: string, b: string): number => {
  const [left, right] = [runs(a), runs(b)]
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = compareRuns(left[index], right[index])
    if (difference !== 0) return difference
  }
  return 0
}

const runs = (text: string): string[] => text.replace(/[-._]rc(?=\.?\d)/g, '~rc').match(/\d+|[A-Za-z]+|~/g) ?? []

const compareRuns = (a: string | undefined, b: string | undefined): number => {
  if (a === b) return 0
  if (a === '~' || b === '~') return a === '~' ? -1 : 1
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1
  const [aNumber, bNumber] = [isDigits(a), isDigits(b)]
  if (aNumber !== bNumber) return aNumber ? 1 : -1
  return aNumber ? compareDigits(a, b) : compareText(a, b)
}

const isDigits = (run: string) => run.charCodeAt(0) <= 57

/** As text: the runs of a hostile name may be longer than a number holds. */
const compareDigits = (a: string, b: string): number => {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')]
  return left.length === right.length ? compareText(left, right) : left.length - right.length
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Architectures as distributions end a release with them. */
const ARCHITECTURE =
  /\.(?:x86_64|i[3-6]86|aarch64|arm64|armv7hl|armv7l|ppc64le|ppc64|s390x|s390|riscv64|loongarch64|noarch)\b/

/**
 * The line of kernels that a release belongs to, among which a newer one replaces an older: `default`, `generic`, `amd64`,
 * `el x86_64`, `eluek x86_64`, `amzn x86_64+debug`. Kernels of different kinds stand beside each other on a host.
 */
export const kernelKind = (release: string): string => {
  const architecture = ARCHITECTURE.exec(release)
  const before = architecture === null ? release : release.slice(0, architecture.index)
  const from = architecture === null ? '' : ` ${release.slice(architecture.index + 1)}`
  const distribution = /\.([a-z]+)\d+(?:_\d+)*([a-z]*)$/.exec(before)
  if (distribution !== null) return `${distribution[1]}${distribution[2]}${from}`
  const flavour = /-(?!(?:rc|arch)\d)([A-Za-z].*)$/.exec(before)
  return `${flavour?.[1] ?? ''}${from}`
}

/** The newest release of the running one's kind; null: none of that kind is there. */
export const newestOfKind = (running: string, releases: readonly string[]): string | null => {
  const kind = kernelKind(running)
  return releases
    .filter((release) => kernelKind(release) === kind)
    .reduce<string | null>(
      (newest, release) => (newest === null || compareVersions(release, newest) > 0 ? release : newest),
      null,
    )
}
