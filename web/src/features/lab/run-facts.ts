import type { ModelEvent, System } from '@rebootless/server/sim/models/model.ts'
import type { PackedRun } from './packed-run.ts'

export type Switched = Extract<ModelEvent, { kind: 'switched' }>
export type Blocked = Extract<ModelEvent, { kind: 'blocked' }>

/** What is asked of a run again and again, found once. */
export interface RunFacts {
  readonly run: PackedRun
  /** By tid: the last time that each went over. */
  readonly switched: ReadonlyMap<number, Switched>
  readonly blocked: ReadonlyMap<number, readonly Blocked[]>
  /** By tid: what holds it at the end. */
  readonly never: ReadonlyMap<number, string>
  readonly longestStopUs: number
  readonly stoppedUs: number
  readonly gaveUp: Extract<ModelEvent, { kind: 'gave_up' }> | null
}

export const factsOf = (run: PackedRun): RunFacts => {
  const switched = new Map<number, Switched>()
  const blocked = new Map<number, Blocked[]>()
  let gaveUp: RunFacts['gaveUp'] = null
  for (const event of run.events) {
    if (event.kind === 'switched') switched.set(event.tid, event)
    else if (event.kind === 'blocked') blocked.set(event.tid, [...(blocked.get(event.tid) ?? []), event])
    else if (event.kind === 'gave_up') gaveUp = event
  }
  const lengths = run.stops.map(({ fromUs, toUs }) => toUs - fromUs)
  return {
    ...{ run, switched, blocked, gaveUp },
    never: new Map(run.never.map(({ tid, why }) => [tid, why])),
    longestStopUs: Math.max(0, ...lengths),
    stoppedUs: lengths.reduce((sum, length) => sum + length, 0),
  }
}

/** Every moment at which something happens in any system, in order, each once. */
export const eventMoments = (runs: readonly PackedRun[]): readonly number[] => {
  const moments = new Set<number>()
  for (const { events, stops } of runs) {
    for (const { atUs } of events) moments.add(atUs)
    for (const { fromUs, toUs } of stops) moments.add(fromUs).add(toUs)
  }
  return [...moments].sort((left, right) => left - right)
}

/** The event after, or before, a moment; the end or the beginning when there is none. */
export const nextMoment = (moments: readonly number[], atUs: number, step: 1 | -1, endUs: number): number => {
  if (step === 1) return moments.find((moment) => moment > atUs) ?? endUs
  return moments.findLast((moment) => moment < atUs) ?? 0
}

export type RunsBySystem = ReadonlyMap<System, RunFacts>
