import type { RawFile, Unreadable } from '@rebootless/shared/contract/kernel.ts'
import type { Failure, KernelFs, Result } from './kernel-fs.ts'

const RAW_CHARACTERS_MAX = 16_384
const RAW_FILES_MAX = 512
const UNREADABLE_MAX = 128
const PATH_CHARACTERS_MAX = 256

/** Text from the kernel as far as the contract takes it. */
export const cut = (text: string, charactersMax: number): string =>
  text.length <= charactersMax ? text : text.slice(0, charactersMax)

/** Not there, or gone while it was read (ENODEV: a sysfs directory that is just being removed). */
export const isAbsent = ({ errno }: Failure): boolean => errno === 'ENOENT' || errno === 'ENODEV' || errno === 'ESRCH'

/** One pass over a kernel's files: what was read, for the Raw page, and what could not be, with what follows from that. */
export interface KernelReading {
  readonly fs: KernelFs
  readonly raw: RawFile[]
  readonly unreadable: Unreadable[]
}

export const startReading = (fs: KernelFs): KernelReading => ({ fs, raw: [], unreadable: [] })

export interface ReadOptions {
  /** In words, what is not known without it. */
  consequence: string
  /** Its absence is worth telling as well. */
  expected?: boolean
  /** Not kept for the Raw page. */
  unlisted?: boolean
  bytesMax?: number
}

/** The text of a file, or null when there is none; a refusal is noted with its consequence. */
export const readFile = async (reading: KernelReading, path: string, options: ReadOptions): Promise<string | null> => {
  const result = await reading.fs.read(path, options.bytesMax)
  if (!options.unlisted) keepRaw(reading, path, result)
  if (result.ok) return result.value
  if (!isAbsent(result) || options.expected) noteUnreadable(reading, path, result.errno, options.consequence)
  return null
}

const keepRaw = (reading: KernelReading, path: string, result: Result<string>): void => {
  if (reading.raw.length >= RAW_FILES_MAX || (!result.ok && isAbsent(result))) return
  const content = result.ok ? cut(result.value, RAW_CHARACTERS_MAX) : null
  reading.raw.push({
    path: cut(path, PATH_CHARACTERS_MAX),
    content,
    errno: result.ok ? null : result.errno,
    truncated: result.ok && result.value.length > RAW_CHARACTERS_MAX,
  })
}

/** Once for each path and consequence: a thousand refused tasks are one thing not known. */
export const noteUnreadable = (reading: KernelReading, path: string, errno: string, consequence: string): void => {
  const known = reading.unreadable.some((entry) => entry.consequence === consequence)
  if (known || reading.unreadable.length >= UNREADABLE_MAX) return
  reading.unreadable.push({ path: cut(path, PATH_CHARACTERS_MAX), errno, consequence })
}

/** `0\n` and `1\n`, `N\n` and `Y\n`; anything else is unknown. */
export const parseBoolean = (text: string | null): boolean | null => {
  const value = text?.trim()
  if (value === '1' || value === 'Y') return true
  return value === '0' || value === 'N' ? false : null
}

/** A whole number from 0; anything else is unknown. */
export const parseCount = (text: string | null): number | null => {
  const value = text?.trim() ?? ''
  return /^\d{1,15}$/.test(value) ? Number(value) : null
}
