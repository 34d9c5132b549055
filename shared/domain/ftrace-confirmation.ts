import type { RedirectedFunction } from '../contract/host-redirections.ts'
import type { EnabledFunction, Livepatch } from '../contract/kernel.ts'
import type { Snapshot } from '../contract/snapshot.ts'

/** How a snapshot's `unreadable` says that enabled_functions was longer than what was read of it. */
export const ENABLED_FUNCTIONS_CUT = { path: '/sys/kernel/tracing/enabled_functions', errno: 'EFBIG' } as const

type Lines = Pick<Snapshot, 'enabledFunctions' | 'unreadable'>

interface Asked {
  /** null: not known. */
  loaded: boolean | null
  /** Patches that may be on its stack, newest first. */
  holders: readonly Livepatch[]
  /** In a transition functions come and go, so that a missing one says nothing. */
  changing: boolean
  /** Lines of enabled_functions that bear its name in its object. */
  linesFound: number
  /** Functions of that name in that object which are patched: a line does not tell the position. */
  positionsPatched: number
}

/** Whether ftrace redirects a function as sysfs says. */
export const confirmation = (lines: Lines, asked: Asked): RedirectedFunction['ftrace'] => {
  if (asked.loaded === false) return 'waiting'
  if (lines.enabledFunctions === null) return 'unknown'
  if (asked.linesFound > 0) return asked.linesFound >= asked.positionsPatched ? 'confirmed' : 'unknown'
  const isIn = asked.holders.some((patch) => patch.enabled === true && patch.transition === false)
  return isIn && !asked.changing && asked.loaded === true && !isCut(lines) ? 'missing' : 'unknown'
}

const isCut = ({ unreadable }: Lines): boolean =>
  unreadable.some(({ path, errno }) => path === ENABLED_FUNCTIONS_CUT.path && errno === ENABLED_FUNCTIONS_CUT.errno)

export const ftraceLines = (
  lines: readonly EnabledFunction[] | null,
  object: string,
  name: string,
): readonly EnabledFunction[] =>
  lines?.filter((line) => line.name === name && line.ipModify && (line.module ?? 'vmlinux') === object) ?? []

/** How many functions of one name in one object these patches replace. */
export const positionsPatched = (patches: readonly Livepatch[], object: string, name: string): number => {
  const listed = patches.flatMap((patch) => patch.objects).filter((candidate) => candidate.name === object)
  const positions = listed.flatMap(({ functions }) => functions.filter((listed) => listed.name === name))
  return new Set(positions.map(({ sympos }) => sympos)).size
}
