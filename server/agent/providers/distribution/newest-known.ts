import type { ProviderHost } from '../provider.ts'
import { compareVersions, kernelKind } from './compare-releases.ts'

const APT_CACHE = '/usr/bin/apt-cache'
const TIME_MS = 20_000
const RELEASES_MAX = 64
/** apt.conf(5), Dir::State::lists. */
const LISTS = '/var/lib/apt/lists'
const RELEASE_FILES_MAX = 32
/** The fields come before the hashes, and the date among them. */
const RELEASE_HEAD_BYTES = 2048

/**
 * The newest kernel of the running one's kind in the package lists that apt has stored; Debian's and Ubuntu's meta packages name it
 * (`linux-image-amd64` depends on `linux-image-6.1.0-56-amd64`). With rpm it would take dnf or zypper seconds to answer, each time.
 * null: none stored, or not such a distribution.
 */
export const readNewestKnown = async (host: ProviderHost): Promise<string | null> => {
  const { id, versionId } = host.operatingSystem
  const kind = kernelKind(host.kernel.release)
  if ((id !== 'debian' && id !== 'ubuntu') || !/^[a-z][a-z0-9-]{0,40}$/.test(kind) || !(await host.exists(APT_CACHE)))
    return null
  const names = [`linux-image-${kind}`]
  if (id === 'ubuntu' && /^\d\d\.\d\d$/.test(versionId ?? '')) names.push(`linux-image-${kind}-hwe-${versionId}`)
  // Without cache files of its own it writes nothing: apt.conf(5), Dir::Cache.
  const quiet = ['-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache=']
  const shown = await host.run(APT_CACHE, [...quiet, 'show', '--no-all-versions', ...names], {
    timeMs: TIME_MS,
    dependsOn: await listsState(host),
  })
  return shown.ok && !shown.truncated
    ? newestOf(host.kernel.release, parseMetaPackages(shown.stdout).slice(0, RELEASES_MAX))
    : null
}

/**
 * Which lists are stored, and their archives' own dates (`Date` in a Release file, Debian's repository format): they change with `apt
 * update` alone, and apt-cache reads all packages of Debian for its answer: half a second of a processor, and more on a small host.
 */
const listsState = async (host: ProviderHost): Promise<string> => {
  const files = await host.list(LISTS)
  if (!files.ok) return files.errno
  const names = files.value.map(({ name }) => name).sort()
  const releases = names.filter((name) => /_(?:In)?Release$/.test(name)).slice(0, RELEASE_FILES_MAX)
  const heads: string[] = []
  for (const name of releases) {
    const head = await host.readText(`${LISTS}/${name}`, { bytesMax: RELEASE_HEAD_BYTES, unlisted: true })
    heads.push(head.ok ? head.value : head.errno)
  }
  return JSON.stringify([names, heads])
}

/** Releases of the images that the packages depend on. */
export const parseMetaPackages = (text: string): string[] =>
  text
    .split('\n')
    .flatMap((line) =>
      line.startsWith('Depends:')
        ? [...line.matchAll(/(?<=[ ,|])linux-image-(\d[\w.+~-]{0,112})/g)].flatMap(([, release = '']) => [release])
        : [],
    )

/**
 * Ubuntu has two lines for a release, the first kernel's and that of hardware enablement, so the running kernel's own line is looked at
 * first, then what is newer.
 */
export const newestOf = (running: string, offered: readonly string[]): string | null => {
  const line = (release: string) => /^\d+\.\d+/.exec(release)?.[0]
  const newer = offered.filter((release) => compareVersions(release, running) >= 0).sort(compareVersions)
  return newer.findLast((release) => line(release) === line(running)) ?? newer.at(-1) ?? null
}
