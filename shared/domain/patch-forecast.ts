import type { EnabledFunction, Livepatch } from '../contract/kernel.ts'
import type { ModuleFacts, PatchedObject } from '../contract/module-facts.ts'
import type { FunctionConflict, HostForecast, Sleeper } from '../contract/patch-hosts.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { SleepingTask, TaskLook } from '../contract/task-look.ts'
import type { TransitionSample } from '../contract/transition.ts'
import { LOOK_FUNCTIONS_MAX } from './agent-link.ts'
import { ENABLED_FUNCTIONS_CUT } from './ftrace-confirmation.ts'
import { type HeldFunctions, heldFunctions, keyOf, placeOf, VMLINUX } from './held-functions.ts'
import { inOrder } from './patch-status.ts'
import { kernelPatches, providerTitle } from './provider-facts.ts'
import { presentReports } from './provider-order.ts'

/** What was read of a host, as far as a forecast looks at it. */
export type ForecastReading = Pick<
  Snapshot,
  'livepatches' | 'memory' | 'enabledFunctions' | 'unreadable' | 'providers' | 'kernel'
>

export type Forecast = Omit<HostForecast, 'host' | 'conflictTotal'>

interface Named {
  readonly object: string
  readonly function: string
  /** From 1; the kernel shows 1 for a function that is the only one of its name. */
  readonly sympos: number
  /** Whether the file says that there is but one of that name (`old_sympos` 0). */
  readonly only: boolean
}

/** What no reading of an agent tells, and a forecast therefore cannot know. */
export const CANNOT_KNOW = [
  'An agent reads the stacks of tasks only while a transition runs, and when it is asked to: which tasks sleep in these functions on a host that was not asked in the last minutes is not known. A running task’s stack cannot be read, and tasks move.',
  'Of ftrace’s users an agent keeps those of functions that a livepatch names, and those that may change where a call goes. A kprobe or a BPF program on another function is not seen; a plain one does not stop a livepatch.',
  'Whether a module that is to be patched is loaded is known only where a livepatch names it already.',
] as const

/**
 * What is in the way of a patch's functions on one host, before it is loaded.
 *
 * @param facts of the module; nothing is foreseen of one whose functions could not be read
 * @param sample the newest of the running transition; null: none runs, or it is older than the agent's link
 * @param look at the tasks of the host for this module, lately; null: none
 */
export const patchForecast = (
  facts: ModuleFacts,
  reading: ForecastReading,
  sample: TransitionSample | null,
  look: TaskLook | null = null,
): Forecast => {
  const objects = facts.objects ?? []
  const functions = objects.flatMap(functionsOf)
  const stack = inOrder(reading).filter(({ enabled, transition }) => enabled !== false || transition !== false)
  const held = heldFunctions(reading, stack)
  const conflicts = [
    ...functions.flatMap((one) => [
      ...otherPatchers(one, held),
      ...ftraceUsers(one, held),
      ...trampolines(one, held, reading.kernel.release),
      ...olderPatches(one, held, facts),
    ]),
    ...objects.flatMap((object) => absentTarget(object, stack)),
  ]
  const holding = sample === null ? [] : sleepersIn(functions, stack, facts.replace === true, sample)
  const sleepers = [...holding, ...sleepersSeen(look, holding)]
  const refusals = conflicts.map(({ refuses }) => refuses)
  const unseen = unseenHolders(facts, reading)
  return {
    willRefuse: refusals.includes(true) ? true : refusals.includes(null) || unseen.length > 0 ? null : false,
    willStall: sleepers.length > 0 ? true : null,
    conflicts: conflicts.sort((left, right) => graver(left) - graver(right)),
    ...{ sleepers, look: look && lookOf(look) },
    unknown: [...unseen, ...unseenSleepers(sample), ...(look === null ? [] : unseenByLook(look, functions.length))],
  }
}

/** Refused first, then what may be, then what is only worth knowing. */
const graver = ({ refuses }: FunctionConflict): number => (refuses === true ? 0 : refuses === null ? 1 : 2)

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

const olderPatches = (
  one: Named,
  { livepatches }: HeldFunctions,
  { name, replace }: ModuleFacts,
): FunctionConflict[] => {
  const holder = livepatches.get(placeOf(one.object, one.function, one.sympos))
  // The patch is not in its own way.
  if (holder === undefined || holder === name) return []
  const then =
    replace === null ? 'the new one comes before it' : replace ? 'it is replaced as a whole' : 'the new one goes on top'
  return [conflict('older_patch', one, holder, false, `${holder} has ${word(one)} already: ${then}.`)]
}

/** Systems that keep their patches outside livepatch, where they tell which functions those have. */
const otherPatchers = (one: Named, { others }: HeldFunctions): FunctionConflict[] => {
  const holder = others.get(placeOf(one.object, one.function, one.sympos))
  if (holder === undefined) return []
  const text = `${holder.system} has ${word(one)} by ${holder.patch}: the kernel lets one user change where a call goes.`
  return [conflict('other_patcher', one, holder.system, true, text)]
}

