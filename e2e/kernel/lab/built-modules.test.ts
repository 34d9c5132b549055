// Goal: what a module is read to say is what its source says, with each kernel's headers and compiler as they are now, not
// only with those of the day on which the modules beside the reader were built. Method: built anew, read, compared.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { moduleFileOf } from '@rebootless/server/bff/patches/module/module-file.ts'
import { readModule } from '@rebootless/server/bff/patches/module/read-module.ts'
import { BUILT_FOLDER } from '@rebootless/server/bff/patches/module/test-built.ts'
import { EXPECTED } from '@rebootless/server/bff/patches/module/test-expected.ts'
import { beforeAll, describe, expect, test } from 'vitest'
import { KERNELS, type KernelTree, kernelTree } from './kernel-tree.ts'
import { modulesOf } from './modules.ts'
import { ensureHostPackages } from './packages.ts'

describe.each(KERNELS)('Linux %s', (kernel) => {
  let tree: KernelTree
  let folder: string
  beforeAll(async () => {
    tree = await kernelTree(kernel)
    await ensureHostPackages(tree.hostPackages)
    folder = await modulesOf(tree, BUILT_FOLDER, 'read')
  })

  test.each(EXPECTED)('$name', async ({ name, ...expected }) => {
    const facts = readModule(moduleFileOf(await readFile(path.join(folder, `${name}.ko`))))
    expect(facts).toMatchObject({ ...expected, name, release: tree.release, architecture: tree.architecture.machine })
  })
})
