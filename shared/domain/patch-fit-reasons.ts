import type { FitReason } from '../contract/patch-hosts.ts'
import type { FitHost } from './patch-fit-host.ts'
import type { FitNote, Fits, Misfit, MissingFact } from './patch-words.ts'
import { isReadOnly, whyNotCommanded } from './possible-actions.ts'

/** Whether a host can take a patch. */
export interface Fit {
  readonly fits: Fits
  /** Livepatches that it would take the place of, by name. */
  readonly replaces: readonly string[]
  readonly reasons: readonly FitReason[]
}

const TEXT_MAX = 700
export const misfit = (code: Misfit, text: string): FitReason => ({ code, kind: 'no', text: text.slice(0, TEXT_MAX) })
export const missing = (code: MissingFact, text: string): FitReason => ({
  ...{ code, kind: 'unknown', text: text.slice(0, TEXT_MAX) },
})
export const note = (code: FitNote, text: string): FitReason => ({ code, kind: 'note', text: text.slice(0, TEXT_MAX) })

/** What forbids decides before what is missing, and only where neither is there, it fits. */
export const fitOf = (reasons: readonly FitReason[], replaces: readonly string[]): Fit => ({
  fits: reasons.some(({ kind }) => kind === 'no')
    ? 'no'
    : reasons.some(({ kind }) => kind === 'unknown')
      ? 'unknown'
      : 'yes',
  ...{ replaces, reasons },
})

/** Whether it may be told to do such a thing at all. */
export const commandReasons = (host: FitHost, action: 'load' | 'update'): FitReason[] => {
  const why = whyNotCommanded(host)
  if (why === null) {
    const allowed = host.policy?.actions
    return allowed?.includes(action) === false
      ? [misfit('action_barred', `The host's agent.json allows ${allowed.join(', ') || 'no action'}; not ${action}.`)]
      : []
  }
  if (host.origin === 'recorded') return [misfit('recorded', why)]
  if (host.quarantined) return [misfit('quarantined', why)]
  if (isReadOnly(host.protocol)) return [misfit('old_agent', why)]
  if (host.policy === null) return [missing('agent_unheard', why)]
  return [misfit(host.hostClass === 'observe' ? 'observed' : 'stopped', why)]
}
