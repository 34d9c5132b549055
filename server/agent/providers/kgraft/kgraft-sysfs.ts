import type { LivepatchObject } from '@rebootless/shared/contract/kernel.ts'
import type { ProviderPatchState } from '@rebootless/shared/domain/words.ts'
import { parseBoolean } from '../../kernel/reading.ts'
import type { ProviderHost } from '../provider.ts'
import { isModuleName } from '../tool-text.ts'

export const KGRAFT_DIRECTORY = '/sys/kernel/kgraft'
const PATCHES_MAX = 64
const FUNCTIONS_MAX = 4096
const PROCESSES_MAX = 8192
const BLOCKING_MAX = 64

export interface KgraftPatch {
  readonly name: string
  readonly state: ProviderPatchState
  readonly objects: readonly LivepatchObject[]
}

export interface KgraftSysfs {
  readonly inProgress: boolean | null
  readonly patches: readonly KgraftPatch[]
}

/** /sys/kernel/kgraft: SUSE's kernel/kgraft_files.c. null: this kernel has no kGraft. */
export const readKgraftSysfs = async (host: ProviderHost): Promise<KgraftSysfs | null> => {
  const listing = await host.list(KGRAFT_DIRECTORY)
  if (!listing.ok) return null
  const inProgress = await host.readText(`${KGRAFT_DIRECTORY}/in_progress`)
  const patches: KgraftPatch[] = []
  const names = listing.value.filter(({ name, directory }) => directory && isModuleName(name))
  for (const { name } of names.slice(0, PATCHES_MAX)) {
    const table = await host.readText(`${KGRAFT_DIRECTORY}/${name}/state`)
    patches.push({ name, ...parseStateTable(table.ok ? table.value : '') })
  }
  return { inProgress: inProgress.ok ? parseBoolean(inProgress.value) : null, patches }
}

/** `enum kgr_patch_state`: include/linux/kgraft.h. SKIPPED: the function's module is not loaded. */
const STATE = { slow: '1', applied: '2', revertSlow: '3', reverted: '4', skipped: '5' } as const

/**
 * A row a function: `Function  Weak  State` on SLE 12 SP1 and later, `Function  State  Fatal` before. The patch is where its functions
 * are; the table does not name their objects.
 */
export const parseStateTable = (text: string): Omit<KgraftPatch, 'name'> => {
  const [header = [], ...rows] = text.split('\n').map((line) => line.trim().split(/\s+/))
  const column = header[0] === 'Function' ? header.indexOf('State') : -1
  const functions = column === -1 ? [] : rows.filter((row) => row.length === header.length).slice(0, FUNCTIONS_MAX)
  const states = new Set(functions.map((row) => row[column] ?? ''))
  states.delete(STATE.skipped)
  const names = functions.map(([name = '']) => ({ name: name.slice(0, 512), sympos: 0 }))
  const objects = names.length === 0 ? [] : [{ name: 'unknown', patched: null, functions: names }]
  return { state: stateOf(states), objects }
}

/** One function on its way is the patch on its way; anything mixed otherwise is not known. */
const stateOf = (states: ReadonlySet<string>): ProviderPatchState => {
  if (states.has(STATE.slow)) return 'patching'
  if (states.has(STATE.revertSlow)) return 'unpatching'
  if (states.size !== 1) return 'unknown'
  if (states.has(STATE.applied)) return 'applied'
  return states.has(STATE.reverted) ? 'disabled' : 'unknown'
}

/** Processes that have not passed their safe point: `1` in /proc/PID/kgr_in_progress (SUSE's fs/proc/base.c). */
export const readKgraftBlocking = async (host: ProviderHost): Promise<number[]> => {
  const listing = await host.list('/proc')
  const pids = (listing.ok ? listing.value : []).flatMap(({ name }) => (/^\d{1,10}$/.test(name) ? [Number(name)] : []))
  const blocking: number[] = []
  for (const pid of pids.sort((a, b) => a - b).slice(0, PROCESSES_MAX)) {
    const flag = await host.readText(`/proc/${pid}/kgr_in_progress`, { unlisted: true })
    if (flag.ok && parseBoolean(flag.value) === true) blocking.push(pid)
    if (blocking.length === BLOCKING_MAX) break
  }
  return blocking
}
