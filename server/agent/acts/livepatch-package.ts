import { susePackage } from '../providers/klp/package-offers.ts'
import { packagePrefix } from '../providers/kpatch/kernel-names.ts'

const RED_HAT_OR_AMAZON = /^\d+\.\d+\.\d+-\d[\d.]*\.(?:el\d+(?:_\d+)?|amzn\d+)\.(?:x86_64|aarch64|ppc64le|s390x)$/

/**
 * The one package that carries livepatches for this kernel: `kpatch-patch-5_14_0-70_13_1`, `kernel-livepatch-6.1.12-17.42`,
 * `kernel-livepatch-6_4_0-150600_23_25-default`. null: none is made for such a kernel. It goes to a package manager, so of a
 * release only digits, points and words that are known here come through.
 */
export const livepatchPackage = (provider: string, release: string): string | null => {
  if (provider === 'klp') return susePackage(release)
  return RED_HAT_OR_AMAZON.test(release) ? (packagePrefix(release)?.slice(0, -1) ?? null) : null
}

/** What a dry run says: no change; this package alone, as NAME-VERSION-RELEASE.ARCH; or more, or nothing that is understood. */
export type PackageChange = 'nothing' | { readonly package: string } | 'other'

const EDITION = /^\d[\w.~+:^-]{0,100}$/
const change = (name: string, found: string | undefined, edition = '', architecture = ''): PackageChange =>
  found === name && EDITION.test(edition) && /^\w{1,16}$/.test(architecture)
    ? { package: `${name}-${edition}.${architecture}` }
    : 'other'

const SUMMARY = /<install-summary\b[^<>]*>(.*?)<\/install-summary>/gs
/** Any other element, or a second solvable, and it is no match: attributes and texts have `<` and `>` escaped. */
const ALONE =
  /^\s*<to-(install|upgrade)>\s*<solvable type="package" name="([^"<>]+)" edition="([^"<>]+)" arch="([^"<>]+)"[^<>]*(?:\/>|>\s*<description>[^<>]*<\/description>\s*<\/solvable>)\s*<\/to-\1>\s*$/

/** `zypper --xmlout install --dry-run`: openSUSE/zypper, Summary::dumpAsXmlTo. */
export const zypperChange = (printed: string, name: string): PackageChange => {
  const summaries = [...printed.matchAll(SUMMARY)]
  const [summary] = summaries
  if (summaries.length !== 1 || summary?.[1] === undefined) return 'other'
  if (summary[1].trim() === '') return 'nothing'
  const found = ALONE.exec(summary[1])
  return change(name, found?.[2], found?.[3], found?.[4])
}

const TABLE =
  /^=+\n +Package +Arch\w* +Version +Repo\w* +Size\n=+\n(?:Installing|Upgrading|Updating):\n([^=]*)\nTransaction Summary\n=+\n(?:Install|Upgrade) +1 Package\s*?\n\s*\n/m
/** Also where it had no room in one line. What it would take the place of would stand behind it. */
const ROW = /^\s*(\S+)\s+(\S+)\s+(\S+)\s+\S+\s+[\d.]+(?:\s+[kMG])?\s*$/

/** `--assumeno` of dnf (rpm-software-management/dnf, Output.list_transaction), or of yum 3, which prints the same table. */
export const dnfChange = (printed: string, name: string): PackageChange => {
  const table = TABLE.exec(printed)
  if (table === null) return /^(?:Nothing to do\.?|No packages marked for update)$/m.test(printed) ? 'nothing' : 'other'
  const row = ROW.exec(table[1] ?? '')
  return change(name, row?.[1], row?.[3], row?.[2])
}
