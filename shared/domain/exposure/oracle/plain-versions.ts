/** How a running version is compared with one that has the fix. */
export type VersionRule =
  /** Debian's. */
  | 'dpkg'
  | 'rpm'
  /** SUSE's `uname -r` lacks the last number of the fixed version. */
  | 'rpm_without_rebuild'
  /** Of Ubuntu's kernel that runs only the ABI is known, so of an equal one nothing is. */
  | 'abi'
  /** On disk an equal ABI is taken for the newest upload. */
  | 'abi_on_disk'

/** null: it cannot be told. */
export const isReached = (running: string, fixed: string, rule: VersionRule): boolean | null => {
  if (rule === 'dpkg') return dpkgOrder(running, fixed) >= 0
  if (rule === 'rpm') return rpmOrder(running, fixed) >= 0
  if (rule === 'rpm_without_rebuild') return rpmOrder(running, fixed.split('.').slice(0, -1).join('.')) >= 0
  const abiOf = (version: string) => version.split('.').slice(0, 3).join('.')
  const order = dpkgOrder(running, abiOf(fixed))
  if (order === 0) return rule === 'abi_on_disk' ? true : null
  return order > 0
}

/** Debian Policy 5.6.12 read aloud: initial non-digits, then digits, and so on, of the upstream version and then of the revision. */
const dpkgOrder = (left: string, right: string): number => {
  const parts = (version: string): [string, string] => {
    const at = version.lastIndexOf('-')
    return at < 0 ? [version, ''] : [version.slice(0, at), version.slice(at + 1)]
  }
  const [[upstream, revision], [otherUpstream, otherRevision]] = [parts(left), parts(right)]
  return alternating(upstream, otherUpstream) || alternating(revision, otherRevision)
}

const alternating = (left: string, right: string): number => {
  let [a, b] = [left, right]
  while (a !== '' || b !== '') {
    const [words, otherWords] = [/^\D*/.exec(a)?.[0] ?? '', /^\D*/.exec(b)?.[0] ?? '']
    for (let index = 0; index < Math.max(words.length, otherWords.length); index += 1) {
      const difference = place(words[index]) - place(otherWords[index])
      if (difference !== 0) return difference
    }
    a = a.slice(words.length)
    b = b.slice(otherWords.length)
    const [digits, otherDigits] = [/^\d*/.exec(a)?.[0] ?? '', /^\d*/.exec(b)?.[0] ?? '']
    const difference = Number(digits) - Number(otherDigits)
    if (difference !== 0) return difference
    a = a.slice(digits.length)
    b = b.slice(otherDigits.length)
  }
  return 0
}

/** Tilde, the end, letters, and everything else. */
const place = (character: string | undefined): number => {
  if (character === '~') return -1
  if (character === undefined) return 0
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : 1000 + character.charCodeAt(0)
}

/** rpmvercmp() for version and for release, an epoch of 0 left out. Kernels' versions have neither tilde nor caret. */
const rpmOrder = (left: string, right: string): number => {
  const [[version = '', release = ''], [otherVersion = '', otherRelease = '']] = [left, right].map((text) =>
    text.replace(/^0:/, '').split('-'),
  ) as [string[], string[]]
  return runs(version, otherVersion) || runs(release, otherRelease)
}

const runs = (left: string, right: string): number => {
  const [ones, others] = [left, right].map((text) => text.split(/[._]|(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)/)) as [
    string[],
    string[],
  ]
  while (ones.length > 0 && others.length > 0) {
    const [one, other] = [ones.shift() ?? '', others.shift() ?? '']
    const [isNumber, isOtherNumber] = [/^\d/.test(one), /^\d/.test(other)]
    if (isNumber !== isOtherNumber) return isNumber ? 1 : -1
    if (isNumber && Number(one) !== Number(other)) return Number(one) - Number(other)
    if (!isNumber && one !== other) return one < other ? -1 : 1
  }
  return ones.length - others.length
}
