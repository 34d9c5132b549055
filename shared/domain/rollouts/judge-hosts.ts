import type { HostProgress, RolloutIncident } from '../../contract/rollouts-api.ts'
import { listed } from '../sentence.ts'
import { isInDoubt, spanText } from './rollout-clock.ts'
import type { RolloutDraft } from './rollout-draft.ts'
import { GRACE_MS, goalOf, isGoing, isOpen, mayBegin, ORDER_MS, startOf, watchesKernelLog } from './rollout-state.ts'
import type { DecisionKind, HostStage } from './rollout-words.ts'

/** A vendor's tool may fetch for long; that its agent says nothing for so long means that no word will come. */
const STARTED_MS_MAX = 2 * 60 * 60 * 1000

/** Brings every host's stage up to what its kernel shows, what it said, and what it has not said for too long. */
export const judgeHosts = (draft: RolloutDraft): void => {
  for (const host of draft.hosts()) {
    if (host.leaving === null && (host.order === null || RESTING.has(host.stage) || isAtRest(host))) continue
    closeSilent(draft, host)
    judge(draft, draft.host(host.id) ?? host)
    leave(draft, draft.host(host.id) ?? host)
  }
}

/** One entry of the log for all hosts that came to the same bad end since. */
export const tellNews = (draft: RolloutDraft, before: ReadonlyMap<string, HostProgress>): void => {
  const news = new Map<DecisionKind, HostProgress[]>()
  for (const host of draft.hosts()) {
    const kind = NEWS[host.stage]
    const known = before.get(host.id)
    if (kind === undefined || known === host || known?.stage === host.stage) continue
    const hosts = news.get(kind)
    if (hosts === undefined) news.set(kind, [host])
    else hosts.push(host)
  }
  for (const [kind, hosts] of news) tell(draft, kind, hosts)
}

const RESTING: ReadonlySet<HostStage> = new Set(['waiting', 'due for a boot', 'refused', 'undone'])
/** Done, and nothing has happened to it: most hosts of a great rollout. */
const isAtRest = (host: HostProgress): boolean =>
  host.stage === 'done' && !isOpen(host) && host.reading?.incidents.length === 0

const NEWS: Partial<Record<HostStage, DecisionKind>> = {
  stalled: 'stalled',
  failed: 'failed',
  refused: 'failed',
  'undo failed': 'failed',
  vanished: 'vanished',
  'left out': 'left out',
}

const VERBS: Partial<Record<DecisionKind, string>> = {
  stalled: 'stalled',
  failed: 'failed',
  vanished: 'vanished in the middle of the change',
  'left out': 'left out',
}

/** One entry for all hosts of a kind, with the first one's reason. */
export const tell = (draft: RolloutDraft, kind: DecisionKind, hosts: readonly HostProgress[]): void =>
  draft.decide(kind, `${listed(hosts.map(({ name }) => name))} ${VERBS[kind] ?? kind}.`, {
    hosts: hosts.map(({ id }) => id),
    because: hosts[0]?.why ?? null,
  })

/** An order that nobody said a word of can no longer be followed once it has run out; that it was not, nobody knows. */
const closeSilent = (draft: RolloutDraft, host: HostProgress): void => {
  const silent = draft.watched - (host.orderWatched ?? draft.watched)
  const ranOut = mayBegin(host) && silent > ORDER_MS + GRACE_MS
  const isGone = host.outcome === 'started' && silent > STARTED_MS_MAX && !isGoing(host.reading?.effect)
  if (ranOut || isGone) draft.setHost(host, { outcome: 'unknown', ours: true })
}

const incidentOf = (draft: RolloutDraft, host: HostProgress): string | null => {
  const incident = host.reading?.incidents[0]
  if (incident === undefined || !watchesKernelLog(draft.plan, host.wave)) return null
  const { kind, text } = incident
  return `Since it was told, its kernel had ${ARTICLES[kind]} ${kind}: ${text}`
}
const ARTICLES: Readonly<Record<RolloutIncident['kind'], string>> = {
  ...{ oops: 'an', bug: 'a', warning: 'a', lockup: 'a', 'rcu stall': 'an', 'hung task': 'a' },
  ...{ 'sanitizer report': 'a', taint: 'a new' },
}

const finish = (draft: RolloutDraft, host: HostProgress): void => {
  const doneOrder = draft.head.doneCount
  draft.setHead({ doneCount: doneOrder + 1 })
  // While no word came of the order, the patch is taken for the rollout's own; a refusal says otherwise.
  draft.setStage(host, 'done', null, { doneOrder, doneWatched: draft.watched, ours: host.ours || mayBegin(host) })
}

const judge = (draft: RolloutDraft, host: HostProgress): void => {
  const { stage } = host
  if (stage === 'undoing' || stage === 'undo failed') {
    judgeUndoing(draft, host)
    return
  }
  if (stage === 'left out' || RESTING.has(stage)) return
  const incident = incidentOf(draft, host)
  if (incident !== null) {
    if (stage !== 'failed') draft.setStage(host, 'failed', incident, ownsIfGoing(host))
    return
  }
  const effect = host.reading?.effect
  if (stage === 'done') return
  if (effect === goalOf(draft.plan)) {
    finish(draft, host)
    return
  }
  if (vanishes(draft, host)) return
  if (isGoing(effect)) {
    judgeGoing(draft, host)
    return
  }
  judgeStill(draft, host)
}

