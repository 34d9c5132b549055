import { readSync } from 'node:fs'
import { DomainError } from '@rebootless/shared/domain/errors.ts'

/** All that is read of one module: tables that lie over one another are read again, and must not cost without end. */
const READ_BYTES_MAX = 256 * 1024 * 1024

/** Why a module is not taken, in a sentence that says what to do (T14). */
export const refused = (detail: string) => new DomainError('artefact_refused', detail)

/** A kernel module as good as any, which is no livepatch: a package may hold such ones beside it. */
export class NoLivepatch extends DomainError {
  constructor(detail: string) {
    super('artefact_refused', detail)
  }
}

/** A file whose every number is a stranger's word: a piece of it is given only where it lies within the file. */
export interface ModuleFile {
  readonly size: number
  /**
   * @param what names the piece for the sentence of a refusal
   * @throws DomainError `artefact_refused`
   */
  read(offset: number, size: number, what: string): Buffer
}

export const moduleFile = (size: number, give: (offset: number, size: number) => Buffer): ModuleFile => {
  let given = 0
  return {
    size,
    read(offset, bytes, what) {
      if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(bytes) || offset < 0 || bytes < 0) {
        throw refused(`The file is cut or damaged: its ${what} would lie behind its end.`)
      }
      if (offset + bytes > size) throw refused(`The file is cut or damaged: its ${what} would lie behind its end.`)
      given += bytes
      if (given > READ_BYTES_MAX) throw refused('The tables of this file lie over one another: no module’s do.')
      return give(offset, bytes)
    },
  }
}

export const moduleFileOf = (bytes: Buffer): ModuleFile =>
  moduleFile(bytes.length, (offset, size) => bytes.subarray(offset, offset + size))

/** Reads an open file piece by piece: never more of it at once than a table that is asked for. */
export const moduleFileAt = (descriptor: number, size: number): ModuleFile =>
  moduleFile(size, (offset, bytes) => {
    const buffer = Buffer.alloc(bytes)
    if (readSync(descriptor, buffer, 0, bytes, offset) !== bytes) throw refused('The file is cut or damaged.')
    return buffer
  })
