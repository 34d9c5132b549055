import type { DirectoryEntry, Result } from '../../agent/kernel/kernel-fs.ts'
import type { Procedure } from '../core/procedure.ts'

export interface SurfaceFile {
  readonly kind: 'file'
  readonly mode: number
  /** Of its owner. */
  readonly uid: number
  /** Left out: the file can't be read, not even by root. `uid`: who reads. */
  readonly read?: (uid: number) => Result<string>
  /** Left out: it can't be written to. Ends with the errno's name or null. */
  readonly write?: (text: string) => Procedure<string | null>
}

export interface SurfaceDirectory {
  readonly kind: 'directory'
  readonly mode: number
  readonly uid: number
  readonly list: (uid: number) => Result<readonly DirectoryEntry[]>
}

export const ok = <T>(value: T): Result<T> => ({ ok: true, value })
export const failed = (errno: string): Result<never> => ({ ok: false, errno })

/** A write that takes no time. */
export const atOnce = (write: (text: string) => string | null): NonNullable<SurfaceFile['write']> =>
  // biome-ignore lint/correctness/useYield: it takes no time
  function* (text) {
    return write(text)
  }

const ROOT = { kind: 'file', uid: 0 } as const

/** A file of root's that anybody may read; `mode` says so when not. */
export const textFile = (text: () => string, mode = 0o444): SurfaceFile => ({
  ...ROOT,
  mode,
  read: () => ok(text()),
})

export const directoryOf = (entries: () => readonly DirectoryEntry[], mode = 0o755): SurfaceDirectory => ({
  ...{ kind: 'directory', mode, uid: 0 },
  list: () => ok(entries()),
})

export const fileEntry = (name: string): DirectoryEntry => ({ name, directory: false })
export const directoryEntry = (name: string): DirectoryEntry => ({ name, directory: true })

/** Root passes every mode; what a file does not offer at all is another matter. */
const may = ({ mode, uid: owner }: { mode: number; uid: number }, uid: number, bit: number): boolean =>
  uid === 0 || (mode & (uid === owner ? bit << 6 : bit)) !== 0

export const mayRead = (file: SurfaceFile | SurfaceDirectory, uid: number): boolean => may(file, uid, 0o4)
export const mayWrite = (file: SurfaceFile, uid: number): boolean => may(file, uid, 0o2)

/** A kernel's boolean: lib/kstrtox.c, kstrtobool. Only the first character counts, after an `o` the second. */
export const parseKernelBoolean = (text: string): boolean | null => {
  const first = text[0]?.toLowerCase() ?? ''
  if ('1yt'.includes(first) && first !== '') return true
  if ('0nf'.includes(first) && first !== '') return false
  const second = text[1]?.toLowerCase()
  return first !== 'o' ? null : second === 'n' ? true : second === 'f' ? false : null
}
