import type { Capture, Sighting } from './capture.ts'

export type AccountedState = 'patching' | 'applied' | 'unpatching' | 'disabled' | 'superseded' | 'absent'

interface Change {
  atMs: number
  state: AccountedState
  by?: string
}

export interface AccountedTransition {
  patch: string
  direction: 'patching' | 'unpatching'
  startMs: number
  /** Completion, reversal or force; the recording's end when none came. */
  endMs: number
  /** What an observer beside it saw while it ran. */
  sightings: Sighting[]
}

/**
 * What happened in a capture, told by its log, its steps' results and its passing observer alone, not by its snaps:
 * the other witness against which the provider's account is held.
 */
export interface Account {
  patches: readonly string[]
  /** Every state that a patch may have shown between two moments, ms since the start. */
  statesWithin(patch: string, fromMs: number, toMs: number): Set<AccountedState>
  supersededBy(patch: string, atMs: number): string | null
  forcedAtMs: number | null
  /** Records about livepatch between two moments. */
  quietWithin(fromMs: number, toMs: number): boolean
  transitions: readonly AccountedTransition[]
  /** Names, function names and threads that the log's dynamic debug lines give. */
  namedByKernel: ReadonlyMap<number, { comm: string; function: string }>
}

interface Said {
  atMs: number
  text: string
}

export const accountOf = (capture: Capture): Account => {
  const said = capture.records
    .map(({ microseconds, text }) => ({
      atMs: (microseconds - capture.t0) / 1_000,
      text: text.slice(text.indexOf(';') + 1).trim(),
    }))
    .filter(({ text }) => text.startsWith('livepatch: '))
    .map(({ atMs, text }) => ({ atMs, text: text.slice('livepatch: '.length) }))
  const sightings = capture.steps
    .flatMap(({ during = [], timeline = [] }) => [...during, ...timeline])
    .sort((left, right) => left.t_ms - right.t_ms)
  const changes = changesOf(capture, said, sightings)
  const forced = said.find(({ text }) => text.startsWith('forcing remaining tasks'))
  return {
    patches: [...changes.keys()],
    statesWithin(patch, fromMs, toMs) {
      const list = changes.get(patch) ?? []
      const before = list.findLast(({ atMs }) => atMs <= fromMs)
      const during = list.filter(({ atMs }) => atMs > fromMs && atMs <= toMs)
      return new Set([before?.state ?? 'absent', ...during.map(({ state }) => state)])
    },
    supersededBy: (patch, atMs) => changes.get(patch)?.findLast((change) => change.atMs <= atMs)?.by ?? null,
    forcedAtMs: forced?.atMs ?? null,
    quietWithin: (fromMs, toMs) => !said.some(({ atMs }) => atMs >= fromMs && atMs <= toMs),
    transitions: transitionsOf(said, sightings, lastMs(capture)),
    namedByKernel: namesOf(said),
  }
}

const lastMs = ({ steps }: Capture) => Math.max(0, ...steps.map(({ t_ms, took_ms }) => t_ms + took_ms))

const changesOf = (capture: Capture, said: readonly Said[], sightings: readonly Sighting[]): Map<string, Change[]> => {
  const changes = new Map<string, Change[]>()
  const add = (patch: string, change: Change) => {
    const list = changes.get(patch) ?? []
    list.push(change)
    changes.set(
      patch,
      list.sort((left, right) => left.atMs - right.atMs),
    )
  }
  for (const { atMs, text } of said) {
    const enabling = /^enabling patch '(\w+)'$/.exec(text)?.[1]
    if (enabling) add(enabling, { atMs, state: 'patching' })
    const [, patch, word] =
      /^'(\w+)': (starting patching|starting unpatching|patching complete|unpatching complete)/.exec(text) ?? []
    const states = {
      'starting patching': 'patching',
      'starting unpatching': 'unpatching',
      'patching complete': 'applied',
      'unpatching complete': 'disabled',
    } as const
    if (patch && word && word in states) add(patch, { atMs, state: states[word as keyof typeof states] })
  }
  for (const { do: action, mod, rc, t_ms, took_ms, kmsg } of capture.steps) {
    if (mod === undefined || !changes.has(mod)) continue
    const spoken = capture.records.filter(
      ({ sequence }) => sequence >= (kmsg[0] ?? Infinity) && sequence <= (kmsg[1] ?? kmsg[0] ?? 0),
    )
    // A load that fails takes its module along, if it got so far as to begin; a removal that succeeds ends it.
    const began = spoken.some(({ text }) => text.includes(`livepatch: enabling patch '${mod}'`))
    const ends = (action === 'insmod' && rc !== 0 && began) || (action === 'rmmod' && rc === 0)
    const lastWordMs = ((spoken.at(-1)?.microseconds ?? 0) - capture.t0) / 1_000
    if (ends) add(mod, { atMs: Math.max(t_ms + took_ms, lastWordMs), state: 'absent' })
  }
  addSuperseded(said, sightings, changes, add)
  return changes
}

const stateAt = (changes: ReadonlyMap<string, Change[]>, patch: string, atMs: number) =>
  changes.get(patch)?.findLast((change) => change.atMs <= atMs)?.state ?? 'absent'

/** Nothing is logged of replaced patches: they are those that were in and are not seen after another one completed. */
const addSuperseded = (
  said: readonly Said[],
  sightings: readonly Sighting[],
  changes: ReadonlyMap<string, Change[]>,
  add: (patch: string, change: Change) => void,
): void => {
  for (const { atMs, text } of said) {
    const by = /^'(\w+)': patching complete$/.exec(text)?.[1]
    if (by === undefined) continue
    const next = said.find((other) => other.atMs > atMs)?.atMs ?? Number.POSITIVE_INFINITY
    for (const patch of changes.keys()) {
      if (patch === by || stateAt(changes, patch, atMs) !== 'applied') continue
      const missing = sightings.find(
        (sighting) => sighting.t_ms > atMs && sighting.t_ms < next && !(patch in sighting.patches),
      )
      if (missing === undefined) continue
      add(patch, { atMs, state: 'superseded', by })
    }
  }
}

const transitionsOf = (said: readonly Said[], sightings: readonly Sighting[], endMs: number): AccountedTransition[] =>
  said.flatMap(({ atMs, text }, index) => {
    const [, patch, word] = /^'(\w+)': starting (patching|unpatching) transition$/.exec(text) ?? []
    if (patch === undefined || word === undefined) return []
    const ended = said
      .slice(index + 1)
      .find((other) => /complete$|^'\w+': starting|^forcing remaining/.test(other.text))?.atMs
    const end = ended ?? endMs
    return [
      {
        patch,
        direction: word === 'patching' ? ('patching' as const) : ('unpatching' as const),
        startMs: atMs,
        endMs: end,
        sightings: sightings.filter(({ t_ms, patches }) => t_ms >= atMs && t_ms <= end && patch in patches),
      },
    ]
  })

const namesOf = (said: readonly Said[]): Map<number, { comm: string; function: string }> => {
  const names = new Map<number, { comm: string; function: string }>()
  for (const { text } of said) {
    const [, comm, tid, name] = /^klp_try_switch_task: (.+):(\d+) is sleeping on function (\S+)$/.exec(text) ?? []
    if (comm && tid && name) names.set(Number(tid), { comm, function: name })
  }
  return names
}
