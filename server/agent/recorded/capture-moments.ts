import type { Capture, CaptureSnap, Sighting } from './capture.ts'

/** From when on which state is shown. */
export interface Moment {
  /** Milliseconds since the capture's start. */
  fromMs: number
  snap: CaptureSnap
}

/** Root's snaps and, between them, what a poller saw in passing, in order of time. */
export const momentsOf = (capture: Capture): Moment[] => {
  const snaps = [...capture.snaps]
    .filter(([name]) => /^snap\/\d+\.json$/.test(name))
    .map(([, snap]) => ({ fromMs: snap.t_ms[0], snap }))
    .sort((left, right) => left.fromMs - right.fromMs)
  const first = snaps[0]
  if (first === undefined) return []
  const sightings = capture.steps.flatMap(({ during = [], timeline = [] }) => [...during, ...timeline])
  const passing = sightings.map((sighting) => {
    const before = snaps.findLast(({ fromMs }) => fromMs <= sighting.t_ms)?.snap ?? beforeAll(first.snap)
    const after = snaps.find(({ fromMs }) => fromMs > sighting.t_ms)?.snap ?? before
    return { fromMs: sighting.t_ms, snap: between(before, after, sighting) }
  })
  return [{ fromMs: 0, snap: beforeAll(first.snap) }, ...snaps, ...passing].sort(
    (left, right) => left.fromMs - right.fromMs,
  )
}

/** Before the first step nothing is loaded yet. */
const beforeAll = (snap: CaptureSnap): CaptureSnap => ({
  ...snap,
  livepatch: {},
  proc_modules: [],
  sys_module: {},
  tainted: '0\n',
  enabled_functions: '',
  touched_functions: '',
  tasks: Array.isArray(snap.tasks)
    ? snap.tasks.map(([pid, tid, state, , comm]) => [pid, tid, state, -1, comm] as (typeof snap.tasks)[number])
    : snap.tasks,
  blocked: [],
})

/** What was seen in passing, on top of the snaps around it: a patch's files from the one that has them. */
const between = (before: CaptureSnap, after: CaptureSnap, sighting: Sighting): CaptureSnap => {
  const livepatch: Record<
    string,
    { mode?: string | undefined; content?: string | undefined; errno?: string | undefined }
  > = {}
  for (const [name, state] of Object.entries(sighting.patches)) {
    const source = [after, before].find(({ livepatch: tree }) => `${name}/` in tree) ?? after
    for (const [path, entry] of Object.entries(source.livepatch)) {
      if (path.startsWith(`${name}/`) && typeof entry === 'object') livepatch[path] = entry
    }
    livepatch[`${name}/`] ??= { mode: '0755' }
    for (const [, attribute = '', value = ''] of state.matchAll(/(\w+)=(\d)/g)) {
      livepatch[`${name}/${attribute}`] = { content: `${value}\n` }
    }
  }
  const started = Object.keys(sighting.patches).some((name) => !(`${name}/` in before.livepatch))
  const source = started ? after : before
  return { ...source, livepatch, tasks: tasksAt(before, after, sighting), blocked: mergedBlocked(before, after) }
}

const mergedBlocked = (before: CaptureSnap, after: CaptureSnap): CaptureSnap['blocked'] => {
  const byTid = new Map(before.blocked.map((task) => [task.tid, task]))
  for (const task of after.blocked) byTid.set(task.tid, task)
  return [...byTid.values()]
}

/** Small groups are known by thread id; of large ones only how many there were, so anyone else fills them. */
const tasksAt = (before: CaptureSnap, after: CaptureSnap, { tasks: counts, tids }: Sighting): CaptureSnap['tasks'] => {
  if (!Array.isArray(before.tasks)) return before.tasks
  const named = new Map(
    Object.entries(tids).flatMap(([state, list]) => list.map((tid) => [tid, Number(state)] as const)),
  )
  const later = new Map(Array.isArray(after.tasks) ? after.tasks.map((task) => [task[1], task]) : [])
  const all = new Map([...later, ...before.tasks.map((task) => [task[1], task] as const)])
  for (const tid of named.keys()) if (!all.has(tid)) all.set(tid, [tid, tid, 'R', -1, 'node'])
  const rest = Object.entries(counts)
    .filter(([state]) => !(state in tids))
    .flatMap(([state, count]) => Array.from({ length: count }, () => Number(state)))
  const stuck = new Set([...before.blocked, ...after.blocked].map(({ tid }) => tid))
  const order = [...all.values()].sort((left, right) => Number(stuck.has(right[1])) - Number(stuck.has(left[1])))
  const found: NonNullable<Extract<CaptureSnap['tasks'], unknown[]>> = []
  for (const [pid, tid, state, , comm] of order) {
    const patchState = named.get(tid) ?? rest.shift()
    if (patchState !== undefined) found.push([pid, tid, state, patchState, comm])
  }
  return found
}
