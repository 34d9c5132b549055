import type { HostProgress, RolloutAct } from '../../contract/rollouts-api.ts'
import { listed } from '../sentence.ts'
import { actRefusal } from './offered-acts.ts'
import { isInDoubt } from './rollout-clock.ts'
import type { RolloutDraft } from './rollout-draft.ts'
import { isFailing, type RolloutInput } from './rollout-state.ts'
import { passWave } from './waves.ts'

/** People's acts, in their order. One that no longer can be done is refused in the log: he who acted saw an older state. */
export const takeActs = (draft: RolloutDraft, { acts, approvalMissing }: RolloutInput): void => {
  for (const { by, act } of acts) {
    const state = draft.finish().state
    const inDoubt = act.kind === 'promote' && isInDoubt(draft.head.clock) ? 'The clock has just jumped.' : null
    const refusal = actRefusal(draft.plan, state, act, by) ?? inDoubt
    if (refusal === null) takeAct(draft, act, by, approvalMissing)
    else draft.decide('act refused', `${by} could not ${act.kind}: ${refusal}`, { by, because: act.reason })
  }
}

const takeAct = (draft: RolloutDraft, act: RolloutAct, by: string, approvalMissing: string | null): void => {
  const said = { by, because: act.reason }
  switch (act.kind) {
    case 'start':
      if (approvalMissing === null) begin(draft, `${by} started it.`, said)
      else {
        draft.setPhase('awaiting approval', approvalMissing)
        draft.decide('awaiting approval', `${by} started it; it waits: ${approvalMissing}`, said)
      }
      return
    case 'pause':
      draft.setPhase('paused', `${by}: ${act.reason}`)
      draft.decide('paused', `${by} paused it.`, said)
      return
    case 'resume':
      resume(draft)
      draft.decide('resumed', `${by} resumed it.`, said)
      return
    case 'promote': {
      const { wave } = draft.head
      draft.decide('promoted', `${by} promoted ${nameOf(draft, wave)}.`, { ...said, wave })
      passWave(draft, wave, `${by}: ${act.reason}`)
      return
    }
    case 'abort':
      draft.setPhase('aborted', `${by}: ${act.reason}`)
      draft.decide('aborted', `${by} aborted it: no further host is told.`, said)
      return
    case 'reverse':
      reverse(draft, act, `${by}: ${act.reason}`)
      draft.decide('reversing', `${by} reverses ${reversalText(draft, act.fromWave)}.`, { ...said, wave: act.fromWave })
      return
    case 'exclude':
      exclude(draft, act.hosts, by, act.reason)
      return
    case 'approve gate': {
      const approvals = draft.head.waves[act.wave]?.approvals ?? []
      const changed = approvals.map((people, index) => (index === act.gate ? [...people, by] : people))
      draft.setWave(act.wave, { approvals: changed })
      const sentence = `${by} lets ${nameOf(draft, act.wave)} pass its gate.`
      draft.decide('gate approved', sentence, { ...said, wave: act.wave })
    }
  }
}

export const nameOf = (draft: RolloutDraft, wave: number): string => draft.plan.waves[wave]?.name ?? `wave ${wave + 1}`

export const begin = (
  draft: RolloutDraft,
  sentence: string,
  said: { by: string | null; because: string | null },
): void => {
  draft.setPhase('running', null)
  draft.decide('started', sentence, said)
}

/**
 * Whoever resumes has seen what failed and what stalls: it stops the rollout no more. What was undone goes again, but for a host
 * whose own stall was undone and whose wave has passed: nobody would tell it.
 */
const resume = (draft: RolloutDraft): void => {
  draft.setPhase('running', null)
  draft.setHead({ reversal: null })
  for (const host of draft.hosts()) {
    const isPassed = host.wave !== null && draft.head.waves[host.wave]?.stage === 'done'
    if (host.stage === 'undone' && !isPassed) draft.setStage(host, 'waiting', null, anew(host))
    else if (isFailing(host) || host.stage === 'stalled') draft.setHost(host, { forgiven: true })
  }
}

const anew = ({ reading }: HostProgress): Partial<HostProgress> => ({
  order: null,
  outcome: null,
  retries: 0,
  expiries: 0,
  orderWatched: null,
  toldWatched: null,
  doneWatched: null,
  doneOrder: null,
  // The driver tells of incidents since the order; what it told of the last round is over.
  reading: reading === null ? null : { ...reading, incidents: [] },
})

export const reverse = (
  draft: RolloutDraft,
  { fromWave, afterwards }: { readonly fromWave: number; readonly afterwards: 'end' | 'pause' },
  because: string,
): void => {
  draft.setPhase('reversing', because)
  draft.setHead({ reversal: { fromWave, afterwards } })
  // Asked for once more: what could not be undone is tried again.
  for (const host of draft.hosts()) {
    if (host.stage === 'undo failed') draft.setStage(host, 'failed', host.why, { expiries: 0 })
  }
}

export const reversalText = (draft: RolloutDraft, fromWave: number): string => {
  if (fromWave === 0) return 'all of it'
  return fromWave === draft.plan.waves.length - 1
    ? nameOf(draft, fromWave)
    : `${nameOf(draft, fromWave)} and what came after`
}

const exclude = (draft: RolloutDraft, ids: readonly string[], by: string, reason: string): void => {
  const why = `${by} left it out: ${reason}`.slice(0, 1000)
  const hosts = ids.flatMap((id) => draft.host(id) ?? [])
  for (const host of hosts) {
    // A host that is told or changes without being held up settles first, so that its place stays taken until then.
    if (host.stage === 'told' || host.stage === 'changing') draft.setHost(host, { leaving: why })
    // Whoever leaves out what is being undone looks after it himself.
    else if (host.stage === 'undoing' || host.stage === 'undo failed')
      draft.setStage(host, 'left out', why, { ours: false, leaving: null })
    else draft.setStage(host, 'left out', why)
  }
  draft.decide('left out', `${by} left out ${listed(hosts.map(({ name }) => name))}.`, {
    by,
    because: reason,
    hosts: hosts.map(({ id }) => id),
  })
}
