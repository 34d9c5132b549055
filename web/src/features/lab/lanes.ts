import type { PackedRun, PackedTask } from './packed-run.ts'
import type { RunFacts } from './run-facts.ts'

/** Tasks drawn as lanes, the same in each system. */
export interface LaneGroup {
  readonly name: string
  /** How many tasks of this name there are; `tids` are those that are drawn. */
  readonly total: number
  readonly tids: readonly number[]
}

export const LANES_MAX = 12

/** `kworker/2:1` and `httpd-12` are one of many of their name. */
export const groupName = (comm: string): string => comm.replace(/[-/:_ ]+[\d:/]*$/, '') || comm

/** Compares tids: who never goes over comes first, then who does last, in whatever system. */
export const slowestFirstIn = (all: readonly RunFacts[]): ((one: number, other: number) => number) => {
  const slowness = new Map<number, number>()
  for (const { never, switched } of all) {
    for (const [tid, { atUs }] of switched) slowness.set(tid, Math.max(atUs, slowness.get(tid) ?? 0))
    for (const tid of never.keys()) slowness.set(tid, Number.MAX_VALUE)
  }
  return (one, other) => (slowness.get(other) ?? 0) - (slowness.get(one) ?? 0) || one - other
}

/**
 * Which tasks stand for all: of each name some in proportion, at least one, and among those of a name from the quickest
 * to the slowest to go over in any system, so that whoever holds things up is in the picture.
 */
export const chooseLanes = (all: readonly RunFacts[], lanesMax = LANES_MAX): readonly LaneGroup[] => {
  const first = all[0]
  if (first === undefined) return []
  const groups = new Map<string, PackedTask[]>()
  for (const task of first.run.tasks) {
    if (task.kind === 'idle') continue
    const name = groupName(task.comm)
    groups.set(name, [...(groups.get(name) ?? []), task])
  }
  const ordered = [...groups].sort(([, left], [, right]) => right.length - left.length).slice(0, lanesMax)
  const total = ordered.reduce((sum, [, tasks]) => sum + tasks.length, 0)
  let left = lanesMax
  return ordered.map(([name, tasks], index) => {
    const others = ordered.length - index - 1
    const share = Math.round((tasks.length / total) * lanesMax)
    const lanes = Math.max(1, Math.min(tasks.length, share, left - others))
    left -= lanes
    const ordering = tasks.map(({ tid }) => tid).sort(slowestFirstIn(all))
    return { name, total: tasks.length, tids: evenly(ordering, lanes).toReversed() }
  })
}

/** So many of them, the first among them, the others evenly over the rest. */
const evenly = <T>(items: readonly T[], wanted: number): readonly T[] =>
  Array.from({ length: wanted }, (_, index) => items[Math.floor((index * items.length) / wanted)]).filter(
    (item) => item !== undefined,
  )

export interface Lane {
  readonly task: PackedTask | null
  readonly top: number
}

export interface LaneGeometry {
  readonly lanes: readonly Lane[]
  readonly labels: readonly { readonly text: string; readonly middle: number }[]
  readonly height: number
}

/** Room for the words of stops and ends above the lanes. */
export const LANES_TOP = 22
const PITCH = 10
const GROUP_GAP = 4
const BOTTOM = 12

/** Where each lane stands, pixels; one of a name keeps its own, with more room between names. */
export const laneGeometry = (groups: readonly LaneGroup[], { tasks }: PackedRun): LaneGeometry => {
  const byTid = new Map(tasks.map((task) => [task.tid, task]))
  const lanes: Lane[] = []
  const labels: { text: string; middle: number }[] = []
  let top = LANES_TOP
  for (const { name, total, tids } of groups) {
    const from = top
    for (const tid of tids) {
      lanes.push({ task: byTid.get(tid) ?? null, top })
      top += PITCH
    }
    labels.push({
      text: total === tids.length ? `${total} ${name}` : `${tids.length} of ${total} ${name}`,
      middle: (from + top - 2) / 2,
    })
    top += GROUP_GAP
  }
  return { lanes, labels, height: top - GROUP_GAP + BOTTOM }
}

export const laneAt = ({ lanes }: LaneGeometry, y: number): PackedTask | null =>
  lanes.find(({ top }) => y >= top - 1 && y < top + PITCH - 1)?.task ?? null
