import type { HostPolicySummary } from '../contract/agent-message.ts'
import type { PatchStatus } from '../contract/host.ts'
import type { TransitionSample } from '../contract/transition.ts'
import { CLOCK_SKEW_MS_MAX, COMMANDS_SINCE } from './agent-link.ts'
import { approvalsNeeded } from './approvals-needed.ts'
import { counted } from './sentence.ts'
import { isOfTransition } from './transition-actions.ts'
import { AGENT_ITSELF, isUpdatable } from './updatable-providers.ts'
import { COMMAND_ACTIONS, type CommandAction, type HostClass, type HostOrigin, type Role } from './words.ts'

type TransitionTarget = TransitionSample['target']

/** What is known of one host when somebody asks what may be done to it. */
export interface ActionFacts {
  readonly hostClass: HostClass
  /** As its last hello said; null: an older agent, which takes no commands. */
  readonly policy: HostPolicySummary | null
  /** Of the agent, as its last hello said; null: none came. */
  readonly protocol: number | null
  readonly origin: HostOrigin
  readonly connected: boolean
  readonly quarantined: boolean
  readonly frozen: boolean
  /** Host's clock minus the server's, in milliseconds; null: never measured. */
  readonly clockSkewMs: number | null
  /** A transition was forced since the host started. */
  readonly forcedThisBoot: boolean
  /** /sys/kernel/livepatch is there and was read. */
  readonly hasLivepatch: boolean
  readonly stack: readonly Pick<PatchStatus, 'name' | 'state' | 'stalled' | 'pinned'>[]
  /** The running transition, as last sampled; null: none runs. */
  readonly transition: Pick<TransitionSample, 'patch' | 'target' | 'blockingTotal'> | null
  /** That sample is older than the agent's link: whether tasks still block, it has yet to say. */
  readonly transitionIsOld: boolean
  /** Live patching systems that are there. */
  readonly providers: readonly string[]
}

/** One thing that could be done; `patch` or `provider` says to which. */
export interface PossibleAction {
  readonly action: CommandAction
  readonly patch: string | null
  readonly provider: string | null
  /** Which way the transition runs that it is about; null: it is about none. */
  readonly target: TransitionTarget | null
  /** Why it cannot be asked for, in a sentence; null: it can. */
  readonly refusal: string | null
  /** What it would wait for, in a sentence; null: nothing, it would be sent at once. */
  readonly waitsFor: string | null
  readonly approvals: number
  /** Asks for the password or a second factor once more. */
  readonly dangerous: boolean
}

/** They take a fix away, or a kernel's soundness (threat-model T25). A downgrade is dangerous whatever the action. */
const DANGEROUS: ReadonlySet<CommandAction> = new Set(['force', 'reverse', 'disable'])
export const isDangerous = (act: { readonly action: CommandAction; readonly downgrade: boolean }): boolean =>
  act.downgrade || DANGEROUS.has(act.action)

export const READ_ONLY = 'The host is read-only: its agent is too old to take commands.'
export const isReadOnly = (protocol: number | null): boolean => protocol !== null && protocol < COMMANDS_SINCE

/** Why the host is not to be commanded at all, until something changes there; null: it may be. */
export const whyNotCommanded = (
  facts: Pick<ActionFacts, 'hostClass' | 'policy' | 'protocol' | 'origin' | 'quarantined'>,
): string | null => {
  const { hostClass, policy, protocol } = facts
  if (facts.origin === 'recorded') return 'This host plays a recorded kernel, which cannot be changed.'
  if (facts.quarantined) return 'The host is in quarantine: it is seen, and not commanded.'
  if (isReadOnly(protocol)) return READ_ONLY
  if (policy === null) return 'The agent has not said what its host allows: one of this version has to connect once.'
  if (hostClass === 'observe') {
    const why = policy.reason === null ? 'its agent.json says class observe' : policy.reason
    return `The host only lets itself be observed: ${why}.`
  }
  if (policy.stopped) return 'Local root has stopped all changes by a file on the host; only he removes it.'
  return null
}

/** Why not this may be asked of the host, whatever its livepatches do; null: nothing is in the way. */
const hostRefusal = (action: CommandAction, facts: ActionFacts): string | null => {
  const { policy } = facts
  if (policy?.actions?.includes(action) === false) {
    return `The host's agent.json allows ${policy.actions.join(', ') || 'no action'}; not ${action}.`
  }
  if (action === 'refresh') return null
  if (action === 'force' && policy?.neverForce) return "The host's agent.json never allows a force."
  if (facts.forcedThisBoot && action !== 'signal') {
    return 'A transition was forced since the host started: only a restart makes changes safe again.'
  }
  return null
}

