import type { PatchStatus } from '../contract/host.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { TransitionSample } from '../contract/transition.ts'
import { patchStatuses } from './patch-status.ts'
import { redirectionMap } from './redirections.ts'
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
}

export interface HostCondition {
  state: HostState
  /** One full sentence. */
  reason: string
}

const REASON_CHARACTERS_MAX = 500

/** The most urgent of the conditions that a host is in. */
export const hostState = (facts: HostFacts): HostCondition => {
  const contact = contactCondition(facts)
  const found = facts.snapshot === null ? [] : snapshotConditions(facts.snapshot, facts.transition)
  const lasting = contact === null ? found : found.filter(({ state }) => !yieldsToSilence.has(state))
  const all = contact === null ? lasting : [...lasting, contact]
  const urgency = ({ state }: HostCondition) => HOST_STATES.indexOf(state)
  const worst = all.sort((left, right) => urgency(left) - urgency(right))[0] ?? {
    state: 'stale' as const,
    reason: 'The agent is connected, but its first reading has not come yet.',
  }
  return { ...worst, reason: cut(worst.reason) }
}

const cut = (text: string) =>
  text.length <= REASON_CHARACTERS_MAX ? text : `${text.slice(0, REASON_CHARACTERS_MAX - 1)}…`

/** What may have changed since the last word says nothing of now. */
const yieldsToSilence = new Set<HostState>(['stalled', 'patching', 'unpatching', 'patched', 'unsupported', 'stale'])

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

const snapshotConditions = (snapshot: Snapshot, transition: TransitionSample | null): HostCondition[] => {
  const statuses = patchStatuses(snapshot, transition)
  return [
    forced(snapshot),
    changing(statuses, transition),
    failed(snapshot),
    steady(snapshot, statuses),
    drifted(snapshot, statuses, transition),
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

const steady = (snapshot: Snapshot, statuses: readonly PatchStatus[]): HostCondition | null => {
  if (snapshot.livepatches === null) return withoutSysfs(snapshot)
  const unknown = statuses.filter(({ state }) => state === 'unknown').map(({ name }) => name)
  if (unknown.length > 0)
    return {
      state: 'stale',
      reason: `Whether ${listed(unknown)} ${unknown.length === 1 ? 'is' : 'are'} in effect could not be read.`,
    }
  if (statuses.some(({ state }) => state === 'applied')) {
    const applied = statuses.filter(({ state }) => state === 'applied').map(({ name }) => name)
    return { state: 'patched', reason: `${listed(applied)} ${applied.length === 1 ? 'is' : 'are'} in effect.` }
  }
  // Whether it will be in effect is being decided.
  if (statuses.some(({ state }) => state === 'patching' || state === 'unpatching')) return null
  const idle = statuses.filter(({ state }) => state === 'disabled' || state === 'superseded').map(({ name }) => name)
  const alone = idle.length === 1
  if (idle.length > 0)
    return {
      state: 'exposed',
      reason: `${listed(idle)} ${alone ? 'is' : 'are'} loaded but disabled; ${alone ? 'its' : 'their'} fixes are not in effect.`,
    }
  return {
    state: 'exposed',
    reason: 'No live patch is in effect, as far as the livepatch provider can see; other systems are not read yet.',
  }
}

const withoutSysfs = (snapshot: Snapshot): HostCondition => {
  const refusal = snapshot.unreadable.find(({ path }) => path === '/sys/kernel/livepatch')
  if (refusal !== undefined && refusal.errno !== 'ENOENT')
    return {
      state: 'stale',
      reason: `/sys/kernel/livepatch could not be read (${refusal.errno}), so nothing is known of this host's patches.`,
    }
  const { livepatchConfigured } = snapshot.kernel
  // With CONFIG_LIVEPATCH the directory is always there, so it is the agent that cannot see it: in a container, say.
  if (livepatchConfigured === true || snapshot.unreadable.some(({ path }) => path === '/sys/kernel'))
    return {
      state: 'stale',
      reason:
        "The agent cannot see /sys/kernel/livepatch (is sysfs mounted?), so nothing is known of this host's patches.",
    }
  const cause = livepatchConfigured === false ? 'is built without CONFIG_LIVEPATCH' : 'offers no /sys/kernel/livepatch'
  return { state: 'unsupported', reason: `This kernel ${cause}, so it cannot be live patched by livepatch.` }
}

/** sysfs says "in effect", ftrace does not know the function; in a transition the two may differ for a moment. */
const drifted = (
  snapshot: Snapshot,
  statuses: readonly PatchStatus[],
  transition: TransitionSample | null,
): HostCondition | null => {
  if (statuses.some(({ state }) => state === 'patching' || state === 'unpatching')) return null
  const missing = redirectionMap(snapshot, transition)
    .objects.flatMap(({ functions }) => functions)
    .filter(({ ftrace }) => ftrace === 'missing')
    .map(({ name }) => name)
  if (missing.length === 0) return null
  return {
    state: 'drifted',
    reason: `sysfs says that ${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} patched, but ftrace does not redirect ${missing.length === 1 ? 'it' : 'them'}.`,
  }
}

const listed = (names: readonly string[]): string => {
  if (names.length > 3) return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
