import type { HostProgress, RolloutOrderResult } from '../../contract/rollouts-api.ts'
import type { RolloutDraft } from './rollout-draft.ts'
import { EXPIRIES_MAX, goalOf, isGoing } from './rollout-state.ts'

/** What a host says of its latest order. What is said of another, or after its end, is late and changes nothing. */
export const takeResult = (draft: RolloutDraft, result: RolloutOrderResult): void => {
  const host = draft.host(result.host)
  if (host === undefined || host.order?.id !== result.order) return
  if (host.outcome === result.state || (host.outcome !== null && host.outcome !== 'started')) return
  const begun = result.state === 'started' || result.state === 'done' || result.state === 'unknown'
  const ours = host.ours || (begun && host.stage !== 'undoing')
  const after = draft.setHost(host, { outcome: result.state, ours })
  if (result.state === 'started') return
  if (host.stage === 'undoing') endUndoing(draft, after, result)
  else if (host.order.action === 'retry') return
  else if (host.stage === 'told') endTold(draft, after, result)
  else if (result.state === 'refused' && host.outcome === null) draft.setHost(after, { ours: false })
  else if (result.state === 'failed') endChanging(draft, after, result)
}

const said = ({ code, detail, state }: RolloutOrderResult): string =>
  detail ?? (code === null ? `The order was ${state}.` : `The order was ${state}: ${code}.`)

const endTold = (draft: RolloutDraft, host: HostProgress, result: RolloutOrderResult): void => {
  const isThere = host.reading?.effect === goalOf(draft.plan)
  switch (result.state) {
    case 'done':
      draft.setStage(host, 'changing', null)
      return
    case 'refused':
      if (isThere) return
      // Another's transition began after it was last read: the host's turn comes again.
      if (result.code === 'transition_running') waitAgain(draft, host, result, host.expiries + 1)
      else draft.setStage(host, 'refused', said(result))
      return
    case 'failed':
      endChanging(draft, host, result)
      return
    case 'cancelled':
      // What a pause or a reversal took back before it was sent says nothing of the host.
      waitAgain(draft, host, result, host.expiries + Number(draft.head.phase === 'running'))
      return
    case 'expired':
      waitAgain(draft, host, result, host.expiries + 1)
  }
}

const waitAgain = (draft: RolloutDraft, host: HostProgress, result: RolloutOrderResult, expiries: number): void => {
  const isPassed = host.wave !== null && draft.head.waves[host.wave]?.stage === 'done'
  if (isPassed) draft.setStage(host, 'failed', `Its wave passed without it: ${said(result)}`)
  else if (expiries < EXPIRIES_MAX) draft.setStage(host, 'waiting', null, { expiries })
  else draft.setStage(host, 'failed', `It let ${EXPIRIES_MAX} orders run out: ${said(result)}`)
}

/** The agent gave up; the kernel has the last word, and may be in the middle of it. */
const endChanging = (draft: RolloutDraft, host: HostProgress, result: RolloutOrderResult): void => {
  const effect = host.reading?.effect
  const isUnderWay = host.stage === 'told' || host.stage === 'changing' || host.stage === 'stalled'
  if (isUnderWay && !isGoing(effect) && effect !== goalOf(draft.plan)) draft.setStage(host, 'failed', said(result))
}

/** With these a host says that there was nothing to undo. */
const UNDONE_ALREADY: readonly (string | null)[] = ['already_disabled', 'not_loaded', 'already_loaded', 'not_disabled']

/** What was last read may be older than what the host says here, so that it counts for nothing yet. */
const endUndoing = (draft: RolloutDraft, host: HostProgress, result: RolloutOrderResult): void => {
  const isRefused = result.state === 'refused' && !UNDONE_ALREADY.includes(result.code)
  if (isRefused || (result.state === 'failed' && !isGoing(host.reading?.effect))) {
    draft.setStage(host, 'undo failed', said(result))
    return
  }
  if (result.state !== 'expired' && result.state !== 'cancelled') return
  if (host.expiries + 1 < EXPIRIES_MAX) draft.setHost(host, { expiries: host.expiries + 1 })
  else draft.setStage(host, 'undo failed', `It let ${EXPIRIES_MAX} orders run out: ${said(result)}`)
}
