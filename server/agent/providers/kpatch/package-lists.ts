import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { Coverage } from '@rebootless/shared/domain/words.ts'
import { compareVersions } from '../distribution/compare-releases.ts'
import { cveIds, isDay } from '../tool-text.ts'

type Step = NonNullable<ProviderReport['steps']>[number]

const STEP_CVES_MAX = 256

export interface Support {
  readonly coverage: Coverage
  /** The last day, `2025-07-22`. */
  readonly until: string | null
}

/**
 * What `dnf kernel-livepatch support` (Amazon Linux 2: `yum kernel-livepatch supported`) says, in the words of Amazon's manual
 * ("Kernel Live Patching on AL2023") and of the plugin's port in AWS' patch manager. `today` as `2026-11-26`.
 */
export const parseSupport = (text: string, today: string): Support | null => {
  const until = /will no longer receive live patches after (\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))\b/.exec(
    text,
  )?.[1]
  if (until !== undefined && isDay(until)) return { coverage: until < today ? 'end_of_life' : 'supported', until }
  if (text.includes('is no longer being provided with Live Patches')) return { coverage: 'end_of_life', until: null }
  if (text.includes('does not support kernel live patching')) return { coverage: 'unsupported', until: null }
  return null
}

/** Plugins are looked up by dnf and yum in the same words: `No such command: kernel-livepatch.` */
export const isNoSuchCommand = (text: string): boolean => text.includes('No such command: kernel-livepatch')

/**
 * `dnf updateinfo list cves`, from Amazon's manual: `CVE-2022-0123  important/Sec. kernel-livepatch-6.1.12-17.42-1.0-4.amzn2023.x86_64`.
 * Packages of one kernel replace each other, so the newest is the one step that dnf would take. null: it is no such list, or a
 * row of it is not whole.
 */
export const parseUpdateInfo = (text: string, prefix: string): Step[] | null => {
  const lines = text.split('\n').map((line) => line.trim())
  const rows = lines.filter((line) => /^(?:CVE|ALAS)/i.test(line)).map((line) => line.split(/\s+/))
  if (rows.some((row) => row.length !== 3)) return null
  if (rows.length === 0 && !lines.some(isRemark)) return null
  const ours = rows.filter(([, , name = '']) => name.startsWith(prefix) && name.length <= 128)
  const newest = ours.reduce(
    (best, [, , name = '']) => (best === '' || compareVersions(name, best) > 0 ? name : best),
    '',
  )
  return newest === '' ? [] : [install(newest, cveIds(ours.map(([id]) => id).join(' ')))]
}

/** What dnf and yum say beside the list itself. */
const isRemark = (line: string): boolean =>
  /^(?:Last metadata expiration check:|Loaded plugins:|updateinfo list done)/.test(line)

export interface KpatchDnfStatus {
  /** null: this version of the plugin does not look for packages. */
  readonly steps: readonly Step[] | null
  readonly settings: readonly { readonly name: string; readonly value: string }[]
}

/**
 * `dnf kpatch status` (dynup/kpatch-dnf, kpatch.py). `Available patches:` names packages for every installed kernel, and is
 * left out when there are none; versions that know no filter do not look for any. null: it is no such text.
 */
export const parseKpatchDnfStatus = (text: string, prefix: string): KpatchDnfStatus | null => {
  const setting = (what: 'update' | 'filter') =>
    new RegExp(`^[Kk]patch ${what} setting: ([a-z-]{1,32})\\s*$`, 'm').exec(text)?.[1]
  const [update, filter] = [setting('update'), setting('filter')]
  if (update === undefined) return null
  const available = /^Available patches: (.*)$/m.exec(text)?.[1]
  const steps = (available ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name.startsWith(prefix) && name.length <= 128)
    .map((name) => install(name, []))
  return {
    steps: available === undefined && filter === undefined ? null : steps.slice(0, 512),
    settings: [
      { name: 'kpatch-dnf update setting', value: update },
      ...(filter === undefined ? [] : [{ name: 'kpatch-dnf filter setting', value: filter }]),
    ],
  }
}

const install = (name: string, cves: readonly string[]): Step => ({
  ...{ action: 'install', id: name, name },
  cves: cves.slice(0, STEP_CVES_MAX),
})

/**
 * How old the stored lists are, milliseconds: `Last metadata expiration check: 1:06:23 ago on Mon 13 Feb 2023 …`. The clock time that
 * follows has no zone that could be relied upon. null: it does not say.
 */
export const metadataAgeMs = (text: string): number | null => {
  const found = /^Last metadata expiration check: (?:(\d{1,5}) days?, )?(\d{1,2}):(\d{2}):(\d{2}) ago/m.exec(text)
  if (found === null) return null
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0))
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
}
