import { constants } from 'node:fs'
import { lstat, open, readdir } from 'node:fs/promises'
import path from 'node:path'
import type { FeedOutcome } from '@rebootless/shared/contract/cve-feeds.ts'
import type { FeedKind } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { DOCUMENT_BYTES_MAX, isDocumentOf } from './feeds/read-document.ts'

/** vulns.git has 45,000 documents, Ubuntu's notices 60,000. */
const FILES_MAX = 200_000
const DEPTH_MAX = 12

/** The message is a sentence. */
export class FeedFileError extends Error {
  /** What was wrong with which document, where several were read and none could be. */
  readonly unread: Pick<FeedOutcome, 'documents' | 'troubleCount' | 'troubles'> | undefined
  constructor(message: string, unread?: FeedFileError['unread']) {
    super(message)
    this.unread = unread
  }
}

/**
 * The path of what is named below a folder. Nothing leads out of it: neither `..`, nor an absolute path, nor a symbolic link on the
 * way, since who may name it need not be who may read this machine's files (T12).
 * @throws FeedFileError
 */
export const pathBelow = async (folder: string, name: string): Promise<string> => {
  const whole = path.resolve(folder, name)
  const relative = path.relative(folder, whole)
  if (path.isAbsolute(name) || relative.split(path.sep)[0] === '..' || path.isAbsolute(relative)) {
    throw new FeedFileError('It is not below the folder of feeds: name it from there, without “..”.')
  }
  let at = folder
  for (const part of relative === '' ? [] : relative.split(path.sep)) {
    at = path.join(at, part)
    const found = await lstat(at).catch(() => undefined)
    if (found === undefined) throw new FeedFileError('There is no such file or folder below the folder of feeds.')
    if (found.isSymbolicLink()) throw new FeedFileError('There is a symbolic link on the way, which is not followed.')
  }
  return whole
}

export const isArchiveName = (name: string): boolean => /\.(zip|tar|tgz|tar\.(gz|xz|zst))$/.test(name)

export interface FeedFile {
  /** Below the feed's folder, with `/`. */
  readonly name: string
  readonly path: string
}

/**
 * Documents of a kind, and archives: the file itself, or those in a folder and the folders in it, by name. Links and folders that begin with a dot
 * are passed over.
 * @throws FeedFileError where there are more than any feed has
 */
export const listFeedFiles = async (root: string, kind: FeedKind): Promise<FeedFile[]> => {
  const found = await lstat(root)
  if (!found.isDirectory()) return [{ name: path.basename(root), path: root }]
  const files: FeedFile[] = []
  let level = ['']
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === DEPTH_MAX) throw new FeedFileError(`Its folders are nested more than ${DEPTH_MAX} deep.`)
    const below: string[] = []
    for (const folder of level) {
      for (const entry of await readdir(path.join(root, folder), { withFileTypes: true })) {
        const name = folder === '' ? entry.name : `${folder}/${entry.name}`
        if (entry.isDirectory() && !entry.name.startsWith('.')) below.push(name)
        else if (entry.isFile() && (isDocumentOf(kind, name) || isArchiveName(name)))
          files.push({ name, path: path.join(root, name) })
      }
      if (files.length > FILES_MAX) throw new FeedFileError(`It has more than ${FILES_MAX} documents.`)
    }
    level = below
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** @throws FeedFileError where it is no plain file of a bearable size; else as the file system does */
export const readFeedFile = async (file: string): Promise<Buffer> => {
  // O_NONBLOCK: a pipe that somebody put there must not hold the thread up.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const found = await handle.stat()
    if (!found.isFile()) throw new FeedFileError('It is no plain file.')
    if (found.size > DOCUMENT_BYTES_MAX) throw new FeedFileError('It is larger than any document of a feed.')
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}
