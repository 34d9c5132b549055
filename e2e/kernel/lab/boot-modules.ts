import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { cachedFolder, contentHash } from './cache.ts'
import type { KernelTree } from './kernel-tree.ts'
import { run } from './run.ts'

/** What a lab machine needs beyond its kernel; which of them are built in differs between the kernels. */
const WANTED = ['virtio_pci', 'virtio_console', 'virtio_net', 'virtio_blk']

export interface BootModule {
  readonly name: string
  readonly content: Uint8Array
}

/** In the order in which they load. */
export async function bootModules(tree: KernelTree): Promise<BootModule[]> {
  const { modules } = tree
  if (modules === undefined) return []
  const folder = await cachedFolder(`boot-modules-${tree.release}-${contentHash(WANTED)}`, async (draft) => {
    const files = await readdir(modules, { recursive: true })
    const order: string[] = []
    const add = async (name: string): Promise<void> => {
      const file = files.find((candidate) => [`${name}.ko`, `${name}.ko.xz`].includes(path.basename(candidate)))
      if (file === undefined || order.includes(name)) return
      const copy = path.join(draft, path.basename(file))
      await copyFile(path.join(modules, file), copy)
      if (copy.endsWith('.xz')) await run('xz', ['-d', copy])
      const needs = (await run('modinfo', ['-F', 'depends', path.join(draft, `${name}.ko`)])).trim()
      for (const needed of needs.split(',').filter((text) => text !== '')) await add(needed)
      order.push(name)
    }
    for (const name of WANTED) await add(name)
    await writeFile(path.join(draft, 'order'), order.join('\n'))
  })
  const names = (await readFile(path.join(folder, 'order'), 'utf8')).split('\n').filter((name) => name !== '')
  return await Promise.all(
    names.map(async (name) => ({ name, content: await readFile(path.join(folder, `${name}.ko`)) })),
  )
}
