import { readFile, writeFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import path from 'node:path'
import type { Metafile } from 'esbuild'
import { readReleaseFiles, sha256OfFile } from '../cli/release/release-files.ts'
import { billOfMaterials } from './bill-of-materials.ts'
import {
  checkInstalled,
  closureOf,
  type PackageLock,
  placeOf,
  ROOT,
  readPackageLock,
  resolvePlace,
} from './package-lock.ts'

const versionOf = async (folder: string): Promise<string> =>
  JSON.parse(await readFile(path.join(ROOT, folder, 'package.json'), 'utf8')).version

const billFile = (outfile: string) => outfile.replace(/(\.mjs)?$/, '.cdx.json')

/**
 * Writes NAME.cdx.json beside NAME.mjs, from what esbuild says of the bundle. Packages that stay outside are listed with
 * all that they need, and so are those in `loaded`, which the program looks up by name while it runs.
 * @throws Error for a module or a package that is not locked
 */
export const writeBillOfBundle = async (
  outfile: string,
  { outputs }: Pick<Metafile, 'outputs'>,
  { loaded = [], lock = readPackageLock() }: { loaded?: readonly string[]; lock?: PackageLock } = {},
): Promise<void> => {
  const output = Object.values(outputs).find(({ entryPoint }) => entryPoint !== undefined)
  if (output === undefined) throw new Error(`esbuild says nothing of ${outfile}`)
  // What was read and then left out whole is not in the file.
  const modules = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  const outside = output.imports.filter(({ external }) => external === true).map(({ path: name }) => name)
  const bill = await billOf(
    {
      name: path.basename(outfile),
      files: [{ name: path.basename(outfile), sha256: await sha256OfFile(outfile) }],
      modules: modules.map(([name]) => path.posix.join('server', name)),
      beside: closureOf(lock, placesOf(lock, [...outside, ...loaded])),
    },
    lock,
  )
  await writeFile(billFile(outfile), bill)
}

/** Writes web.cdx.json into `folder`, from the built pages and the list that their build left (web/module-list.ts). */
export const writeBillOfPages = async (pages: string, folder: string): Promise<void> => {
  const files = [...(await readReleaseFiles(pages))].filter(([name]) => !name.startsWith('.vite/'))
  const bill = await billOf(
    {
      name: 'web',
      files: files.map(([name, sha256]) => ({ name: `web/${name}`, sha256 })),
      modules: JSON.parse(await readFile(path.join(pages, '.vite', 'modules.json'), 'utf8')),
    },
    readPackageLock(),
  )
  await writeFile(path.join(folder, 'web.cdx.json'), bill)
}

const billOf = async (
  built: Omit<Parameters<typeof billOfMaterials>[0], 'version'>,
  lock: PackageLock,
): Promise<string> => {
  const bill = billOfMaterials({ ...built, version: await versionOf('.') }, lock)
  for (const place of new Set(built.modules.map(placeOf))) {
    if (place !== undefined) checkInstalled(lock, place)
  }
  return `${JSON.stringify(bill, null, 2)}\n`
}

/** Places of the packages that the server imports by these names; Node's own modules are none. */
const placesOf = (lock: PackageLock, names: readonly string[]): string[] =>
  names
    .filter((name) => !name.startsWith('node:') && !builtinModules.includes(name))
    .map((name) => {
      const packageName = /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name
      const place = resolvePlace(lock, 'server', packageName)
      if (place === undefined) throw new Error(`${name} is imported, and of no package of package-lock.json`)
      return place
    })