/**
 * All livepatches of a function hang on one ftrace user; a second one that may change where the call goes is refused
 * (kernel/trace/ftrace.c, __ftrace_hash_update_ipmodify).
 */
const ftraceUsers = (one: Named, { lines, positions, others, steady }: HeldFunctions): FunctionConflict[] => {
  // It is that system's, which is told of by itself.
  if (others.has(placeOf(one.object, one.function, one.sympos))) return []
  const key = keyOf(one.object, one.function)
  const found = (lines.get(key) ?? []).filter(({ ipModify }) => ipModify)
  if (found.length <= (positions.get(key) ?? 0)) return []
  // A line does not say which of several functions of a name it is, and in a transition they come and go.
  const sure = one.only && steady
  const text = `Another ftrace user may change where a call of ${word(one)} goes, and the kernel lets only one do that: ${sure ? 'it will refuse the patch (EBUSY)' : 'it may refuse the patch (EBUSY)'}. Its line in enabled_functions: ${found[0]?.line ?? ''}`
  return [conflict('instruction_pointer', one, null, sure ? true : null, text)]
}

/** `D` in enabled_functions: Documentation/trace/ftrace.rst. Flags end at a tab or the line's end. */
const isDirect = ({ line }: EnabledFunction): boolean => /\(\d+\)[^\t]*\bD\b/.test(line)

/** Since 6.0 a direct call and a livepatch share a function (kernel/trace/ftrace.c, FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_PEER). */
const trampolines = (one: Named, { lines }: HeldFunctions, release: string): FunctionConflict[] => {
  if (!(lines.get(keyOf(one.object, one.function)) ?? []).some(isDirect)) return []
  const shares = Number(/^\d{1,3}/.exec(release)?.[0] ?? 0) >= 6
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

/** Of a process one in each function: its threads sleep alike. */
const sleepersSeen = (look: TaskLook | null, told: readonly Sleeper[]): Sleeper[] => {
  const held = new Set(told.map(({ pid }) => pid))
  const seen = new Map((look?.sleeping ?? []).map((task) => [`${task.pid}\0${task.object}\0${task.function}`, task]))
  return [...seen.values()].filter(({ pid }) => !held.has(pid)).map(sleeperOf)
}

const sleeperOf = ({ object, function: name, pid, comm, unit, kernelThread }: SleepingTask): Sleeper => ({
  ...{ object, function: name, pid, comm, unit, kernelThread },
  text: `${comm} (${pid}) sleeps in ${word({ object, function: name })}: the patch will wait for it.`.slice(0, 700),
})

const lookOf = ({ lookedAt, tasksTotal, tasksRead, sleepingTotal, counts }: TaskLook): Forecast['look'] => ({
  ...{ lookedAt, tasksTotal, tasksRead, sleepingTotal, counts },
})

/** What a look at the tasks left out. That running ones are not read, its numbers tell. */
const unseenByLook = ({ tasksRead, errno, sleeping, sleepingTotal }: TaskLook, functions: number): string[] => {
  const beyond = sleepingTotal - sleeping.length
  return [
    ...(tasksRead === 0 ? [`No task’s stack could be read${errno === null ? '' : ` (${errno})`}.`] : []),
    ...(beyond > 0 ? [`${beyond} more tasks sleep in these functions than are told of.`] : []),
    ...(functions > LOOK_FUNCTIONS_MAX
      ? [`Tasks were looked for in ${LOOK_FUNCTIONS_MAX} of its ${functions} functions.`]
      : []),
  ]
}

const isCut = ({ unreadable }: Pick<ForecastReading, 'unreadable'>): boolean =>
  unreadable.some(({ path, errno }) => path === ENABLED_FUNCTIONS_CUT.path && errno === ENABLED_FUNCTIONS_CUT.errno)

/** What may hold a function without being seen. */
const unseenHolders = (facts: ModuleFacts, reading: ForecastReading): string[] => {
  const untold = presentReports(reading.providers)
    .filter(({ name }) => name === 'ksplice' || name === 'kernelcare')
    .filter((report) => kernelPatches(report).some(({ objects }) => objects === undefined))
  return [
    ...(facts.objects === null ? ['Which functions the patch replaces could not be read.'] : []),
    ...(reading.livepatches === null ? ['Which livepatches are in could not be read.'] : []),
    ...(reading.enabledFunctions === null ? ['What ftrace holds could not be read (enabled_functions).'] : []),
    ...(isCut(reading) ? ['ftrace holds more functions than were read.'] : []),
    ...untold.map(({ name }) => `${providerTitle(name)} does not tell which functions its patches have.`),
  ]
}

const unseenSleepers = (sample: TransitionSample | null): string[] => {
  const unread = (sample?.blocking ?? []).filter(({ stack }) => stack === null).length
  const beyond = sample === null ? 0 : sample.blockingTotal - sample.blocking.length
  return [
    ...(unread > 0 ? [`Of ${unread} tasks that hold up the transition the stack could not be read.`] : []),
    ...(beyond > 0 ? [`${beyond} more tasks hold up the transition than are told of.`] : []),
  ]
}
