import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { HostKernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import type { KernelIncidentKind } from '@rebootless/shared/domain/kernel-incidents.ts'
import type { HostState } from '@rebootless/shared/domain/words.ts'
import type { NextStep } from './next-step.ts'

/** An oops kills a task with whatever it held, and taints the kernel until the next boot: Documentation/admin-guide/tainted-kernels.rst. */
const AFTER_OOPS = 'What the task held stays as it was, so the kernel is not to be trusted before it boots again.'

/** States whose own advice is less urgent than an oops. */
const CALM: ReadonlySet<HostState> = new Set(['patched', 'exposed', 'drifted', 'unsupported', 'patching', 'unpatching'])

/** Once a day has gone by without a word, nobody is reminded any more of what killed nothing. */
const REMIND_MS = 24 * 60 * 60 * 1000

const NAMES: Readonly<Record<KernelIncidentKind, string>> = {
  oops: 'an oops',
  bug: 'a BUG',
  warning: 'a warning',
  lockup: 'a lockup',
  'rcu stall': 'a stall of RCU',
  'hung task': 'a hung task',
  'sanitizer report': 'a report of a sanitizer',
}

const incidentsOfBoot = (found: HostKernelReadings | undefined) => {
  const boot = found?.readings?.bootId ?? null
  return found === undefined || boot === null ? [] : found.incidents.filter(({ bootId }) => bootId === boot)
}

/** The latest oops since the kernel has booted; undefined: none is known. */
export const oopsOfBoot = (found: HostKernelReadings | undefined) =>
  incidentsOfBoot(found).find(({ kind }) => kind === 'oops')

/** What this boot's incidents ask for, where that is more than the state does; null: nothing. `now`: milliseconds. */
export const incidentStep = (
  { state }: Pick<HostDetail, 'state'>,
  found: HostKernelReadings | undefined,
  now: number,
): NextStep | null => {
  if (!CALM.has(state)) return null
  const oops = oopsOfBoot(found)
  const more = { tab: 'patches', word: 'Incidents' } as const
  if (oops !== undefined) {
    const { patched } = oops
    const where = patched === null ? '' : `, with ${patched.function} of the livepatch ${patched.patch} in its trace`
    return {
      lead: 'Read its oops, and plan a reboot.',
      why: `The kernel had one${where}. ${AFTER_OOPS}`,
      more,
      looksAs: 'failed',
    }
  }
  const latest = state === 'patched' ? incidentsOfBoot(found)[0] : undefined
  if (latest === undefined || now - Date.parse(latest.at) > REMIND_MS) return null
  return { lead: `Look at ${NAMES[latest.kind]} in the kernel’s log.`, why: latest.text, more }
}
