import type { Gate, RolloutPlan } from '../../contract/rollout-plan.ts'
import type { GateReading, HostProgress, RolloutHead } from '../../contract/rollouts-api.ts'
import { counted, listed } from '../sentence.ts'
import { spanText } from './rollout-clock.ts'
import type { RolloutDraft } from './rollout-draft.ts'
import { gatesOf, goalOf, isInChange } from './rollout-state.ts'

/** A reading from outside is looked at for so long; later it is as if there were none. */
const READING_MS_MAX = 5 * 60 * 1000

/** How often each gate is read, and what it found, is the driver's; whether it is open, and why not, is decided here. */
export const readGates = (draft: RolloutDraft, wave: number): (GateReading | null)[] => {
  const hosts = [...draft.hosts()].filter((host) => host.wave === wave && isMeant(host))
  return gatesOf(draft.plan, wave).map((gate, index) => readGate(draft, hosts, gate, wave, index))
}

/** Gates ask nothing of hosts that were left out, or that wait for a boot. */
export const isMeant = ({ stage }: HostProgress): boolean => stage !== 'left out' && stage !== 'due for a boot'

const readGate = (
  draft: RolloutDraft,
  hosts: readonly HostProgress[],
  gate: Gate,
  wave: number,
  index: number,
): GateReading | null => {
  const found = (open: boolean, words: string): GateReading => ({ open, words: words.slice(0, 1000), at: draft.at })
  const progress = draft.head.waves[wave]
  const known = progress?.gates[index] ?? null
  switch (gate.kind) {
    case 'transitions': {
      const intime = hosts.filter(
        ({ stage, doneWatched, toldWatched }) =>
          stage === 'done' && (doneWatched ?? 0) - (toldWatched ?? doneWatched ?? 0) <= gate.withinSeconds * 1000,
      )
      const words = `${intime.length} of ${counted(hosts.length, 'host')} within ${spanText(gate.withinSeconds * 1000)}; ${gate.percent} % are asked for`
      return found(intime.length * 100 >= gate.percent * hosts.length, words)
    }
    case 'kernel log': {
      const struck = hosts.filter(({ reading }) => (reading?.incidents.length ?? 0) > 0)
      if (struck.length > 0) return found(false, `something on ${listed(struck.map(({ name }) => name))}`)
      const unknown = hosts.filter(({ reading }) => reading?.incidentsKnown !== true)
      const why = unknown[0]?.reading?.incidentsUnknown
      const names = listed(unknown.map(({ name }) => name))
      if (unknown.length > 0) return found(false, `not known of ${names}${why ? `. ${why}` : ''}`)
      return found(true, 'nothing since the change')
    }
    case 'agents': {
      const unheard = hosts.filter(({ reading }) => reading?.connected !== true)
      const names = listed(unheard.map(({ name }) => name))
      return found(unheard.length === 0, unheard.length === 0 ? 'all are heard' : `${names} not heard`)
    }
    case 'approval': {
      const people = progress?.approvals[index] ?? []
      const words = `${people.length} of ${counted(gate.people, 'approval')}${people.length > 0 ? `: ${listed(people)}` : ''}`
      return found(people.length >= gate.people, words)
    }
    default: {
      if (known === null) return null
      // A reading from before the soak was over says nothing of its end.
      const isOld = draft.now - Date.parse(known.at) > READING_MS_MAX || known.at < (progress?.since ?? '')
      return isOld && known.open ? found(false, 'not read since the soak was over') : known
    }
  }
}

/**
 * Before a wave is left, whatever gates say and whoever promotes: what is done must still be in effect. Of the wave itself, a
 * host that is not heard is in doubt, which means no; of those before, only what is known to be gone counts.
 * @returns what is wrong, in a sentence; null: nothing
 */
export const failedRecheck = (plan: RolloutPlan, hosts: Iterable<HostProgress>, wave: number): string | null => {
  const goal = goalOf(plan)
  const lost: string[] = []
  const unheard: string[] = []
  const changing: string[] = []
  for (const host of hosts) {
    if (host.wave === null || host.wave > wave) continue
    const { reading, name } = host
    if (host.wave === wave && (host.stage === 'waiting' || (isInChange(host) && host.stage !== 'vanished')))
      changing.push(name)
    if (host.stage !== 'done') continue
    if (reading !== null && reading.effect !== goal && reading.effect !== 'unknown') lost.push(name)
    else if (host.wave === wave && (reading?.connected !== true || reading.effect !== goal)) unheard.push(name)
  }
  if (lost.length > 0) return `The change is no longer in effect on ${listed(lost)}.`
  if (changing.length > 0) return `${listed(changing)} ${changing.length === 1 ? 'has' : 'have'} not settled.`
  return unheard.length === 0 ? null : `Whether the change is in effect cannot be read on ${listed(unheard)}.`
}

/** The first gate that is shut, in words; null: all are open. */
export const shutGate = (plan: RolloutPlan, { waves }: Pick<RolloutHead, 'waves'>, wave: number): string | null => {
  for (const [index, gate] of gatesOf(plan, wave).entries()) {
    const reading = waves[wave]?.gates[index] ?? null
    if (reading === null) return `${gateName(gate)}: not read yet`
    if (!reading.open) return `${gateName(gate)}: ${reading.words}`
  }
  return null
}

export const gateName = (gate: Gate): string => {
  switch (gate.kind) {
    case 'pressure':
      return `${gate.of} pressure`
    case 'prometheus':
      return `Prometheus, ${gate.query} ${gate.is} ${gate.value}`
    case 'http':
      return `HTTP, ${gate.url}`
    default:
      return gate.kind
  }
}
