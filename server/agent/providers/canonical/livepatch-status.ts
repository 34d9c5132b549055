import type { Coverage } from '@rebootless/shared/domain/words.ts'
import { cveIds } from '../tool-text.ts'
import { type JsonObject, list, object, parseObject, text } from './json-fields.ts'

/** `canonical-livepatch status --format json`, of the running kernel. */
export interface LivepatchStatus {
  readonly clientVersion: string | null
  /** RFC 3339 with milliseconds. */
  readonly lastCheck: string | null
  /** Who gets patches how early: `updates`, `stable`. */
  readonly tier: string | null
  /** null: it has nothing on the running kernel. */
  readonly kernel: KernelStatus | null
}

export interface KernelStatus {
  /** `applied`, `nothing-to-apply` … */
  readonly state: string | null
  /** `checked`, `needs-check`, `check-failed`. */
  readonly checkState: string | null
  /** `104.1`, the notice LSN-0104-1. */
  readonly version: string | null
  /** Those that the patch holds, and of them those that are in effect. */
  readonly fixes: readonly string[]
  readonly fixed: readonly string[]
  readonly coverage: Coverage
  /** `2027-10-05`. */
  readonly upgradeRequiredDate: string | null
}

/** `Supported`: ubuntu-pro-client, uaclient/livepatch.py, and Canonical's "Check client status". */
const COVERAGES: Readonly<Record<string, Coverage>> = {
  ...{ supported: 'supported', unsupported: 'unsupported' },
  ...{ 'kernel-upgrade-required': 'upgrade_required', 'kernel-end-of-life': 'end_of_life' },
}

/**
 * Versions 9 to 11 of the client; ubuntu-pro-client takes every key as optional (uaclient/livepatch.py), and so does this.
 * null: it is no such JSON.
 */
export const parseStatus = (printed: string): LivepatchStatus | null => {
  const status = parseObject(printed)
  if (status === null || !Array.isArray(status.Status)) return null
  return {
    clientVersion: text(status['Client-Version'], 64),
    lastCheck: instant(text(status['Last-Check'], 64)),
    tier: text(status.tier, 64),
    kernel: kernelStatus(status.Status.map(object).filter((entry) => entry !== null)),
  }
}

/** Several kernels may be listed; where none is marked as running or not, the first is (uaclient/livepatch.py). */
const kernelStatus = (kernels: readonly JsonObject[]): KernelStatus | null => {
  const unmarked = kernels.every(({ Running }) => Running === undefined)
  const kernel = kernels.find(({ Running }) => Running === true) ?? (unmarked ? kernels[0] : undefined)
  if (kernel === undefined) return null
  const patch = object(kernel.Livepatch)
  const state = text(patch?.State, 64)
  const supported = text(kernel.Supported, 64)
  // Clients without `Supported` say it by the state alone: Canonical's "Manage a fleet of machines".
  const word = supported ?? state?.toLowerCase() ?? ''
  return {
    state,
    checkState: text(patch?.CheckState, 64),
    version: text(patch?.Version, 64),
    ...fixesOf(patch?.Fixes),
    coverage: Object.hasOwn(COVERAGES, word) ? (COVERAGES[word] ?? 'unknown') : 'unknown',
    upgradeRequiredDate: day(text(kernel.UpgradeRequiredDate, 64)),
  }
}

/** A list of `{Name, Patched}`; older clients wrote one text of `* CVE-…` lines, as the YAML format still does. */
const fixesOf = (value: unknown): Pick<KernelStatus, 'fixes' | 'fixed'> => {
  if (typeof value === 'string') return { fixes: cveIds(value), fixed: cveIds(value) }
  const entries = list(value).flatMap((entry) => {
    const fix = object(entry)
    return cveIds(text(fix?.Name, 64) ?? '').map((cve) => ({ cve, patched: fix?.Patched === true }))
  })
  const names = (of: typeof entries) => [...new Set(of.map(({ cve }) => cve))]
  return { fixes: names(entries), fixed: names(entries.filter(({ patched }) => patched)) }
}

const instant = (value: string | null): string | null => {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value ?? '') ? Date.parse(value ?? '') : Number.NaN
  return Number.isNaN(at) ? null : new Date(at).toISOString()
}

const day = (value: string | null): string | null => {
  const found = /^\d{4}-\d\d-\d\d(?=T|$)/.exec(value ?? '')?.[0]
  const at = Date.parse(`${found}T00:00:00Z`)
  return found === undefined || Number.isNaN(at) || !new Date(at).toISOString().startsWith(found) ? null : found
}

/** `104.1` is the notice LSN-0104-1; null: not of that form. */
export const noticeOf = (version: string): string | null => {
  const [, number, revision] = /^(\d{1,6})\.(\d{1,4})$/.exec(version) ?? []
  return number === undefined ? null : `LSN-${number.padStart(4, '0')}-${revision}`
}

/**
 * The module of a patch: lkp_Ubuntu_6_8_0_1047_50_aws_121 for version 121.4 (kernel logs; the field module_name_regex of
 * Ubuntu's notices). null: none, or more than one, of the loaded ones bears its number.
 */
export const moduleOf = (version: string, loaded: readonly string[]): string | null => {
  const [number] = version.split('.')
  const found = loaded.filter((name) => name.startsWith('lkp_') && /_(\d{1,6})$/.exec(name)?.[1] === number)
  return found.length === 1 ? (found[0] ?? null) : null
}

/** The machine's ID: machine-id(5) asks not to show it around. */
export const redactStatus = (printed: string): string =>
  printed.replace(/("Machine-Id"\s{0,16}:\s{0,16}")[^"]{1,256}/gi, '$1[redacted]')
