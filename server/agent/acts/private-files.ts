import { randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, open, readdir, readFile, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModuleFiles } from '../programs/programs.ts'
import { sha256Of } from './get-artefact.ts'
import type { KeptArtefacts } from './ports.ts'

/** How many modules are kept to be put in again; the one used longest ago goes first. */
const KEPT_MAX = 8

/** A folder that only the agent's own user can look into. Rejects when somebody else's stands in its place. */
export const privateFolder = async (path: string): Promise<string> => {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const facts = await lstat(path)
  if (!facts.isDirectory() || facts.uid !== (process.geteuid?.() ?? 0))
    throw new Error(`${path} is not the agent's own`)
  if ((facts.mode & 0o077) !== 0) await chmod(path, 0o700)
  return path
}

/** On a real host: each copy is new, read only, and gone after use; what its hash is taken over is read back from the disk. */
export const privateModuleFiles = (dataDirectory: string): ModuleFiles => ({
  async put(bytes) {
    const folder = await privateFolder(join(dataDirectory, 'inserting'))
    // What a crash has left behind.
    for (const name of await readdir(folder)) await rm(join(folder, name), { force: true })
    const path = join(folder, `${randomBytes(8).toString('hex')}.ko`)
    await writeNew(path, bytes, 0o400)
    return { path, read: () => readFile(path), remove: () => rm(path, { force: true }) }
  },
})

/** `artefacts` in the data directory. A file that is no longer what its name says counts as none. */
export const keptArtefacts = (dataDirectory: string): KeptArtefacts => {
  const pathOf = (sha256: string) => join(dataDirectory, 'artefacts', sha256)
  return {
    async read(sha256) {
      const bytes = await readFile(pathOf(sha256)).catch(() => undefined)
      return bytes !== undefined && sha256Of(bytes) === sha256 ? bytes : undefined
    },
    async keep(sha256, bytes) {
      const folder = await privateFolder(join(dataDirectory, 'artefacts'))
      const now = new Date()
      if ((await this.read(sha256)) !== undefined) return utimes(pathOf(sha256), now, now)
      await rm(pathOf(sha256), { force: true })
      await writeNew(pathOf(sha256), bytes, 0o600)
      const files = await Promise.all(
        (await readdir(folder)).map(async (name) => ({ name, usedMs: (await lstat(join(folder, name))).mtimeMs })),
      )
      files.sort((one, other) => other.usedMs - one.usedMs)
      for (const { name } of files.slice(KEPT_MAX)) await rm(join(folder, name), { force: true })
    },
  }
}

/** O_EXCL: it never follows a link, nor writes into what is there. */
const writeNew = async (path: string, bytes: Uint8Array, mode: number): Promise<void> => {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}
