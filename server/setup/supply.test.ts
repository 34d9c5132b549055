// Goal: what is installed is what was reviewed, from the registry, and runs nothing while it is installed. Method: the lock
// file, the manifests and npm's settings are read as they stand in the repository.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

interface Locked {
  readonly version?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly link?: boolean
  readonly inBundle?: boolean
}
interface Manifest {
  readonly workspaces?: readonly string[]
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const read = (name: string) => readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8')
const LOCKS = ['package-lock.json', 'e2e/bench/lighthouse/package-lock.json']
const root = JSON.parse(read('package.json')) as Manifest
const folders = [...(root.workspaces ?? []), 'e2e/bench/lighthouse']
const manifests = ['package.json', ...folders.map((folder) => `${folder}/package.json`)].map(
  (name) => [name, JSON.parse(read(name)) as Manifest] as const,
)

describe.each(LOCKS)('T34 the lock file %s', (name) => {
  const lock = JSON.parse(read(name)) as { packages: Record<string, Locked> }
  const installed = Object.entries(lock.packages).filter(
    ([path, { link }]) => path.includes('node_modules/') && link !== true,
  )
  test('holds a strong hash of every package', () => {
    expect(installed.length).toBeGreaterThan(100)
    const without = installed.filter(
      ([, { integrity, inBundle }]) => inBundle !== true && !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''),
    )
    expect(without.map(([path]) => path)).toEqual([])
  })
  test('takes all of them from a registry, and none from an address', () => {
    const elsewhere = installed.filter(
      ([, { version = '', resolved = '' }]) => !/^\d+\.\d+\.\d+/.test(version) || /^(git|http:|file:)/.test(resolved),
    )
    expect(elsewhere.map(([path]) => path)).toEqual([])
  })
})

describe('T34 the manifests', () => {
  test.each(manifests)('%s pins each version', (_name, { dependencies, devDependencies, optionalDependencies }) => {
    const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
    const loose = all.filter(([, version]) => !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    expect(loose).toEqual([])
  })
  test.each(manifests)('%s runs nothing while it is installed', (_name, { scripts = {} }) => {
    const running = Object.keys(scripts).filter((name) => /^(pre|post)?(install|prepare|publish)$/.test(name))
    expect(running).toEqual([])
  })
  test('npm runs no script of a package, and keeps exact versions', () => {
    const settings = read('.npmrc').split('\n')
    expect(settings).toEqual(expect.arrayContaining(['ignore-scripts=true', 'save-exact=true', 'engine-strict=true']))
  })
})
