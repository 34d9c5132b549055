import { providerTitle } from './provider-facts.ts'
import { AGENT_ITSELF } from './updatable-providers.ts'
import type { CommandAction } from './words.ts'

/** An act as a button and in a list, without what it is done to. */
export const ACT_WORDS: Readonly<Record<CommandAction, string>> = {
  load: 'Load a livepatch',
  enable: 'Enable',
  disable: 'Disable',
  reverse: 'Reverse the transition',
  retry: 'Retry the transition',
  signal: 'Signal the blocking tasks',
  force: 'Force the transition',
  update: 'Update',
  refresh: 'Read the host anew',
}

interface ActNamed {
  readonly action: CommandAction
  readonly patch: string | null
  readonly provider: string | null
}

/** The same with what it is done to, as a heading. Its text is a host's word. */
export const actTitle = ({ action, patch, provider }: ActNamed): string => {
  if (action === 'update' && provider === AGENT_ITSELF) return 'Replace the agent'
  if (action === 'update' && provider !== null) return `Update by ${providerTitle(provider)}`
  if (patch === null) return ACT_WORDS[action]
  switch (action) {
    case 'load':
      return `Load ${patch}`
    case 'enable':
    case 'disable':
      return `${ACT_WORDS[action]} ${patch}`
    default:
      return `${ACT_WORDS[action]} of ${patch}`
  }
}

/** `Force the transition of lp_fix on web-1`, `Load lp_fix on 12 hosts`: a request as lists and the audit log name it. */
export const requestTitle = ({
  hostCount,
  hostName,
  ...act
}: ActNamed & {
  readonly hostCount: number
  /** Of the only host; null: there are several, or it is there no more. */
  readonly hostName: string | null
}): string => {
  const hosts = hostName ?? (hostCount === 1 ? 'a host that was removed' : `${hostCount.toLocaleString('en')} hosts`)
  return act.action === 'refresh' ? `Read ${hosts} anew` : `${actTitle(act)} on ${hosts}`
}
