import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, type ReadStream } from 'node:fs'
import { chmod, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { ModuleFacts } from '@rebootless/shared/contract/module-facts.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { ReadUpload } from './module/read-upload.ts'
import { readUploadApart, type UploadWork } from './module/upload-reader.ts'

export const ARTEFACT_BYTES_MAX = 64 * 1024 * 1024
const UPLOADS_AT_ONCE = 4
/** A draft that is older is of a program that died. */
const DRAFT_MS_MAX = 60 * 60_000

export interface StoredArtefact {
  readonly sha256: string
  readonly size: number
  readonly facts: ModuleFacts
}

type RecordArtefact<T> = (artefact: StoredArtefact, publish: () => Promise<void>) => Promise<T>

export interface ArtefactFiles {
  /**
   * Streams a module to the disk, unpacks it if it is packed, reads it, and hands it to `record`, which puts it under its
   * hash by `publish` once all else is written down; nothing is left of one that is refused or not recorded (T14).
   * @throws DomainError `artefact_refused`, `body_too_large`, `artefact_quota`, and what `record` throws
   */
  keep<T>(bytes: AsyncIterable<Buffer>, record: RecordArtefact<T>): Promise<T>
  /** Undefined when there is no such file. */
  read(sha256: string): Promise<{ size: number; stream: ReadStream } | undefined>
  /**
   * What a file that is kept says of itself.
   * @throws DomainError `artefact_refused`
   */
  factsOf(sha256: string): Promise<ModuleFacts>
  /** Nothing happens when there is no such file. */
  remove(sha256: string): Promise<void>
}

/**
 * Modules as files of the data folder, each named by its hash: `DATA/artefacts/HASH.ko`, mode 0600.
 * @param readUpload of a stranger's file in a thread of its own; who made the files himself may read them in his
 */
export const openArtefactFiles = async (
  dataFolder: string,
  readUpload: (work: UploadWork) => Promise<ReadUpload> = readUploadApart,
): Promise<ArtefactFiles> => {
  const folder = path.join(dataFolder, 'artefacts')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  await removeOldDrafts(folder)
  const pathOf = (sha256: string) => path.join(folder, `${sha256}.ko`)
  let uploads = 0

  const keep = async <T>(bytes: AsyncIterable<Buffer>, record: RecordArtefact<T>): Promise<T> => {
    const draft = path.join(folder, `${randomUUID()}.part`)
    await mkdir(draft, { mode: 0o700 })
    try {
      const upload = await write(path.join(draft, 'upload'), bytes)
      if (upload.size === 0) {
        throw new DomainError('artefact_refused', 'This is no ELF file: it is empty. Send the module as the body.')
      }
      const { facts, unpacked } = await readUpload({ upload: upload.path, folder: draft })
      const module = unpacked ?? upload
      await synced(module.path)
      return await record({ sha256: module.sha256, size: module.size, facts }, async () => {
        await rename(module.path, pathOf(module.sha256))
        await synced(folder)
      })
    } finally {
      await rm(draft, { recursive: true, force: true })
    }
  }

  return {
    async keep(bytes, record) {
      if (uploads >= UPLOADS_AT_ONCE) {
        throw new DomainError('artefact_quota', `${UPLOADS_AT_ONCE} modules are being uploaded now: try again later.`)
      }
      uploads += 1
      try {
        return await keep(bytes, record)
      } finally {
        uploads -= 1
      }
    },
    async read(sha256) {
      const size = await stat(pathOf(sha256)).then(
        (facts) => facts.size,
        () => undefined,
      )
      return size === undefined ? undefined : { size, stream: createReadStream(pathOf(sha256)) }
    },
    async factsOf(sha256) {
      const draft = path.join(folder, `${randomUUID()}.part`)
      await mkdir(draft, { mode: 0o700 })
      try {
        return (await readUploadApart({ upload: pathOf(sha256), folder: draft })).facts
      } finally {
        await rm(draft, { recursive: true, force: true })
      }
    },
    remove: (sha256) => rm(pathOf(sha256), { force: true }),
  }
}

interface Written {
  readonly path: string
  readonly sha256: string
  readonly size: number
}

const write = async (name: string, bytes: AsyncIterable<Buffer>): Promise<Written> => {
  const file = await open(name, 'wx', 0o600)
  try {
    const hash = createHash('sha256')
    let size = 0
    for await (const chunk of bytes) {
      size += chunk.length
      if (size > ARTEFACT_BYTES_MAX) {
        throw new DomainError('body_too_large', `A module may have at most ${ARTEFACT_BYTES_MAX} bytes.`)
      }
      hash.update(chunk)
      await file.appendFile(chunk)
    }
    return { path: name, sha256: hash.digest('hex'), size }
  } finally {
    await file.close()
  }
}

const synced = async (name: string): Promise<void> => {
  const file = await open(name, 'r')
  await file.sync().finally(() => file.close())
}

const removeOldDrafts = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.part')) continue
    const draft = path.join(folder, name)
    const facts = await stat(draft).catch(() => undefined)
    if (facts !== undefined && Date.now() - facts.mtimeMs > DRAFT_MS_MAX)
      await rm(draft, { recursive: true, force: true })
  }
}
