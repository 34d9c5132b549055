import { createHash } from 'node:crypto'
import { closeSync, createReadStream, openSync, statSync, writeSync } from 'node:fs'
import path from 'node:path'
import type { ModuleFacts } from '@rebootless/shared/contract/module-facts.ts'
import { ByteReader } from './byte-reader.ts'
import { moduleFileAt, NoLivepatch, refused } from './module-file.ts'
import { type Container, containerOf, filesOf, findPayload, HEAD_BYTES } from './packages.ts'
import { readModule } from './read-module.ts'
import { type Bytes, isOtherPacking, packingOf, UnpackBudget, unpacked } from './unpack.ts'

export interface ReadUpload {
  readonly facts: ModuleFacts
  /** The module that came out of it; null: the upload is the module itself. */
  readonly unpacked: { readonly path: string; readonly sha256: string; readonly size: number } | null
}

/** Of a whole kernel's modules none is looked for: a livepatch comes in a package of its own. */
const MODULES_MAX = 200
const MODULE_FILE = /\.ko(\.(gz|xz|zst))?$/
const NAMED_MAX = 10

/**
 * Reads an upload: a module, a packed one, or a package with one (T14). Runs where it can be killed: `upload-reader.ts`.
 * @param folder where what comes out of a packed one is put, for the caller to take and to remove
 * @throws DomainError `artefact_refused`
 */
export const readUpload = async (upload: string, folder: string): Promise<ReadUpload> => {
  const file = createReadStream(upload)
  try {
    const reader = new ByteReader(file)
    const head = await reader.peek(HEAD_BYTES)
    const container = containerOf(head)
    if (container !== null) return await fromPackage(reader, container, folder)
    if (packingOf(head) === null && !isOtherPacking(head)) return { facts: factsOf(upload), unpacked: null }
    const module = await write(path.join(folder, '1.ko'), plain(reader, new UnpackBudget()))
    return { facts: factsOf(module.path), unpacked: module }
  } finally {
    file.destroy()
  }
}

const factsOf = (name: string): ModuleFacts => {
  const file = openSync(name, 'r')
  try {
    return readModule(moduleFileAt(file, statSync(name).size))
  } finally {
    closeSync(file)
  }
}

/** What is left of a stream, unpacked if it is packed. */
async function* plain(reader: ByteReader, budget: UnpackBudget): Bytes {
  const head = await reader.peek(HEAD_BYTES)
  if (isOtherPacking(head))
    throw refused('It is packed by what is not read here: unpack it, and upload the .ko itself.')
  const packing = packingOf(head)
  yield* packing === null ? reader.stretch() : unpacked(reader.stretch(), head, packing, budget)
}

const fromPackage = async (reader: ByteReader, container: Container, folder: string): Promise<ReadUpload> => {
  const budget = new UnpackBudget()
  const payload = new ByteReader(reader.stretch(await findPayload(reader, container)))
  const content = new ByteReader(plain(payload, budget))
  const livepatches: (ReadUpload & { readonly name: string })[] = []
  let modules = 0
  for await (const { name, size } of filesOf(container, content)) {
    if (!MODULE_FILE.test(name)) continue
    modules += 1
    if (modules > MODULES_MAX) throw refused('The package holds a whole kernel’s modules: upload the livepatch alone.')
    const bytes = plain(new ByteReader(content.stretch(size)), budget)
    const module = await write(path.join(folder, `${modules}.ko`), bytes)
    try {
      livepatches.push({ facts: factsOf(module.path), unpacked: module, name: path.posix.basename(name) })
    } catch (error) {
      if (!(error instanceof NoLivepatch)) throw error
    }
  }
  // Sums of what was packed stand at its end: what they say is heard only there.
  for await (const _ of content.stretch());
  for await (const _ of payload.stretch());
  const [livepatch, ...others] = livepatches
  if (livepatch === undefined) throw refused('The package holds no livepatch module.')
  if (others.length > 0) throw refused(choiceOf(livepatches))
  return livepatch
}

const choiceOf = (livepatches: readonly (ReadUpload & { readonly name: string })[]): string => {
  const named = livepatches.slice(0, NAMED_MAX).map(({ name, facts }) => `${name.slice(0, 80)} for ${facts.release}`)
  const more = livepatches.length > NAMED_MAX ? ', and more' : ''
  return `The package holds ${livepatches.length} livepatch modules: ${named.join(', ')}${more}. Unpack it, and upload those that your hosts need.`
}

const write = async (name: string, bytes: Bytes): Promise<NonNullable<ReadUpload['unpacked']>> => {
  const hash = createHash('sha256')
  let size = 0
  const file = openSync(name, 'wx', 0o600)
  try {
    for await (const piece of bytes) {
      hash.update(piece)
      for (let at = 0; at < piece.length; ) at += writeSync(file, piece, at)
      size += piece.length
    }
  } finally {
    closeSync(file)
  }
  return { path: name, sha256: hash.digest('hex'), size }
}
