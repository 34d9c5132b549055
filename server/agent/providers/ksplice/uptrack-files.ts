import type { ProviderReport, ProviderStep } from '@rebootless/shared/contract/provider.ts'
import { cvesOfTitle, isUpdateId, type KspliceUpdate } from './update-titles.ts'
import { parseYaml, type YamlMap, type YamlValue } from './yaml-subset.ts'

/** Shapes of the files that Uptrack writes: uptrack 2011, Uptrack.py, class Status and LocalStatus. */

/** What a kernel calls itself, as uname(2) gives it. */
export interface KernelIdentity {
  readonly release: string
  readonly version: string | null
}

export interface EffectiveKernelFile {
  readonly original: KernelIdentity
  readonly installed: readonly string[]
  readonly effectiveKernel: string | null
}

export interface StatusFile {
  readonly kernel: KernelIdentity | null
  readonly installed: readonly KspliceUpdate[]
  readonly clientVersion: string | null
}

export interface PlanFile {
  readonly time: string | null
  readonly steps: readonly ProviderStep[]
}

export interface ResultsFile {
  readonly time: string | null
  readonly code: number | null
  readonly message: string | null
  /** The vendor has ended its support for this kernel. */
  readonly desupported: boolean
  readonly failed: readonly FailedAction[]
}

export interface FailedAction extends KspliceUpdate {
  readonly command: string
  /** `code_busy`, `no_match` … (ksplice 0.9.9, kmodsrc/ksplice.c, abort_cause_show). */
  readonly abort: string | null
  readonly blockers: ProviderReport['blockers']
}

/** /var/lib/uptrack/effective_kernel; null: it is not of that shape. Throws YamlError. */
export const parseEffectiveKernel = (text: string): EffectiveKernelFile | null => {
  const file = map(parseYaml(text))
  const original = kernelIdentity(file?.get('OriginalKernel'))
  const ids = list(file?.get('Installed'))
  if (original === null || ids === null) return null
  const installed = ids.flatMap((id) => (typeof id === 'string' ? [id] : []))
  return { original, installed, effectiveKernel: string(map(file?.get('EffectiveKernel'))?.get('PackageVersion')) }
}

/** `status`; null: it is not of that shape. Throws YamlError. */
export const parseStatus = (text: string): StatusFile | null => {
  const file = map(parseYaml(text))
  const updates = list(map(file?.get('Updates'))?.get('Installed'))
  if (file === null || updates === null) return null
  const clientVersion = string(map(file.get('Client'))?.get('UptrackVersion'))
  return { kernel: kernelIdentity(file.get('Kernel')), installed: updates.flatMap(kspliceUpdate), clientVersion }
}

/** `upgrade_plan` or `init_plan`, its steps in their order; null: it is not of that shape. Throws YamlError. */
export const parsePlan = (text: string): PlanFile | null => {
  const file = map(parseYaml(text))
  const plan = list(file?.get('Plan'))
  if (file === null || plan === null) return null
  const steps: ProviderStep[] = []
  for (const entry of plan) {
    const action = { Install: 'install', Remove: 'remove' } as const
    const command = string(map(entry)?.get('Command'))
    const [update] = kspliceUpdate(entry)
    // A plan of which a step is not understood is not known at all: what is left would be another plan.
    if (update === undefined || (command !== 'Install' && command !== 'Remove')) return null
    steps.push({ action: action[command], ...update, cves: cvesOfTitle(update.name) })
  }
  return { time: instant(string(file.get('Time'))), steps }
}

/** `results`, of the last run that changed something or tried to; null: it is not of that shape. Throws YamlError. */
export const parseResults = (text: string): ResultsFile | null => {
  const file = map(parseYaml(text))
  const result = map(file?.get('Result'))
  if (file === null || result === null) return null
  const code = Number(string(result.get('Code')) || Number.NaN)
  const desupported = string(result.get('Desupported'))
  return {
    time: instant(string(file.get('Time'))),
    code: Number.isInteger(code) ? code : null,
    message: string(result.get('Message')) || null,
    desupported: desupported !== null && !['', 'false', 'no'].includes(desupported.toLowerCase()),
    failed: (list(result.get('Failed')) ?? []).flatMap(failedAction),
  }
}

const failedAction = (value: YamlValue): FailedAction[] => {
  const [action, [update]] = [map(value), kspliceUpdate(value)]
  if (action === null || update === undefined) return []
  return [
    {
      ...update,
      command: string(action.get('Command')) ?? 'Action',
      abort: string(action.get('Abort')),
      blockers: (list(action.get('Stack Check')) ?? []).flatMap(blocker),
    },
  ]
}

/** `[comm, pid, function …]`: a line of the update's `conflicts` in sysfs, split at its blanks. */
const blocker = (value: YamlValue): ProviderReport['blockers'] => {
  const [comm, pid, ...functions] = (list(value) ?? []).map((word) => string(word) ?? '')
  if (pid === undefined || !/^\d{1,10}$/.test(pid)) return []
  const stack = functions.slice(0, 64).map((name) => name.slice(0, 512))
  return [{ pid: Number(pid), tid: null, comm: comm?.slice(0, 64) ?? null, stack }]
}

const kspliceUpdate = (value: YamlValue): KspliceUpdate[] => {
  const [id, name] = [string(map(value)?.get('ID')), string(map(value)?.get('Name'))]
  return id !== null && isUpdateId(id) && name !== null ? [{ id, name: name.slice(0, 300) }] : []
}

const kernelIdentity = (value: YamlValue | undefined): KernelIdentity | null => {
  const kernel = map(value)
  const release = string(kernel?.get('Release'))
  return release === null || release === '' ? null : { release, version: string(kernel?.get('Version')) }
}

/** PyYAML's form of a time in UTC: `2011-05-01 12:34:56.123456`. */
const instant = (text: string | null): string | null => {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)/.exec(text ?? '') ?? []
  const at = Date.parse(`${day}T${time}Z`)
  return day === undefined || Number.isNaN(at) ? null : new Date(at).toISOString()
}

const map = (value: YamlValue | undefined): YamlMap | null => (value instanceof Map ? value : null)
const list = (value: YamlValue | undefined): readonly YamlValue[] | null => (Array.isArray(value) ? value : null)
const string = (value: YamlValue | undefined): string | null => (typeof value === 'string' ? value : null)
