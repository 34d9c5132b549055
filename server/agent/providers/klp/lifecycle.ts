import type { ProviderHost } from '../provider.ts'
import { isDay } from '../tool-text.ts'

/** In the order in which zypper's lifecycle plugin reads them (SUSE/zypper-lifecycle, `load_lifecycle_data`). */
const DIRECTORIES = ['/var/lib/lifecycle/data', '/usr/lib/lifecycle/data', '/usr/share/lifecycle/data'] as const
const BYTES_MAX = 1024 * 1024

export interface LifecycleEnd {
  /** The last day, `2027-03-31`. */
  readonly day: string
  readonly file: string
}

/**
 * Until when SUSE makes livepatches for a kernel: the data of the package lifecycle-data-sle-module-live-patching (SLE 12:
 * lifecycle-data-sle-live-patching). `edition` is the installed package's, null where none is. null: no such data.
 */
export const readLifecycleEnd = async (
  host: ProviderHost,
  name: string,
  edition: string | null,
): Promise<LifecycleEnd | null> => {
  let end: LifecycleEnd | null = null
  for (const directory of DIRECTORIES) {
    const files = await host.list(directory)
    const named = (files.ok ? files.value : []).filter((file) => /live-patching\.lifecycle$/.test(file.name))
    for (const file of named.slice(0, 8)) {
      // Unlisted: it is long, and all but one line is about other kernels.
      const text = await host.readText(`${directory}/${file.name}`, { unlisted: true, bytesMax: BYTES_MAX })
      const day = text.ok ? lifecycleEnd(text.value, name, edition) : null
      if (day !== null) end = { day, file: `${directory}/${file.name}` }
    }
  }
  return end
}

/**
 * `NAME,VERSION,DATE[,SUCCESSOR]`, with `*` as a wildcard; the last line that fits counts, as for zypper. Names given as `/…/` are
 * expressions of Ruby, and are passed over.
 */
export const lifecycleEnd = (text: string, name: string, edition: string | null): string | null => {
  let day: string | null = null
  for (const line of text.split('\n')) {
    if (line.trimStart().startsWith('#')) continue
    const [pattern = '', version = '', date = ''] = line.split(',', 3).map((field) => field.trim())
    const fits = matches(pattern, name) && (edition === null ? version === '*' : matches(version, edition))
    if (fits && isDay(date)) day = date
  }
  return day
}

/** `*` stands for any text. */
const matches = (pattern: string, text: string): boolean => {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return pattern === text
  if (!text.startsWith(first)) return false
  let from = first.length
  for (const part of rest) {
    const found = text.indexOf(part, from)
    if (found === -1) return false
    from = found + part.length
  }
  return text.length - last.length >= from && text.endsWith(last)
}