const ownsIfGoing = (host: HostProgress) => (isGoing(host.reading?.effect) ? { ours: true } : {})

/** @returns true: it is taken for vanished, and nothing that was last read of it counts */
const vanishes = (draft: RolloutDraft, host: HostProgress): boolean => {
  const { stage, unheardWatched } = host
  if (unheardWatched === null) return false
  if (stage === 'vanished' || stage === 'failed') return true
  const { afterSeconds, count } = draft.plan.vanished
  const unheard = draft.watched - unheardWatched
  if (unheard < afterSeconds * 1000 || isInDoubt(draft.head.clock)) return false
  const why = `It has not been heard for ${spanText(unheard)}, and was in change when it was heard last.`
  draft.setStage(host, count === 'as failed' ? 'vanished' : 'left out', why)
  return true
}

const judgeGoing = (draft: RolloutDraft, host: HostProgress): void => {
  const stalledBy = host.reading?.stalledBy ?? null
  const stage = stalledBy === null ? 'changing' : 'stalled'
  const why = stalledBy === null ? null : `It waits for ${stalledBy}.`
  if (stage !== host.stage) draft.setStage(host, stage, why, { ours: true })
  else if (why !== host.why) draft.setHost(host, { why })
}

/** Its kernel shows nothing of the change. */
const judgeStill = (draft: RolloutDraft, host: HostProgress): void => {
  const { stage, outcome } = host
  if (stage === 'failed') return
  if (stage === 'vanished' && mayBegin(host)) {
    draft.setStage(host, 'told', null)
    return
  }
  if (stage === 'vanished' && outcome !== 'started') {
    draft.setStage(host, 'failed', 'It came back without the change.')
    return
  }
  if (outcome === null || outcome === 'started') {
    if (stage !== 'told') draft.setStage(host, 'told', null)
    return
  }
  if (draft.watched - host.sinceWatched <= GRACE_MS && outcome !== 'failed') return
  draft.setStage(host, 'failed', STILL[outcome] ?? 'The change was taken back on the host.')
}

const STILL: Partial<Record<NonNullable<HostProgress['outcome']>, string>> = {
  done: 'Its agent says that it is done, and its kernel does not show it.',
  unknown: 'Nobody knows what became of the order, and its kernel shows nothing of it.',
}

/**
 * Whether what was last read is from after the change that is undone: until the host says that it has obeyed, it may be
 * from before, and look the same.
 */
const isPastChange = (draft: RolloutDraft, { stage, outcome, sinceWatched }: HostProgress): boolean =>
  stage === 'undo failed'
    ? draft.watched - sinceWatched > GRACE_MS
    : outcome === 'done' || outcome === 'refused' || outcome === 'unknown'

const judgeUndoing = (draft: RolloutDraft, host: HostProgress): void => {
  const effect = host.reading?.effect
  if (effect === startOf(draft.plan) && host.unheardWatched === null && isPastChange(draft, host)) {
    // Outside a reversal, its stalled transition alone was reversed.
    if (host.stage === 'undo failed' || draft.head.reversal !== null) draft.setStage(host, 'undone', null, NOT_OURS)
    else draft.setStage(host, 'failed', host.why ?? 'Its transition was reversed.', NOT_OURS)
    return
  }
  if (host.stage === 'undo failed') return
  const unheard = host.unheardWatched === null ? 0 : draft.watched - host.unheardWatched
  if (
    unheard >= draft.plan.vanished.afterSeconds * 1000 &&
    host.unheardWatched !== null &&
    !isInDoubt(draft.head.clock)
  ) {
    draft.setStage(host, 'undo failed', `It has not been heard for ${spanText(unheard)}.`)
    return
  }
  if ((host.outcome === 'expired' || host.outcome === 'cancelled') && draft.head.phase !== 'reversing') {
    // Its own stall was to be reversed, and the order was not taken: it is what it was, and the plan's rule comes again.
    judge(draft, draft.setStage(host, 'changing', null))
    return
  }
  if (isGoing(effect) || draft.watched - host.sinceWatched <= GRACE_MS) return
  const why = host.outcome === null ? undefined : STILL_UNDOING[host.outcome]
  if (why !== undefined) draft.setStage(host, 'undo failed', why)
}

const STILL_UNDOING: Partial<Record<NonNullable<HostProgress['outcome']>, string>> = {
  done: 'Its agent says that it is undone, and its kernel does not show it.',
  failed: 'Taking it back failed, and it is in effect as before.',
  unknown: 'Nobody knows what became of the order to undo it.',
}
const NOT_OURS = { ours: false } as const

const STAYING: ReadonlySet<HostStage> = new Set(['told', 'changing', 'undoing', 'undo failed'])

const leave = (draft: RolloutDraft, host: HostProgress): void => {
  if (host.leaving === null || STAYING.has(host.stage)) return
  draft.setStage(host, 'left out', host.leaving, { leaving: null })
}