const livepatchRefusal = ({ action, patch, target }: Act, facts: ActionFacts): string | null => {
  if (action === 'refresh' || action === 'update') return null
  if (!facts.hasLivepatch) return 'This kernel has no livepatch, or it could not be read.'
  const { transition } = facts
  if (isOfTransition(action)) {
    if (transition === null) return 'No transition is running.'
    if (patch !== null && transition.patch !== patch) return `${transition.patch} is in transition, and not ${patch}.`
    if (target !== null && transition.target !== target) {
      return `${transition.patch} is ${transition.target}, and not ${target}.`
    }
    if (action === 'reverse') return null
    if (facts.transitionIsOld)
      return 'The agent has linked anew, and has yet to say whether tasks block the transition.'
    return transition.blockingTotal > 0 ? null : 'No task blocks the transition: it ends by itself.'
  }
  if (transition !== null)
    return `${transition.patch} is in transition, and the kernel changes one livepatch at a time.`
  const status = facts.stack.find(({ name }) => name === patch)
  if (action === 'load') return null
  if (status === undefined) return 'There is no such livepatch on this host.'
  if (action === 'disable') return status.state === 'applied' ? null : `${status.name} is ${status.state}, not applied.`
  if (status.state !== 'disabled' && status.state !== 'superseded') return `${status.name} is ${status.state}.`
  return status.pinned ? 'Its module is pinned by a force: only a restart frees it.' : null
}

const updateRefusal = (provider: string | null, facts: ActionFacts): string | null => {
  // Whether it takes one, and whose, the host itself says.
  if (provider === AGENT_ITSELF) return null
  const known = provider !== null && facts.providers.includes(provider)
  if (!known) return 'No vendor’s tool on this host has a documented command that fetches and applies patches.'
  if (!isUpdatable(provider)) return `No documented command updates ${provider}.`
  return provider === 'klp' && facts.policy?.packageUpdates !== true
    ? "The host's agent.json does not say packageUpdates: no package is installed there."
    : null
}

/** A request that nobody could ever approve is none: its host names too few. */
const approversRefusal = (needed: number, { policy }: ActionFacts): string | null => {
  const named = policy?.approvers.length ?? 0
  if (named >= needed) return null
  const approvers = named === 0 ? 'none' : counted(named, 'approver')
  return `It takes ${counted(needed, 'approver')}, and the host's agent.json names ${approvers}: its root adds them there.`
}

/** Why the host is not sent anything just now. */
export const clockRefusal = ({ clockSkewMs }: Pick<ActionFacts, 'clockSkewMs'>): string | null =>
  Math.abs(clockSkewMs ?? 0) > CLOCK_SKEW_MS_MAX ? "The host's clock is more than five minutes off the server's." : null

const waitsFor = (facts: ActionFacts): string | null => {
  if (facts.frozen) return 'All changes are frozen.'
  if (!facts.connected) return 'The agent is not connected.'
  return clockRefusal(facts)
}

interface Act {
  readonly action: CommandAction
  readonly patch: string | null
  readonly provider: string | null
  /** As whoever asks has seen it; null: as it is. */
  readonly target: TransitionTarget | null
  readonly downgrade: boolean
}

/** Whether one act may be asked of one host, and what it would take. The pages and the backend ask the same function. */
export const actionOn = (facts: ActionFacts, role: Role, act: Act): PossibleAction => {
  const { action, patch, provider } = act
  const refusal =
    (role === 'viewer' ? 'This needs the role operator.' : null) ??
    whyNotCommanded(facts) ??
    hostRefusal(action, facts) ??
    (action === 'update' ? updateRefusal(provider, facts) : livepatchRefusal(act, facts))
  const target = isOfTransition(action) ? (facts.transition?.target ?? null) : null
  const threshold = facts.policy?.threshold ?? 1
  const approvals = approvalsNeeded({ hostClass: facts.hostClass, threshold }, act)
  return {
    ...{ action, patch, provider, target, approvals },
    refusal: refusal ?? approversRefusal(approvals, facts),
    waitsFor: waitsFor(facts),
    dangerous: isDangerous(act),
  }
}

/** Every act on one host, possible or not and why: what a page shows as its buttons. */
export const possibleActions = (facts: ActionFacts, role: Role): PossibleAction[] => {
  const on = (action: CommandAction, patch: string | null, provider: string | null = null) =>
    actionOn(facts, role, { action, patch, provider, target: null, downgrade: false })
  const updatable = facts.providers.filter(isUpdatable)
  return COMMAND_ACTIONS.flatMap((action) => {
    switch (action) {
      case 'load':
      case 'refresh':
        return [on(action, null)]
      case 'enable':
      case 'disable':
        return facts.stack
          .filter(({ state }) => (action === 'disable') === (state === 'applied' || state === 'patching'))
          .map(({ name }) => on(action, name))
      case 'update':
        return (updatable.length === 0 ? [null] : updatable).map((name) => on(action, null, name))
      default:
        return [on(action, facts.transition?.patch ?? null)]
    }
  })
}
