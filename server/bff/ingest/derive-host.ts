import type { HostSummary, TransitionBrief } from '@rebootless/shared/contract/host.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import type { HostToDoubt } from '@rebootless/shared/domain/exposure/exposure-doubts.ts'
import { type HostAccount, hostAccount } from '@rebootless/shared/domain/host-account.ts'
import { hostState, OFFLINE_AFTER_MS, STALE_AFTER_MS } from '@rebootless/shared/domain/host-state.ts'
import { kernelPatches } from '@rebootless/shared/domain/provider-facts.ts'
import { HOST_STATES } from '@rebootless/shared/domain/words.ts'
import type { Insertable } from 'kysely'
import { databaseText } from '../database/database-text.ts'
import type { HostsTable } from '../database/schema.ts'
import type { HostCause } from './host-cause.ts'
import { hostCauses } from './host-causes.ts'
import { inServerTime } from './host-clock.ts'
import { type HostReadings, newestName, newestTransition, wholeSnapshot } from './host-readings.ts'
import { stateSince } from './state-since.ts'

export interface HostFactsToDerive {
  readonly enrolledName: string
  readonly enrolledAt: Date
  readonly connected: boolean
  readonly lastSeenAt: Date | null
  readonly clockSkewMs: number | null
  readonly readings: HostReadings
}

/** What the row holds beside, which no reading says. */
type GivenColumn =
  | 'id'
  | 'origin'
  | 'labels'
  | 'enrolled_name'
  | 'enrolled_at'
  | 'link_id'
  | 'last_seen_at'
  | 'clock_skew_ms'
  | 'revision'
  | 'exposure_class'
  | 'exposure_doubted'
  | 'exposure_print'
  | 'reboot_print'
  | 'causes_print'
type DerivedColumns = Omit<Insertable<HostsTable>, GivenColumn>

/** Columns of the host's row that follow from what was read, and why it needs someone. */
export interface DerivedHost {
  readonly columns: DerivedColumns
  readonly causes: readonly (HostCause & { sinceAt: Date })[]
  /** From what they follow, for what else is derived from it; null: nothing was read yet. */
  readonly read: HostToDoubt | null
}

/** Hostile or odd hosts must not make a row large: lists show fewer patches than this. */
const PATCHES_MAX = 64
/** Ksplice has an update for each fix, hence some hundreds after a year, each found by its id and by its title. */
const PATCH_NAMES_MAX = 512
const CVES_MAX = 2048

/** Whether the host's silence alone says something; the sweeper asks the same in SQL (sweep-silent-hosts.ts). */
const contactOf = (
  { connected, lastSeenAt }: Pick<HostFactsToDerive, 'connected' | 'lastSeenAt'>,
  now: Date,
): HostsTable['contact'] => {
  if (lastSeenAt === null) return connected ? 'fresh' : 'offline'
  const silence = now.getTime() - lastSeenAt.getTime()
  if (!connected && silence > OFFLINE_AFTER_MS) return 'offline'
  return silence > STALE_AFTER_MS ? 'stale' : 'fresh'
}

const brief = (sample: TransitionSample, skewMs: number | null): TransitionBrief => ({
  patch: sample.patch,
  target: sample.target,
  startedAt: inServerTime(sample.startedAt, skewMs).toISOString(),
  sampledAt: inServerTime(sample.sampledAt, skewMs).toISOString(),
  tasksTotal: sample.tasksTotal,
  tasksRemaining: sample.tasksRemaining,
  blockingTotal: sample.blockingTotal,
})

/** Numbers padded, so that 6.9 sorts before 6.12; the first letters suffice, since the name follows in the order. */
const kernelSortKey = (release: string): string =>
  databaseText(release.replace(/\d{1,6}/g, (digits) => digits.padStart(6, '0')).slice(0, 48))
const nameSortKey = (name: string): string => databaseText(name.toLowerCase().slice(0, 48))

/** Livepatches that are in, were in since the boot, or were refused; then what tools have in the kernel, by id and name. */
const patchNamesOf = (account: HostAccount | null, snapshot: Snapshot | null): string[] => {
  const refused = (snapshot?.kernelEvents ?? [])
    .filter(({ kind }) => kind === 'enable_failed')
    .map(({ patch }) => patch)
  const livepatches = [
    ...(account?.statuses ?? []).map(({ name }) => name),
    ...(snapshot?.memory ?? []).map(({ name }) => name),
    ...refused.filter((name) => name !== null),
  ]
  const byTools = (account?.providers ?? [])
    .flatMap(kernelPatches)
    .filter(({ state }) => state !== 'not_loaded')
    .flatMap(({ id, name }) => [id, name])
  return distinct([...distinct(livepatches).slice(0, PATCHES_MAX), ...byTools]).slice(0, PATCH_NAMES_MAX)
}

