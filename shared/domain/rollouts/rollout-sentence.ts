import type { RolloutPlan } from '../../contract/rollout-plan.ts'
import type { HostProgress } from '../../contract/rollouts-api.ts'
import { counted, cut, listed } from '../sentence.ts'
import { failedRecheck, shutGate } from './gates.ts'
import { enoughOf } from './give-orders.ts'
import { isInDoubt, spanText } from './rollout-clock.ts'
import { isInChange, isSettled, type RolloutState } from './rollout-state.ts'
import type { HostStage } from './rollout-words.ts'
import { nextWindow, windowEnd } from './windows.ts'

/** What is not in the state, and holds a rollout back all the same. */
interface Around {
  readonly frozen: boolean
}

/** Why it stands where it stands, in one sentence with names. `now`: milliseconds. */
export const rolloutSentence = (
  plan: RolloutPlan,
  state: RolloutState,
  now: number,
  around: Around = { frozen: false },
): string => cut(sentence(plan, state, now, around), 1000)

const sentence = (plan: RolloutPlan, state: RolloutState, now: number, { frozen }: Around): string => {
  switch (state.phase) {
    case 'draft':
      return 'Nobody has started it.'
    case 'awaiting approval':
      return `It waits for approval: ${state.because ?? 'approvers have yet to sign.'}`
    case 'paused':
      return paused(state)
    case 'reversing':
      return reversing(state, frozen)
    case 'done':
      return `Done: ${tally(state)}.`
    case 'aborted':
      return `Aborted by ${ended(state.because ?? 'a person')} ${tally(state)}.`
    case 'reversed':
      return `Undone: ${ended(state.because ?? '')} ${tally(state)}.`
    case 'reversed in part':
      return `Undone in part: ${ended(state.because ?? '')} ${tally(state)}.`
    case 'running':
      return frozen
        ? 'All changes are frozen: nobody is told anything until two people lift it.'
        : running(plan, state, now)
  }
}

/** What a person or a kernel wrote ends as it may; a sentence stands behind it. */
const ended = (because: string): string => (because === '' || /[.!?…]$/.test(because) ? because : `${because}.`)

const of = ({ hosts }: RolloutState, stage: HostStage): HostProgress[] =>
  [...hosts.values()].filter((host) => host.stage === stage)
const names = (hosts: readonly HostProgress[]): string => listed(hosts.map(({ name }) => name))

const SHOWN: readonly HostStage[] = [
  'done',
  'undone',
  'undoing',
  'told',
  'changing',
  'stalled',
  'failed',
  'refused',
  'vanished',
  'undo failed',
  'waiting',
  'due for a boot',
  'left out',
]

/** `12 done, 1 failed`. */
const tally = ({ hosts }: RolloutState): string => {
  const counts = new Map<HostStage, number>()
  for (const { stage } of hosts.values()) counts.set(stage, (counts.get(stage) ?? 0) + 1)
  const parts = SHOWN.flatMap((stage) => (counts.has(stage) ? [`${counts.get(stage)} ${stage}`] : []))
  return parts.length === 0 ? 'it has no host' : parts.join(', ')
}

const paused = (state: RolloutState): string => {
  const stalled = of(state, 'stalled')
  const [first] = stalled
  if (first === undefined || first.reading?.stalledBy == null) return `Paused: ${state.because ?? 'by a person.'}`
  const more = stalled.length === 1 ? '' : `, and ${counted(stalled.length - 1, 'other host')} stall`
  if (state.because?.includes(first.name) !== true) {
    return `Paused: ${ended(state.because ?? 'by a person')} ${first.name} waits for ${first.reading.stalledBy}${more}.`
  }
  const waited = spanText(state.clock.watched - first.sinceWatched)
  return `Paused by itself: ${first.name} has waited ${waited} for ${first.reading.stalledBy}${more}; reverse the wave, leave the host out, or wait.`
}

const reversing = (state: RolloutState, frozen: boolean): string => {
  const because = state.because === null ? '' : ` ${state.because}`
  if (frozen) return `It is to be undone, and all changes are frozen: nobody is told anything.${because}`
  const undoing = of(state, 'undoing')
  const held = undoing.find(({ reading }) => reading?.stalledBy != null)
  const holds = held === undefined ? '' : ` ${held.name} waits for ${held.reading?.stalledBy}.`
  const left = [...state.hosts.values()].filter(({ ours, stage }) => ours && stage !== 'undo failed').length
  return `Undoing: ${counted(left, 'host')} left, maintenance windows do not hold for that.${holds}${because}`
}

