import { cp, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { cachedFolder, contentHash, kernelFolder } from './cache.ts'
import type { KernelTree } from './kernel-tree.ts'
import { run } from './run.ts'

const sources = path.join(kernelFolder, 'modules')
const readerSource = path.join(kernelFolder, 'guest/reader.c')

/** The folder with our modules (`NAME.ko`), built for this kernel. */
export const builtModules = (tree: KernelTree): Promise<string> => modulesOf(tree, sources, 'modules')

/** The folder with the modules of which `from` holds the sources and a Kbuild, built for this kernel. */
export async function modulesOf(tree: KernelTree, from: string, what: string): Promise<string> {
  const names = (await readdir(from)).filter((name) => /^Kbuild$|\.[ch]$/.test(name)).sort()
  const contents = await Promise.all(names.map((name) => readFile(path.join(from, name))))
  const hash = contentHash([...names, ...contents, ...tree.make])
  return await cachedFolder(`${what}-${tree.architecture.machine}-${tree.release}-${hash}`, async (draft) => {
    for (const name of names) await cp(path.join(from, name), path.join(draft, name))
    await run('make', ['-C', tree.headers, `M=${draft}`, '-j2', ...tree.make, 'modules'])
    const built = (await readdir(draft)).filter((name) => name.endsWith('.ko'))
    await run(tool(tree, 'strip'), ['--strip-debug', ...built], draft)
  })
}

const tool = ({ architecture: { triplet } }: KernelTree, name: string) =>
  triplet === null ? name : `${triplet}-${name}`

/** A program that sleeps in a chosen file under a chosen name, see its source. */
export async function builtReader({ compiler }: KernelTree): Promise<string> {
  const hash = contentHash([compiler, await readFile(readerSource)])
  const folder = await cachedFolder(`reader-${hash}`, async (draft) => {
    const flags = ['-O2', '-Wall', '-static', '-pthread', '-s']
    await run(compiler, [...flags, '-o', path.join(draft, 'lab-reader'), readerSource])
  })
  return path.join(folder, 'lab-reader')
}
