import { isUpdateId, type KspliceUpdate } from './update-titles.ts'

/** What `uptrack-show` or `ksplice kernel show` lists. */
export interface UptrackShow {
  /** null: it printed no such list. */
  readonly installed: readonly KspliceUpdate[] | null
  /** With `--available`; updates that would be removed are left out of it. */
  readonly available: readonly KspliceUpdate[] | null
  readonly effectiveKernel: string | null
}

/** Oracle's Ksplice user's guide, and uptrack of 2011 (doShow): `None`, or a line `[r9hrmw28] TITLE` for each. */
export const parseUptrackShow = (text: string): UptrackShow => {
  const lists: Record<'installed' | 'available', KspliceUpdate[] | null> = { installed: null, available: null }
  let list: KspliceUpdate[] | null = null
  let effectiveKernel: string | null = null
  for (const line of text.split(/\r?\n/)) {
    if (line === 'Installed updates:') list = lists.installed = []
    else if (line === 'Available updates:') list = lists.available = []
    else if (line.startsWith('Effective kernel version is ')) effectiveKernel = kernelVersion(line.slice(28))
    else if (list !== null) {
      const update = parseUpdate(line)
      if (update !== null) list.push(update)
    }
  }
  return { ...lists, effectiveKernel }
}

const parseUpdate = (line: string): KspliceUpdate | null => {
  const [, id = '', name = ''] = /^\[([0-9a-z]{8})\] (\S.*)$/.exec(line) ?? []
  return isUpdateId(id) ? { id, name: name.trimEnd() } : null
}

/** The version that `uptrack-uname -r` prints, or that another line ends with; null: that is no version. */
export const kernelVersion = (text: string): string | null =>
  /^\d{1,4}\.\d[\w.+~:-]{0,120}$/.exec(text.trim())?.[0] ?? null

/**
 * `ksplice user show` (Oracle's Ksplice user's guide): a line for each process, and below it a branch
 * `└─ [h73qvumn]: TITLE` for each update in it. One update in many processes is one.
 */
export const parseUserShow = (text: string): KspliceUpdate[] => {
  const updates = new Map<string, KspliceUpdate>()
  for (const line of text.split(/\r?\n/)) {
    const [, id = '', name = ''] = /^\s{1,16}\S{1,12} \[([0-9a-z]{8})\]: (\S.*)$/.exec(line) ?? []
    if (isUpdateId(id) && !updates.has(id)) updates.set(id, { id, name: name.trimEnd() })
  }
  return [...updates.values()]
}

/** Without libraries that Ksplice can patch, `ksplice user show` fails and says so. */
export const hasNoUserTargets = (text: string): boolean => /no active user-?space ksplice targets/i.test(text)
