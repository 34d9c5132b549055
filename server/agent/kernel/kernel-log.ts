import type { KernelEvent } from '@rebootless/shared/contract/patch-memory.ts'
import { cut } from './reading.ts'

export interface KernelLogRecord {
  sequence: number
  /** Since boot, by the kernel's own clock. */
  microseconds: number
  /** syslog(3) facility; 0 is the kernel itself, and user space can never write as it. */
  facility: number
  text: string
}

/** `PRIORITY,SEQUENCE,MICROSECONDS,FLAGS[,…];TEXT\n KEY=VALUE…`: Documentation/ABI/testing/dev-kmsg. */
export const parseKernelLogRecord = (record: string): KernelLogRecord | null => {
  const match = /^(\d{1,9}),(\d{1,15}),(\d{1,15}),[^;\n]*;([^\n]*)/.exec(record)
  if (match === null) return null
  const [, priority, sequence, microseconds, text = ''] = match
  return {
    sequence: Number(sequence),
    microseconds: Number(microseconds),
    facility: Number(priority) >> 3,
    text,
  }
}

type EventMeaning = Pick<KernelEvent, 'kind' | 'patch' | 'direction' | 'object'>
type Row = readonly [RegExp, (groups: readonly string[]) => Partial<EventMeaning> & Pick<EventMeaning, 'kind'>]

/** kernel/livepatch/{core,transition}.c. Names are whatever stands between the quotes: they come from a module. */
const MEANINGS: readonly Row[] = [
  [/^enabling patch '(.*)'$/, ([patch]) => ({ kind: 'enabling', patch: patch ?? null, direction: 'patching' })],
  [
    /^'(.*)': starting (patching|unpatching) transition$/,
    ([patch, way]) => ({ kind: 'transition_started', patch: patch ?? null, direction: direction(way) }),
  ],
  [
    /^'(.*)': (patching|unpatching) complete$/,
    ([patch, way]) => ({ kind: 'transition_completed', patch: patch ?? null, direction: direction(way) }),
  ],
  [/^signaling remaining tasks$/, () => ({ kind: 'signalled' })],
  [/^forcing remaining tasks to the (?:un)?patched state$/, () => ({ kind: 'forced' })],
  [/^failed to enable patch '(.*)'$/, ([patch]) => ({ kind: 'enable_failed', patch: patch ?? null })],
  [
    /^applying patch '(.*)' to loading module '(.*)'$/,
    ([patch, object]) => ({ kind: 'object_applied', patch: patch ?? null, object: object ?? null }),
  ],
  [
    /^reverting patch '(.*)' on unloading module '(.*)'$/,
    ([patch, object]) => ({ kind: 'object_reverted', patch: patch ?? null, object: object ?? null }),
  ],
]

const direction = (word: string | undefined) => (word === 'unpatching' ? 'unpatching' : 'patching')

/**
 * What a record says of livepatch, if anything. Only the kernel's own facility counts: whoever may write to /dev/kmsg
 * could otherwise have a patch look applied.
 */
export const livepatchEvent = (record: KernelLogRecord): Omit<KernelEvent, 'at'> | null => {
  if (record.facility !== 0 || !record.text.startsWith('livepatch: ')) return null
  const said = record.text.slice('livepatch: '.length)
  for (const [pattern, meaning] of MEANINGS) {
    const match = pattern.exec(said)
    if (match === null) continue
    const { kind, patch = null, direction = null, object = null } = meaning(match.slice(1))
    return {
      sequence: record.sequence,
      ...{ kind, patch: name(patch), direction, object: name(object) },
      text: cut(record.text, 512),
    }
  }
  return null
}

const name = (text: string | null) => (text === null ? null : cut(text, 64))
