import type { PatchStatus } from '../contract/host.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { TransitionSample } from '../contract/transition.ts'
import { type HostAccount, hostAccount } from './host-account.ts'
import { endsInLivepatch, isAtWork, isChanging, kernelPatches, patchWord, providerTitle } from './provider-facts.ts'
import { inTheWay, providerNeeds } from './provider-needs.ts'
import { redirectionMap } from './redirections.ts'
import { counted, cut, listed } from './sentence.ts'
import { steadyCondition } from './steady-condition.ts'
import { transitionSentence } from './transition-sentence.ts'
import { HOST_STATES, type HostState } from './words.ts'

/** A heartbeat comes every 10 s: three lost and a little. */
export const STALE_AFTER_MS = 35_000
export const OFFLINE_AFTER_MS = 60_000

export interface HostFacts {
  snapshot: Snapshot | null
  /** The newest sample of a running transition; null: none runs. */
  transition: TransitionSample | null
  connected: boolean
  /** Milliseconds since 1970; null: never heard of. */
  lastSeenAt: number | null
  now: number
  /** Of these two, where it is made already. */
  account?: HostAccount
}

export interface HostCondition {
  state: HostState
  /** One full sentence. */
  reason: string
  /** Whose tool says so; left out: the kernel's own files, or the agent's silence. */
  provider?: string
}

const REASON_CHARACTERS_MAX = 500

/** The most urgent of the conditions that a host is in. */
export const hostState = (facts: HostFacts): HostCondition => {
  const contact = contactCondition(facts)
  const { snapshot, transition } = facts
  const found =
    snapshot === null
      ? []
      : snapshotConditions(snapshot, transition, facts.account ?? hostAccount(snapshot, transition))
  const lasting = contact === null ? found : found.filter(outlastsSilence)
  const all = contact === null ? lasting : [...lasting, contact]
  const urgency = ({ state }: HostCondition) => HOST_STATES.indexOf(state)
  const worst = all.sort((left, right) => urgency(left) - urgency(right))[0] ?? {
    state: 'stale' as const,
    reason: 'The agent is connected, but its first reading has not come yet.',
  }
  return { ...worst, reason: cut(worst.reason, REASON_CHARACTERS_MAX) }
}

/** What may have changed since the last word says nothing of now. */
const yieldsToSilence = new Set<HostState>(['stalled', 'patching', 'unpatching', 'patched', 'unsupported', 'stale'])
// A vendor's tool applies what it is offered by itself, so nothing that it said holds for long.
const outlastsSilence = ({ state, provider }: HostCondition) => provider === undefined && !yieldsToSilence.has(state)

const contactCondition = ({ connected, lastSeenAt, now }: HostFacts): HostCondition | null => {
  if (lastSeenAt === null) {
    return connected ? null : { state: 'offline', reason: 'The agent has never been heard of.' }
  }
  const silence = now - lastSeenAt
  if (!connected && silence > OFFLINE_AFTER_MS)
    return { state: 'offline', reason: `The agent has not been connected for ${duration(silence)}.` }
  if (silence > STALE_AFTER_MS) {
    return { state: 'stale', reason: `Nothing has been heard from the agent for ${duration(silence)}.` }
  }
  return null
}

const duration = (milliseconds: number): string => {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
  ] as const
  const [name, size] = units.find(([, size]) => milliseconds >= size) ?? (['second', 1_000] as const)
  const count = Math.floor(milliseconds / size)
  return `${count} ${name}${count === 1 ? '' : 's'}`
}

const snapshotConditions = (
  snapshot: Snapshot,
  transition: TransitionSample | null,
  account: HostAccount,
): HostCondition[] => {
  const needs = providerNeeds(snapshot, account)
  return [
    forced(snapshot),
    changing(account.statuses, transition),
    atWork(snapshot, account),
    failed(snapshot),
    ...needs.map(({ state, reason, provider }) => (state === null ? null : { state, reason, provider })),
    steadyCondition(snapshot, account, needs),
    drifted(snapshot, account.statuses, transition),
    disagreeing(account),
  ].filter((condition) => condition !== null)
}

