import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** One entry of package-lock.json's `packages`, version 3 (docs.npmjs.com, package-lock.json). */
export interface LockedPackage {
  /** Only where it is not what the path says: an alias. */
  readonly name?: string
  readonly version?: string
  readonly license?: string
  /** Subresource integrity of the published archive. */
  readonly integrity?: string
  readonly link?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}
/** By place: `node_modules/ws`, `server`. */
export type PackageLock = Readonly<Record<string, LockedPackage>>

export const readPackageLock = (root: string = ROOT): PackageLock =>
  JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages

/** The place of the package that holds the file; undefined for a file of our own. */
export const placeOf = (file: string): string | undefined =>
  /^((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]

/** The package's own name: an alias has it in its entry, all others in their place. */
export const nameOf = (place: string, { name }: LockedPackage): string =>
  name ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)

/** Where Node finds `name` from the package at `from`: its own node_modules first, then those above it. */
export const resolvePlace = (lock: PackageLock, from: string, name: string): string | undefined => {
  for (let folder = from; ; folder = path.posix.dirname(folder)) {
    const place = path.posix.join(folder, 'node_modules', name)
    if (lock[place] !== undefined && lock[place].link !== true) return place
    if (folder === '.' || folder === '') return undefined
  }
}

/** Places of what a package names in its manifest and the lock has, but for peers that it can do without. */
export const dependenciesOf = (lock: PackageLock, from: string, withTools = false): string[] => {
  const {
    dependencies,
    optionalDependencies,
    devDependencies,
    peerDependencies = {},
    peerDependenciesMeta = {},
  } = lock[from] ?? {}
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true)
  const named = { ...dependencies, ...optionalDependencies, ...(withTools && devDependencies) }
  const places = [...Object.keys(named), ...peers].map((name) => resolvePlace(lock, from, name))
  return [...new Set(places.filter((place) => place !== undefined))]
}

/** `places` with all that they need, and what those need. */
export const closureOf = (lock: PackageLock, places: readonly string[]): string[] => {
  const found = new Set<string>()
  const visit = (place: string) => {
    if (found.has(place)) return
    found.add(place)
    for (const next of dependenciesOf(lock, place)) visit(next)
  }
  for (const place of places) visit(place)
  return [...found]
}

/** @throws Error when another version is installed than the lock names: what is bundled would not be what is listed. */
export const checkInstalled = (lock: PackageLock, place: string, root: string = ROOT): void => {
  const { version } = JSON.parse(readFileSync(path.join(root, place, 'package.json'), 'utf8'))
  if (version !== lock[place]?.version) {
    throw new Error(`${place} is installed as ${version}, and locked as ${lock[place]?.version}: run npm ci`)
  }
}