const running = (plan: RolloutPlan, state: RolloutState, now: number): string => {
  const progress = state.waves[state.wave]
  const name = plan.waves[state.wave]?.name
  if (progress === undefined || name === undefined) {
    const late = [...state.hosts.values()].filter((host) => host.wave !== null && !isSettled(host))
    return late.length === 0 ? 'Every wave is done.' : `Every wave is done but for ${names(late)}, still in change.`
  }
  if (state.because !== null) return `${name} waits for approval, and nobody more is told: ${state.because}`
  if (isInDoubt(state.clock))
    return 'The clock has just jumped: nothing is begun until it has gone evenly for a minute.'
  const isSettledAgain = [...state.hosts.values()].every((host) => host.wave !== state.wave || isSettled(host))
  if (progress.stage === 'soaking' && isSettledAgain) {
    const soak = (plan.waves[state.wave]?.soakSeconds ?? 0) * 1000
    const left = soak - (state.clock.watched - progress.sinceWatched)
    return `${name} soaks: ${spanText(Math.max(0, left))} left.`
  }
  if (progress.stage === 'at its gate') {
    const shut = shutGate(plan, state, state.wave) ?? failedRecheck(plan, state.hosts.values(), state.wave)
    return shut === null ? `${name} is about to pass its gates.` : `${name} stands at its gate: ${shut}`
  }
  const closed = enoughOf(windowEnd(plan.windows, now), now) === null
  return going(plan, state, name, closed ? nextWindowText(plan, now) : null)
}

/** `web-01 waits until lp_other is no longer in transition, as 3 other hosts do`. */
const busyText = (busy: readonly HostProgress[]): string => {
  const [first] = busy
  const other = first?.reading?.busyWith ?? 'another livepatch'
  const more = busy.length === 1 ? '' : `, and ${counted(busy.length - 1, 'other host')} for another change too`
  return `${first?.name ?? 'a host'} waits until ${other} is no longer in transition there, which is not of this rollout${more}`
}

const nextWindowText = (plan: RolloutPlan, now: number): string => {
  const next = nextWindow(plan.windows, now)
  return next === null
    ? 'no maintenance window begins within nine days'
    : `the next maintenance window begins at ${new Date(next).toISOString()}`
}

const going = (plan: RolloutPlan, state: RolloutState, name: string, closed: string | null): string => {
  const wave = [...state.hosts.values()].filter((host) => host.wave === state.wave)
  const settled = wave.filter(isSettled).length
  const head = `${name}: ${settled} of ${counted(wave.length, 'host')} have settled`
  const stalled = wave.filter(({ stage }) => stage === 'stalled')
  const [first] = stalled
  if (first !== undefined) {
    const waited = spanText(state.clock.watched - first.sinceWatched)
    const by = first.reading?.stalledBy ?? 'a task'
    return `${head}; ${first.name} has waited ${waited} for ${by}${stalled.length > 1 ? `, and ${counted(stalled.length - 1, 'other host')} stall` : ''}.`
  }
  const waiting = wave.filter(({ stage }) => stage === 'waiting')
  const changing = wave.filter(({ stage }) => stage === 'told' || stage === 'changing' || stage === 'undoing')
  if (changing.length > 0)
    return `${head}; ${names(changing)} in change.${closed === null || waiting.length === 0 ? '' : ` For the rest, ${closed}.`}`
  if (closed !== null && waiting.length > 0) return `${head}; ${closed}.`
  const vanished = of(state, 'vanished')
  const taken = [...state.hosts.values()].filter(isInChange).length
  if (vanished.length > 0 && plan.limits.atOnce !== null && taken >= plan.limits.atOnce)
    return `${head}; every place is held by hosts that vanished, ${names(vanished)}: leave them out, or wait until they are heard.`
  const busy = waiting.filter(({ busyWatched }) => busyWatched !== null)
  if (busy.length > 0 && busy.length === waiting.length) return `${head}; ${busyText(busy)}.`
  const unheard = waiting.filter(({ unheardWatched, reading }) => unheardWatched !== null || reading === null)
  if (unheard.length > 0 && unheard.length === waiting.length) return `${head}; ${names(unheard)} not heard.`
  return waiting.length === 0 ? `${head}.` : `${head}; ${names(waiting)} come next.`
}
