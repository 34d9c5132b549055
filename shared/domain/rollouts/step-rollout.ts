import type { RolloutPlan } from '../../contract/rollout-plan.ts'
import type { HostProgress, RolloutReading } from '../../contract/rollouts-api.ts'
import { listed } from '../sentence.ts'
import { enoughOf, treatStalls } from './give-orders.ts'
import { judgeHosts, tellNews } from './judge-hosts.ts'
import { waitingHost } from './new-rollout.ts'
import { inRolloutOrder, otherwise } from './plan-waves.ts'
import { advanceClock, isInDoubt, spanText } from './rollout-clock.ts'
import { RolloutDraft } from './rollout-draft.ts'
import {
  ENDED,
  isFailing,
  isInChange,
  type RolloutHost,
  type RolloutInput,
  type RolloutState,
  type RolloutStep,
} from './rollout-state.ts'
import { begin, reverse, takeActs } from './take-acts.ts'
import { takeResult } from './take-results.ts'
import { driveReversal } from './undo.ts'
import { driveWaves } from './waves.ts'
import { windowEnd } from './windows.ts'

/**
 * One step of a rollout: from what is known and what is new to what is to be told and why. It is the same for the same
 * arguments; whoever drives it commits its outcome as one, with the fencing number of his lease.
 */
export const stepRollout = (plan: RolloutPlan, state: RolloutState, input: RolloutInput): RolloutStep => {
  const draft = new RolloutDraft(plan, state, input.now)
  goOn(draft)
  for (const reading of input.readings) takeReading(draft, reading)
  for (const result of input.results) takeResult(draft, result)
  for (const { wave, gate, reading } of input.gates) {
    const gates = draft.head.waves[wave]?.gates
    if (gates !== undefined && gate < gates.length) draft.setWave(wave, { gates: gates.with(gate, reading) })
  }
  join(draft, input.newcomers)
  judgeHosts(draft)
  tellNews(draft, state.hosts)
  takeActs(draft, input)
  if (draft.head.phase === 'awaiting approval') awaitApproval(draft, input.approvalMissing)
  if (draft.head.phase === 'running') run(draft, input)
  if (draft.head.phase === 'reversing') driveReversal(draft, input.frozen)
  return draft.finish()
}

const goOn = (draft: RolloutDraft): void => {
  const { clock, jumped } = advanceClock(draft.head.clock, draft.now)
  draft.setHead({ clock })
  if (jumped === null || ENDED.has(draft.head.phase) || draft.head.phase === 'draft') return
  const way = jumped < 0 ? 'back' : 'on'
  draft.decide(
    'clock jumped',
    `Time went ${way} by ${spanText(Math.abs(jumped))} from one look to the next: nothing is begun for a minute.`,
  )
}

/** Most readings are repeats, of thousands of hosts: they are told by their fields, since texts of them would cost the step. */
const isSame = (a: RolloutReading, b: RolloutReading): boolean =>
  a.revision === b.revision &&
  a.connected === b.connected &&
  a.lastSeenAt === b.lastSeenAt &&
  a.effect === b.effect &&
  a.stalledBy === b.stalledBy &&
  a.busyWith === b.busyWith &&
  a.refusal === b.refusal &&
  (a.fit === b.fit || JSON.stringify(a.fit) === JSON.stringify(b.fit)) &&
  a.domains.length === b.domains.length &&
  a.domains.every((value, index) => value === b.domains[index]) &&
  a.incidentsKnown === b.incidentsKnown &&
  a.incidentsUnknown === b.incidentsUnknown &&
  a.incidents.length === b.incidents.length &&
  a.incidents.every(({ at, text }, index) => at === b.incidents[index]?.at && text === b.incidents[index]?.text)

const takeReading = (draft: RolloutDraft, reading: RolloutReading): void => {
  const host = draft.host(reading.host)
  if (host === undefined || (host.reading !== null && reading.revision < host.reading.revision)) return
  const unheardWatched = reading.connected ? null : (host.unheardWatched ?? draft.watched)
  // A host that is given another label in the middle of its change takes the place that it has until it has settled.
  const domains = isInChange(host) ? host.domains : reading.domains
  if (host.reading !== null && isSame(reading, host.reading)) return
  const busyWatched = reading.busyWith === null ? null : (host.busyWatched ?? draft.watched)
  draft.setHost(host, { reading, unheardWatched, busyWatched, domains })
}

