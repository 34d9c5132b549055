import { createHash } from 'node:crypto'
import { dependenciesOf, type LockedPackage, nameOf, type PackageLock, placeOf } from './package-lock.ts'

interface Hash {
  readonly alg: 'SHA-256' | 'SHA-512'
  readonly content: string
}
interface Component {
  readonly type: 'application' | 'library' | 'file'
  readonly 'bom-ref'?: string
  readonly group?: string
  readonly name: string
  readonly version?: string
  readonly hashes?: readonly Hash[]
  readonly licenses?: readonly ({ readonly license: { readonly id: string } } | { readonly expression: string })[]
  readonly purl?: string
  readonly properties?: readonly { readonly name: string; readonly value: string }[]
  readonly components?: readonly Component[]
}

/** CycloneDX 1.6 (ECMA-424), as far as it is written here. */
export interface BillOfMaterials {
  readonly $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json'
  readonly bomFormat: 'CycloneDX'
  readonly specVersion: '1.6'
  readonly serialNumber: string
  readonly version: 1
  readonly metadata: { readonly lifecycles: readonly [{ readonly phase: 'build' }]; readonly component: Component }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

/** What was built, and what went in. Paths are from the repository's root, with slashes. */
export interface Built {
  readonly name: string
  readonly version: string
  /** What is shipped, and its SHA-256 in hex. */
  readonly files: readonly { readonly name: string; readonly sha256: string }[]
  /** As the bundler names them. */
  readonly modules: readonly string[]
  /** Packages that it finds in node_modules when it runs, by their places in the lock. */
  readonly beside?: readonly string[]
}

const OWN = /^(server|shared|web)\/(?!.*node_modules\/)/
/** What a bundler puts in of itself: `\0vite/preload-helper.js`, `\0rolldown/runtime.js`. */
const OF_A_BUNDLER = /^\0(vite|rolldown)\//
const WORKSPACES = ['shared', 'server', 'web']

/** The place of the package that a module is of; undefined: our own. */
const packageOf = (module: string, lock: PackageLock): string | undefined => {
  if (OWN.test(module)) return undefined
  const bundler = OF_A_BUNDLER.exec(module)?.[1]
  const place = bundler === undefined ? placeOf(module) : `node_modules/${bundler}`
  if (place === undefined || lock[place]?.version === undefined) {
    throw new Error(`${JSON.stringify(module)} is in the bundle, and of no package of package-lock.json`)
  }
  return place
}

/** https://github.com/package-url/purl-spec, type npm: the scope is the namespace, and its @ is percent-encoded. */
const purlOf = (name: string, version: string): string => `pkg:npm/${name.replace(/^@/, '%40')}@${version}`

/** npm's hash is of the archive as published, in base64; CycloneDX has it in hex. */
const hashesOf = (integrity: string | undefined): Hash[] => {
  const base64 = /^sha512-(\S+)$/.exec(integrity ?? '')?.[1]
  return base64 === undefined ? [] : [{ alg: 'SHA-512', content: Buffer.from(base64, 'base64').toString('hex') }]
}

/** One id of SPDX, or an expression of several. */
const licensesOf = (license: string | undefined) =>
  license === undefined ? [] : [/^[\w.+-]+$/.test(license) ? { license: { id: license } } : { expression: license }]

const filesOf = (names: readonly string[]): Component[] => [...names].sort().map((name) => ({ type: 'file', name }))

const componentOf = (place: string, entry: LockedPackage, modules: readonly string[]): Component => {
  const [, group, name = ''] = /^(?:(@[^/]+)\/)?(.+)$/.exec(nameOf(place, entry)) ?? []
  const { version = '' } = entry
  const inside = modules.length > 0
  return {
    type: 'library',
    'bom-ref': place,
    ...(group !== undefined && { group }),
    name,
    version,
    hashes: hashesOf(entry.integrity),
    licenses: licensesOf(entry.license),
    purl: purlOf(nameOf(place, entry), version),
    properties: [{ name: 'rebootless:place', value: inside ? 'in the file' : place }],
    ...(inside && { components: filesOf(modules) }),
  }
}

/**
 * The bill of materials of one program: each package with its version, licence, hash and modules, from the bundler's own
 * list and package-lock.json. The same for the same input: no time, and a serial number that is a hash (threat-model T34).
 * @throws Error for a module that is neither our own nor of a locked package
 */
export const billOfMaterials = (built: Built, lock: PackageLock): BillOfMaterials => {
  const { name, version, files, modules, beside = [] } = built
  const own: string[] = []
  const byPlace = new Map<string, string[]>(beside.map((place) => [place, []]))
  for (const module of new Set(modules)) {
    const place = packageOf(module, lock)
    if (place === undefined) own.push(module)
    else byPlace.set(place, [...(byPlace.get(place) ?? []), module.replace('\0', '')])
  }
  const places = [...byPlace.keys()].sort()
  const listed = new Set(places)
  const among = (found: readonly string[]) => [...new Set(found)].filter((place) => listed.has(place)).sort()
  const components = places.map((place) => {
    const entry = lock[place]
    if (entry?.version === undefined) throw new Error(`${place} is not in package-lock.json`)
    return componentOf(place, entry, byPlace.get(place) ?? [])
  })
  const [only, ...others] = files
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: {
        type: 'application',
        'bom-ref': name,
        name,
        version,
        licenses: licensesOf('Apache-2.0'),
        ...(only !== undefined && others.length === 0 && { hashes: sha256(only.sha256) }),
        components: [
          ...(others.length > 0 ? files : []).map(
            (file): Component => ({ type: 'file', name: file.name, hashes: sha256(file.sha256) }),
          ),
          ...filesOf(own),
        ],
      },
    },
    components,
    dependencies: [
      { ref: name, dependsOn: among(WORKSPACES.flatMap((folder) => dependenciesOf(lock, folder, true))) },
      ...places.map((place) => ({ ref: place, dependsOn: among(dependenciesOf(lock, place)) })),
    ],
  } as const satisfies Omit<BillOfMaterials, 'serialNumber'>
  const { $schema, bomFormat, specVersion, ...rest } = bill
  return { $schema, bomFormat, specVersion, serialNumber: serialNumber(JSON.stringify(bill)), ...rest }
}

const sha256 = (content: string): Hash[] => [{ alg: 'SHA-256', content }]

/** A UUID of version 8 (RFC 9562, §5.8), made of the content's hash. */
const serialNumber = (content: string): string => {
  const bytes = createHash('sha256').update(content).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return `urn:uuid:${bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}`
}
