import type { FleetPatch } from '../fleet/patch-images.ts'
import type { Answer, ToolHost } from './stand-in.ts'

/** A package by its parts, as rpm(8) names them. */
interface Package {
  readonly name: string
  readonly edition: string
  readonly architecture: string
}

/** NAME-VERSION-RELEASE.ARCH */
const partsOf = (whole: string): Package => {
  const [, name = '', edition = '', architecture = ''] = /^(.+)-([^-]+-[^-]+)\.(\w+)$/.exec(whole) ?? []
  return { name, edition, architecture }
}

export const packageName = (whole: string): string => partsOf(whole).name

/** The newest that is published for the host, and the one that is there; as `packageOf` names a patch's package. */
export interface Packages {
  readonly newest: string | null
  readonly installed: string | null
}

export const packagesFor = (
  { plan }: ToolHost,
  installed: FleetPatch | undefined,
  packageOf: (patch: FleetPatch) => string,
): Packages => {
  const newest = plan.patches.at(-1)
  return {
    newest: newest === undefined ? null : packageOf(newest),
    installed: installed === undefined ? null : packageOf(installed),
  }
}

const LINE = '='.repeat(80)

/** `--assumeno install NAME`, `--assumeno update NAME` of dnf and yum: Output.list_transaction of dnf 4. */
export const dnfDryRun = (verb: string, asked: string, { newest, installed }: Packages, isYum: boolean): Answer => {
  if (newest === null || packageName(newest) !== asked) {
    return { stdout: `No match for argument: ${asked}\n`, stderr: 'Error: Nothing to do\n', exitCode: 1 }
  }
  if (installed === newest) return { stdout: isYum ? 'No packages marked for update\n' : 'Nothing to do.\nComplete!\n' }
  if (installed === null && verb === 'update') {
    return {
      stdout: `No match for argument: ${asked}\n`,
      stderr: 'Error: No packages marked for upgrade.\n',
      exitCode: 1,
    }
  }
  // Of what is there already, `install` says so and no more, unless the newest is asked for by its version.
  if (installed !== null && verb === 'install')
    return { stdout: `Package ${installed} is already installed.\nNothing to do.\n` }
  const { name, edition, architecture } = partsOf(newest)
  const [title, counted] =
    verb === 'install' ? ['Installing', 'Install'] : [isYum ? 'Updating' : 'Upgrading', 'Upgrade']
  const head = ` Package                           Architecture Version           Repo     Size`
  return {
    stdout: [
      ...[
        'Dependencies resolved.',
        LINE,
        head,
        LINE,
        `${title}:`,
        ` ${name}  ${architecture}  ${edition}  updates  24 k`,
      ],
      ...['', 'Transaction Summary', LINE, `${counted}  1 Package`, '', 'Total download size: 24 k', ''],
    ].join('\n'),
    stderr: 'Operation aborted.\n',
    exitCode: 1,
  }
}

const stream = (inside: string): string =>
  `<?xml version='1.0'?>\n<stream>\n<message type="info">Reading installed packages...</message>\n${inside}</stream>\n`

/** `zypper --xmlout install --dry-run NAME`: Summary::dumpAsXmlTo of zypper 1.14. */
export const zypperDryRun = (asked: string, { newest, installed }: Packages): Answer => {
  if (newest === null || packageName(newest) !== asked) {
    return {
      stdout: stream(`<message type="error">Package &apos;${asked}&apos; not found.</message>\n`),
      exitCode: 104,
    }
  }
  const { name, edition, architecture } = partsOf(newest)
  const old = installed === null ? '' : ` edition-old="${partsOf(installed).edition}" arch-old="${architecture}"`
  const section = installed === null ? 'to-install' : 'to-upgrade'
  const change =
    installed === newest
      ? ''
      : `<${section}>\n<solvable type="package" name="${name}" edition="${edition}" arch="${architecture}"${old} summary="Kernel live patch"/>\n</${section}>\n`
  return {
    stdout: stream(`<install-summary download-size="24576" space-usage-diff="0">\n${change}</install-summary>\n`),
  }
}

/** `zypper --xmlout search --details --match-exact NAME` */
export const zypperSearch = (asked: string, { newest, installed }: Packages): Answer => {
  if (newest === null || packageName(newest) !== asked) {
    return { stdout: stream('<message type="info">No matching items found.</message>\n'), exitCode: 104 }
  }
  const rows = [...new Set([newest, ...(installed === null ? [] : [installed])])].map((whole) => {
    const { name, edition, architecture } = partsOf(whole)
    const status = whole === installed ? 'installed' : installed === null ? 'not-installed' : 'other-version'
    return `<solvable status="${status}" name="${name}" kind="package" edition="${edition}" arch="${architecture}" repository="updates"/>\n`
  })
  return {
    stdout: stream(
      `<search-result version="0.0">\n<solvable-list>\n${rows.join('')}</solvable-list>\n</search-result>\n`,
    ),
  }
}