const join = (draft: RolloutDraft, newcomers: readonly RolloutHost[]): void => {
  const { plan, head } = draft
  if (plan.newcomers !== 'join' || newcomers.length === 0) return
  const last = plan.waves.length - 1
  if (ENDED.has(head.phase) || head.phase === 'reversing' || head.waves[last]?.stage === 'done') return
  const excluded = new Set(plan.exclude)
  const joined = inRolloutOrder(head.id, newcomers).filter(
    (host) => draft.host(host.id) === undefined && otherwise(plan, excluded, host) === null,
  )
  if (joined.length === 0) return
  for (const host of joined)
    draft.addHost(waitingHost(plan, host, { wave: last, at: draft.at, watched: draft.watched }))
  const stage = head.waves[last]?.stage
  if (stage === 'soaking' || stage === 'at its gate') draft.setWaveStage(last, 'going')
  draft.decide('joined', `${listed(joined.map(({ name }) => name))} joined the last wave.`, {
    wave: last,
    hosts: joined.map(({ id }) => id),
  })
}

const awaitApproval = (draft: RolloutDraft, missing: string | null): void => {
  if (missing === null) begin(draft, 'It is approved, and begins.', { by: null, because: null })
  else if (missing !== draft.head.because) draft.setHead({ because: missing.slice(0, 1000) })
}

const run = (draft: RolloutDraft, { frozen, now, approvalMissing }: RolloutInput): void => {
  // An approval may be lost in the middle: nobody more is told until there is another (T25).
  if (approvalMissing !== draft.head.because) draft.setHead({ because: approvalMissing?.slice(0, 1000) ?? null })
  if (stopsByFailures(draft)) return
  const isHeld = frozen || approvalMissing !== null || isInDoubt(draft.head.clock)
  const until = isHeld ? null : enoughOf(windowEnd(draft.plan.windows, now), now)
  const asked = isHeld ? [] : treatStalls(draft, until)
  if (asked.length > 0) pauseOn(draft, asked)
  driveWaves(draft, until)
  // A host that refuses at its turn is a failure of this very step: no other is told in the next.
  stopsByFailures(draft)
}

const pauseOn = (draft: RolloutDraft, stalled: readonly HostProgress[]): void => {
  const [first] = stalled
  const waited = spanText(draft.watched - (first?.sinceWatched ?? draft.watched))
  const because = `${listed(stalled.map(({ name }) => name))} stalled for ${waited}. ${first?.why ?? ''}`.trim()
  draft.setPhase('paused', because)
  draft.decide('paused by itself', 'It paused, to ask about a stalled transition.', {
    because,
    hosts: stalled.map(({ id }) => id),
  })
}

/** @returns whether more hosts failed than may: it has paused, or reverses */
const stopsByFailures = (draft: RolloutDraft): boolean => {
  if (draft.head.phase !== 'running') return false
  const failing: HostProgress[] = []
  for (const host of draft.hosts()) if (isFailing(host)) failing.push(host)
  const { failures, whenSpent } = draft.plan.budget
  if (failing.length <= failures) return false
  const names = listed(failing.map(({ name }) => name))
  const because =
    `${names} failed, and ${failures === 0 ? 'no host' : `at most ${failures}`} may fail. ${failing[0]?.why ?? ''}`.trim()
  const about = { because, hosts: failing.map(({ id }) => id) }
  if (whenSpent === 'reverse' && draft.plan.change.kind !== 'update') {
    reverse(draft, { fromWave: 0, afterwards: 'end' }, because)
    draft.decide('reversing by itself', 'More failed than may: all of it is undone.', { ...about, wave: 0 })
  } else {
    draft.setPhase('paused', because)
    draft.decide('paused by itself', 'More failed than may: it paused.', about)
  }
  return true
}
