import type { Livepatch } from '../contract/kernel.ts'
import type { ModuleFacts, PatchedObject } from '../contract/module-facts.ts'
import type { FunctionConflict, HostForecast, Sleeper } from '../contract/patch-hosts.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { TransitionSample } from '../contract/transition.ts'
import { ENABLED_FUNCTIONS_CUT, ftraceLines, positionsPatched } from './ftrace-confirmation.ts'
import { inOrder } from './patch-status.ts'
import { kernelPatches, patchWord, providerTitle } from './provider-facts.ts'
import { presentReports } from './provider-order.ts'

/** What was read of a host, as far as a forecast looks at it. */
export type ForecastReading = Pick<
  Snapshot,
  'livepatches' | 'memory' | 'enabledFunctions' | 'unreadable' | 'providers' | 'kernel'
>

export type Forecast = Omit<HostForecast, 'host'>

interface Named {
  readonly object: string
  readonly function: string
  /** From 1; the kernel shows 1 for a function that is the only one of its name. */
  readonly sympos: number
  /** Whether the file says that there is but one of that name (`old_sympos` 0). */
  readonly only: boolean
}

const VMLINUX = 'vmlinux'

/** What no reading of an agent tells, and a forecast therefore cannot know. */
export const CANNOT_KNOW = [
  'An agent reads the stacks of tasks only while a transition runs, and only of those that hold it up: which tasks sleep in these functions on a host without one is not known.',
  'Of ftrace’s users an agent keeps those of functions that a livepatch names, and those that may change where a call goes. A kprobe or a BPF program on another function is not seen; a plain one does not stop a livepatch.',
  'Whether a module that is to be patched is loaded is known only where a livepatch names it already.',
] as const

/**
 * What is in the way of a patch's functions on one host, before it is loaded.
 *
 * @param facts of the module; nothing is foreseen of one whose functions could not be read
 * @param sample the newest of the running transition; null: none runs, or it is older than the agent's link
 */
export const patchForecast = (
  facts: ModuleFacts,
  reading: ForecastReading,
  sample: TransitionSample | null,
): Forecast => {
  const objects = facts.objects ?? []
  const functions = objects.flatMap(functionsOf)
  const stack = inOrder(reading).filter(({ enabled, transition }) => enabled !== false || transition !== false)
  const conflicts = [
    ...functions.flatMap((one) => [
      ...otherPatchers(one, reading),
      ...ftraceUsers(one, reading, stack),
      ...trampolines(one, reading),
      ...olderPatches(one, stack, facts.replace),
    ]),
    ...objects.flatMap((object) => absentTarget(object, stack)),
  ]
  const sleepers = sample === null ? [] : sleepersIn(functions, stack, facts.replace === true, sample)
  const refusals = conflicts.map(({ refuses }) => refuses)
  const unknown = whatIsUnknown(facts, reading, sample)
  const ftraceUnknown = facts.objects === null || reading.enabledFunctions === null || isCut(reading)
  return {
    willRefuse: refusals.includes(true) ? true : refusals.includes(null) || ftraceUnknown ? null : false,
    willStall: sleepers.length > 0 ? true : null,
    ...{ conflicts, sleepers, unknown },
  }
}

const functionsOf = ({ name, functions }: PatchedObject): Named[] =>
  functions.map((one) => ({
    ...{ object: name ?? VMLINUX, function: one.name, sympos: Math.max(1, one.sympos), only: one.sympos === 0 },
  }))

const conflict = (
  kind: FunctionConflict['kind'],
  { object, function: name }: Pick<Named, 'object' | 'function'>,
  by: string | null,
  refuses: boolean | null,
  text: string,
): FunctionConflict => ({ kind, object, function: name, by, refuses, text: text.slice(0, 700) })

const word = ({ object, function: name }: Pick<Named, 'object' | 'function'>) =>
  object === VMLINUX ? name : `${name} of ${object}`

const lists = (patch: Pick<Livepatch, 'objects'>, one: Named): boolean =>
  patch.objects.some(
    ({ name, functions }) =>
      name === one.object &&
      functions.some((listed) => listed.name === one.function && Math.max(1, listed.sympos) === one.sympos),
  )

const olderPatches = (one: Named, stack: readonly Livepatch[], replace: boolean | null): FunctionConflict[] => {
  const holder = stack.findLast((patch) => lists(patch, one))
  if (holder === undefined) return []
  const then =
    replace === null ? 'the new one comes before it' : replace ? 'it is replaced as a whole' : 'the new one goes on top'
  return [conflict('older_patch', one, holder.name, false, `${holder.name} has ${word(one)} already: ${then}.`)]
}

/** Systems that keep their patches outside livepatch, where they tell which functions those have. */
const otherPatchers = (one: Named, { providers }: ForecastReading): FunctionConflict[] =>
  presentReports(providers).flatMap((report) =>
    kernelPatches(report)
      .filter(({ objects, state }) => objects !== undefined && state !== 'not_loaded' && state !== 'disabled')
      .filter(({ objects = [] }) => lists({ objects }, one))
      .map((patch) => {
        const system = providerTitle(report.name)
        const text = `${system} has ${word(one)} by ${patchWord(patch)}: the kernel lets one user change where a call goes.`
        return conflict('other_patcher', one, system, true, text)
      }),
  )

/**
 * All livepatches of a function hang on one ftrace user; a second one that may change where the call goes is refused
 * (kernel/trace/ftrace.c, __ftrace_hash_update_ipmodify).
 */
