import type { OperatingSystem } from '@rebootless/shared/contract/kernel.ts'
import { cut, type KernelReading, readFile } from './reading.ts'

/** What uname(2) answers, from /proc/sys/kernel: `-r` and `-v`, and `-n`. */
export const readUname = async (reading: KernelReading) => {
  const line = async (name: string, charactersMax: number) => {
    const path = `/proc/sys/kernel/${name}`
    const text = await readFile(reading, path, { consequence: `the kernel's ${name} is not known` })
    return text === null ? null : cut(text.trim(), charactersMax)
  }
  return {
    release: (await line('osrelease', 128)) ?? 'unknown',
    version: await line('version', 256),
    hostName: await line('hostname', 255),
  }
}

/** os-release(5): /etc first, then the vendor's own. */
export const readOperatingSystem = async (reading: KernelReading): Promise<OperatingSystem> => {
  const options = { consequence: 'which distribution this is is not known' }
  const text =
    (await readFile(reading, '/etc/os-release', options)) ?? (await readFile(reading, '/usr/lib/os-release', options))
  return parseOsRelease(text ?? '')
}

export const parseOsRelease = (text: string): OperatingSystem => {
  const value = (key: string, charactersMax: number) => {
    const found = new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1]?.trim()
    return found ? cut(unquoted(found), charactersMax) : null
  }
  return { id: value('ID', 64), name: value('PRETTY_NAME', 128), versionId: value('VERSION_ID', 64) }
}

/** Shell quoting without expansion, as os-release(5) allows it. */
const unquoted = (value: string): string => {
  const quote = value[0]
  if (value.length < 2 || (quote !== '"' && quote !== "'") || !value.endsWith(quote)) return value
  const inner = value.slice(1, -1)
  return quote === '"' ? inner.replace(/\\(["$`\\])/g, '$1') : inner
}
