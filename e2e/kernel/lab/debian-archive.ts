import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { cacheDirectory, exists } from './cache.ts'
import { withFreshLists } from './packages.ts'
import { run } from './run.ts'

/** Packages of another release or architecture of Debian than the host's. */
export interface DebianArchive {
  /** Default: the host's own. */
  readonly suite?: string
  /** Debian's name of the architecture. */
  readonly architecture: string
}

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/**
 * Downloads packages and all that they need to run, and unpacks them into a folder. The state of apt is one of our own, so
 * that the host's lists, architectures and packages stay as they are; whence Debian comes is taken from the host's sources.
 */
export async function unpackWithDependencies(
  archive: DebianArchive,
  names: readonly string[],
  folder: string,
): Promise<void> {
  const options = await aptOptions(archive)
  await run('apt-get', [...options, 'update'])
  const downloads = path.join(folder, 'downloads')
  await mkdir(path.join(downloads, 'partial'), { recursive: true })
  const install = ['install', '-y', '--no-install-recommends', '--download-only', ...names]
  await run('apt-get', [...options, '-o', `Dir::Cache::archives=${downloads}`, ...install])
  for (const file of await packagesIn(downloads)) await run('dpkg-deb', ['-x', file, folder])
  await rm(downloads, { recursive: true })
}

/** Downloads one package alone: the newest whose name matches, as versions are compared. Answers the file. */
export async function downloadNewest(archive: DebianArchive, name: RegExp, folder: string): Promise<string> {
  const options = await aptOptions(archive)
  await run('apt-get', [...options, 'update'])
  const names = (await run('apt-cache', [...options, 'pkgnames'])).split('\n').filter((one) => name.test(one))
  const newest = names.sort((one, other) => one.localeCompare(other, 'en', { numeric: true })).at(-1)
  if (newest === undefined) throw new Error(`Debian ${archive.suite} has no package ${name}.`)
  await run('apt-get', [...options, 'download', newest], folder)
  const file = (await packagesIn(folder)).at(-1)
  if (file === undefined) throw new Error(`apt-get download ${newest} left no file.`)
  return file
}

const packagesIn = async (folder: string) =>
  (await readdir(folder)).filter((name) => name.endsWith('.deb')).map((name) => path.join(folder, name))

async function aptOptions({ suite, architecture }: DebianArchive): Promise<string[]> {
  const { uri, codename } = await withFreshLists(hostArchive)
  const wanted = suite ?? codename
  const home = path.join(cacheDirectory, `apt-${wanted}-${architecture}`)
  for (const folder of ['state/lists/partial', 'cache/archives/partial']) {
    await mkdir(path.join(home, folder), { recursive: true })
  }
  await writeFile(path.join(home, 'status'), '')
  const signedBy = (await exists(KEYRING)) ? `[signed-by=${KEYRING}] ` : ''
  await writeFile(path.join(home, 'sources.list'), `deb ${signedBy}${uri} ${wanted} main\n`)
  const settings = {
    'Dir::State': path.join(home, 'state'),
    'Dir::State::status': path.join(home, 'status'),
    'Dir::Cache': path.join(home, 'cache'),
    'Dir::Etc::sourcelist': path.join(home, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::Etc::preferencesparts': '-',
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
    // apt's own user may not reach the cache of a checkout.
    'APT::Sandbox::User': '',
    'Acquire::Languages': 'none',
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
}

/** Where the host has Debian from, and which release. */
async function hostArchive(): Promise<{ uri: string; codename: string }> {
  const format = ['--format', '$(ORIGIN) $(COMPONENT) $(CODENAME) $(REPO_URI)', 'Created-By: Packages']
  for (const line of (await run('apt-get', ['indextargets', ...format])).split('\n')) {
    const [origin, component, codename = '', uri] = line.split(' ')
    // Those of updates and of security have a hyphen in their names.
    if (origin === 'Debian' && component === 'main' && !codename.includes('-') && uri !== undefined) {
      return { uri, codename }
    }
  }
  throw new Error("No Debian release in this host's apt sources.")
}