const forced = (snapshot: Snapshot): HostCondition | null => {
  const names = snapshot.memory.filter(({ forcedAt }) => forcedAt !== null).map(({ name }) => name)
  const logged = snapshot.kernelEvents?.some(({ kind }) => kind === 'forced') === true
  if (names.length === 0 && !logged) return null
  const what = names.length === 0 ? 'A livepatch' : listed(names)
  return {
    state: 'forced',
    reason: `${what} was forced since the last boot, so a task may run old and new code together; only a reboot clears that.`,
  }
}

const changing = (statuses: readonly PatchStatus[], transition: TransitionSample | null): HostCondition | null => {
  const patch = statuses.find(({ state }) => state === 'patching' || state === 'unpatching')
  if (patch === undefined || (patch.state !== 'patching' && patch.state !== 'unpatching')) return null
  const sample = transition?.patch === patch.name ? transition : null
  const under = patch.state === 'patching' ? 'is being applied' : 'is being taken out'
  const reason = sample === null ? `${patch.name} ${under}.` : transitionSentence(sample)
  return { state: patch.stalled ? 'stalled' : patch.state, reason }
}

/** A system that keeps its code elsewhere tells by its tool alone that it is changing the kernel. */
const atWork = ({ livepatches }: Snapshot, { providers }: HostAccount): HostCondition | null => {
  const report = providers.find(
    (candidate) => isAtWork(candidate) && !(endsInLivepatch(candidate.name) && livepatches !== null),
  )
  if (report === undefined) return null
  const provider = report.name
  const title = providerTitle(provider)
  const named = (state: 'patching' | 'unpatching') =>
    kernelPatches(report)
      .filter((patch) => patch.state === state)
      .map(patchWord)
  const [coming, leaving] = [named('patching'), named('unpatching')]
  const way = inTheWay(report)
  if (coming.length === 0 && leaving.length > 0)
    return { state: 'unpatching', provider, reason: `${title} is taking out ${listed(leaving)}${way}.` }
  return {
    state: 'patching',
    provider,
    reason: `${title} is ${coming.length === 0 ? 'changing the kernel' : `applying ${listed(coming)}`}${way}.`,
  }
}

const disagreeing = ({ disagreements }: HostAccount): HostCondition | null => {
  const [first, ...others] = disagreements
  if (first === undefined) return null
  const more = others.length === 0 ? '' : ` ${counted(others.length, 'other disagreement')} beside.`
  return { state: 'drifted', reason: `${first.says} ${first.sysfsSays}${more}`, provider: first.provider }
}

/** The last word of the log on loading a patch is that it failed. "Unpatching complete" belongs to the failure. */
const failed = ({ kernelEvents }: Snapshot): HostCondition | null => {
  const events = kernelEvents ?? []
  const index = events.findLastIndex(({ kind }) => kind === 'enable_failed')
  const failure = events[index]
  if (failure === undefined) return null
  const later = events.slice(index + 1)
  const after = later.some(
    (event) =>
      event.kind === 'enabling' ||
      event.kind === 'transition_started' ||
      (event.kind === 'transition_completed' && event.patch !== failure.patch),
  )
  if (after) return null
  return {
    state: 'failed',
    reason: `The kernel failed to enable ${failure.patch ?? 'a livepatch'}; its log says why.`,
  }
}

/** What sysfs says is in effect and ftrace does not know; in a transition the two may differ for a moment. */
export const unredirectedFunctions = (
  snapshot: Snapshot,
  statuses: readonly PatchStatus[],
  transition: TransitionSample | null,
): string[] =>
  statuses.some(({ state }) => isChanging(state))
    ? []
    : redirectionMap(snapshot, transition)
        .objects.flatMap(({ functions }) => functions)
        .filter(({ ftrace }) => ftrace === 'missing')
        .map(({ name }) => name)

const drifted = (
  snapshot: Snapshot,
  statuses: readonly PatchStatus[],
  transition: TransitionSample | null,
): HostCondition | null => {
  const missing = unredirectedFunctions(snapshot, statuses, transition)
  if (missing.length === 0) return null
  return {
    state: 'drifted',
    reason: `sysfs says that ${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} patched, but ftrace does not redirect ${missing.length === 1 ? 'it' : 'them'}.`,
  }
}