const ftraceUsers = (one: Named, reading: ForecastReading, stack: readonly Livepatch[]): FunctionConflict[] => {
  const lines = ftraceLines(reading.enabledFunctions, one.object, one.function)
  if (lines.length <= positionsPatched(stack, one.object, one.function)) return []
  // In a transition functions come and go, and a line does not say which of several functions of a name it is.
  const sure = one.only && reading.livepatches !== null && !stack.some(({ transition }) => transition !== false)
  const text = `Another ftrace user may change where a call of ${word(one)} goes, and the kernel lets only one do that: ${sure ? 'it will refuse the patch (EBUSY)' : 'it may refuse the patch (EBUSY)'}. Its line in enabled_functions: ${lines[0]?.line ?? ''}`
  return [conflict('instruction_pointer', one, null, sure ? true : null, text)]
}

/** `D` in enabled_functions: Documentation/trace/ftrace.rst. Flags end at a tab or the line's end. */
const isDirect = (line: string): boolean => /\(\d+\)[^\t]*\bD\b/.test(line)

/** Since 6.0 a direct call and a livepatch share a function (ftrace_ops_func_t, FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_PEER). */
const trampolines = (one: Named, { enabledFunctions, kernel }: ForecastReading): FunctionConflict[] => {
  const direct = (enabledFunctions ?? []).some(
    ({ name, module, line }) => name === one.function && (module ?? VMLINUX) === one.object && isDirect(line),
  )
  if (!direct) return []
  const shares = Number(/^\d{1,3}/.exec(kernel.release)?.[0] ?? 0) >= 6
  const then = shares ? 'this kernel lets both be' : 'before 6.0 the kernel refuses one of the two'
  const text = `A direct call, as BPF makes, hangs on ${word(one)}: ${then}.`
  return [conflict('trampoline', one, null, shares ? false : null, text)]
}

/** `patched` is 0 in a steady patch only while the module is not there. */
const absentTarget = ({ name }: PatchedObject, stack: readonly Livepatch[]): FunctionConflict[] => {
  if (name === null) return []
  const seen = stack.flatMap((patch) =>
    patch.objects.filter((object) => object.name === name).map(({ patched }) => ({ patched, patch })),
  )
  const absent =
    seen.some(({ patched, patch }) => patched === false && patch.enabled === true && patch.transition === false) &&
    !seen.some(({ patched }) => patched === true)
  if (!absent) return []
  const text = `The module ${name} is not loaded: its functions are patched when it comes.`
  return [conflict('target_absent', { object: name, function: '' }, null, false, text)]
}

/**
 * A task switches only when none of the functions that change is on its stack: the original, or what an older patch put in
 * its place (kernel/livepatch/transition.c, klp_check_stack_func).
 */
const sleepersIn = (
  functions: readonly Named[],
  stack: readonly Livepatch[],
  replace: boolean,
  sample: TransitionSample,
): Sleeper[] => {
  const wanted = new Map(functions.map((one) => [`${one.object}\0${one.function}`, one]))
  const names = new Map(functions.map((one) => [one.function, one]))
  const older = new Set(stack.map(({ name }) => name))
  return sample.blocking.flatMap((task): Sleeper[] => {
    for (const frame of task.stack ?? []) {
      const object = frame.module ?? VMLINUX
      // A frame within an older patch is in one of its replacements.
      const inOlder = older.has(object)
      const found = inOlder ? names.get(frame.function) : wanted.get(`${object}\0${frame.function}`)
      if (found === undefined && !(inOlder && replace)) continue
      const where = inOlder ? `${frame.function}, as ${object} has it` : word({ object, function: frame.function })
      const text = `${task.comm} (${task.pid}) sleeps in ${where}, and holds up ${sample.patch} there: the patch will wait for it too.`
      const { pid, comm, unit, kernelThread } = task
      return [{ object, function: frame.function, pid, comm, unit, kernelThread, text: text.slice(0, 700) }]
    }
    return []
  })
}

const isCut = ({ unreadable }: Pick<ForecastReading, 'unreadable'>): boolean =>
  unreadable.some(({ path, errno }) => path === ENABLED_FUNCTIONS_CUT.path && errno === ENABLED_FUNCTIONS_CUT.errno)

const whatIsUnknown = (facts: ModuleFacts, reading: ForecastReading, sample: TransitionSample | null): string[] => {
  const untold = presentReports(reading.providers)
    .filter((report) =>
      kernelPatches(report).some(({ livepatch, objects }) => livepatch === null && objects === undefined),
    )
    .filter(({ name }) => name === 'ksplice' || name === 'kernelcare')
  const unreadStacks = (sample?.blocking ?? []).filter(({ stack }) => stack === null).length
  const beyond = sample === null ? 0 : sample.blockingTotal - sample.blocking.length
  return [
    ...(facts.objects === null ? ['Which functions the patch replaces could not be read.'] : []),
    ...(reading.livepatches === null ? ['Which livepatches are in could not be read.'] : []),
    ...(reading.enabledFunctions === null ? ['What ftrace holds could not be read (enabled_functions).'] : []),
    ...(isCut(reading) ? ['ftrace holds more functions than were read.'] : []),
    ...untold.map(({ name }) => `${providerTitle(name)} does not tell which functions its patches have.`),
    ...(unreadStacks > 0 ? [`The stacks of ${unreadStacks} blocking tasks could not be read.`] : []),
    ...(beyond > 0 ? [`${beyond} more tasks block the transition than are told of.`] : []),
  ]
}