/** CVEs whose fixes are in effect, as the tools say. */
const cvesOf = (account: HostAccount | null): string[] =>
  distinct((account?.effective ?? []).filter(({ protects }) => protects).flatMap(({ cves }) => cves))
    .sort()
    .slice(0, CVES_MAX)

const silence = (contact: HostsTable['contact']) => (contact === 'fresh' ? null : contact)

const distinct = (texts: readonly string[]) => [...new Set(texts)]

/** Pure: the same facts give the same row, whatever the order in which they came. */
export const deriveHost = (facts: HostFactsToDerive, now: Date): DerivedHost => {
  const { readings, connected, lastSeenAt, clockSkewMs } = facts
  const snapshot = readings.snapshot === null ? null : wholeSnapshot(readings.snapshot.body)
  const transition = newestTransition(readings)
  const account = snapshot === null ? null : hostAccount(snapshot, transition)
  const condition = hostState({
    snapshot,
    transition,
    ...(account === null ? {} : { account }),
    connected,
    lastSeenAt: lastSeenAt?.getTime() ?? null,
    now: now.getTime(),
  })
  const { state, reason } = condition
  const statuses = account?.statuses ?? []
  const contact = contactOf(facts, now)
  const since = stateSince(condition, snapshot, transition, statuses)
  const sinceAt = since === undefined ? (lastSeenAt ?? facts.enrolledAt) : inServerTime(since, clockSkewMs)
  const name = databaseText(newestName(readings) || facts.enrolledName)
  const patches: HostSummary['patches'] = statuses
    .slice(0, PATCHES_MAX)
    .map(({ name, state, forced, stalled }) => ({ name, state, forced, stalled }))
  const release = databaseText(snapshot?.kernel.release ?? '')
  const os = snapshot?.operatingSystem
  return {
    columns: {
      name,
      name_sort: nameSortKey(name),
      state,
      state_rank: HOST_STATES.indexOf(state),
      state_reason: databaseText(reason),
      state_since: sinceAt,
      kernel_release: release,
      kernel_sort: kernelSortKey(release),
      architecture: databaseText(snapshot?.kernel.architecture ?? ''),
      operating_system: os === undefined ? null : databaseText(os.name ?? os.id ?? '') || null,
      providers: (account?.providers ?? []).map((report) => databaseText(report.name)),
      effective_kernel: account?.effectiveKernel == null ? null : databaseText(account.effectiveKernel),
      reboot: account?.rebootNeed.answer ?? 'unknown',
      cves: cvesOf(account),
      patch_names: patchNamesOf(account, snapshot).map(databaseText),
      patches: JSON.stringify(patches),
      transition: transition === null ? null : JSON.stringify(brief(transition, clockSkewMs)),
      tasks_total: transition?.tasksTotal ?? 0,
      tasks_remaining: transition?.tasksRemaining ?? 0,
      host_class: readings.hello?.body.hostClass ?? 'observe',
      agent_version: readings.hello === null ? null : databaseText(readings.hello.body.agentVersion),
      connected,
      contact,
      read_at: snapshot === null ? null : inServerTime(snapshot.takenAt, clockSkewMs),
    },
    read: snapshot === null || account === null ? null : { snapshot, account, transition, contact: silence(contact) },
    causes: [
      ...new Map(
        hostCauses({ state, contact, snapshot, transition, account })
          .map((cause) => storable(cause, sinceAt, clockSkewMs))
          // What a hostile host says twice is one cause.
          .map((cause) => [cause.key, cause]),
      ).values(),
    ],
  }
}

const storable = (cause: HostCause, stateSinceAt: Date, skewMs: number | null): HostCause & { sinceAt: Date } => ({
  ...cause,
  key: databaseText(cause.key),
  title: databaseText(cause.title),
  explanation: databaseText(cause.explanation),
  filter: databaseText(cause.filter),
  blocking: cause.blocking === null ? null : databaseText(cause.blocking),
  function: cause.function === null ? null : databaseText(cause.function),
  sinceAt: cause.since === undefined ? stateSinceAt : inServerTime(cause.since, skewMs),
})
