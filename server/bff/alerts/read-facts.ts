import type { AlertFacts } from '@rebootless/shared/domain/alerts/alert-facts.ts'
import type { SettingsOfRules } from '@rebootless/shared/domain/alerts/alert-rules.ts'
import { EVENT_COUNTS_MS } from '@rebootless/shared/domain/alerts/rule-defaults.ts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { inServerTime } from '../ingest/host-clock.ts'
import { readMarks, takeUpSnapshots } from './marks.ts'
import { readCauses } from './read-causes.ts'
import type { StepMemory } from './step-memory.ts'

type Db = Kysely<DatabaseSchema>
const HOUR_MS = 3_600_000
/** Further than this no host's clock is believed to be off where its incidents are looked for. */
const SKEW_MS_MAX = 24 * HOUR_MS

type Rare = Pick<AlertFacts, 'reversals' | 'taints' | 'silent' | 'certificates' | 'agents'>

export interface FleetFacts {
  readonly facts: Omit<AlertFacts, 'disks' | 'database' | 'lagMs' | 'exposures' | 'exceptions' | 'authorities'>
  readonly causes: StepMemory['causes']
  readonly rare: Rare
  readonly rareAt: number
}

export interface FleetAsked {
  readonly settings: SettingsOfRules
  readonly version: string
  /** As `StepOptions.heardFrom`. */
  readonly heardFrom: Date
  readonly now: Date
  readonly rareEveryMs: number
  /** Undefined: all is read. */
  readonly memory: StepMemory | undefined
}

/** Of hosts, rollouts and commands: each a query over all of them, whatever their number. */
export const readFleetFacts = async (
  transaction: Transaction<DatabaseSchema>,
  asked: FleetAsked,
): Promise<FleetFacts> => {
  const { now, rareEveryMs, memory } = asked
  const from = new Date(now.getTime() - EVENT_COUNTS_MS)
  const isDue = memory === undefined || Math.abs(now.getTime() - memory.rareAt) >= rareEveryMs
  const isMore = isDue && (await takeUpSnapshots(transaction))
  const rare = isDue ? await readRare(transaction, asked) : memory.rare
  const causes = await readCauses(transaction, memory?.causes ?? new Map())
  return {
    facts: {
      ...rare,
      causes: [...causes.values()].flatMap((part) => part.causes),
      incidents: await readIncidents(transaction, from),
      rollouts: await readRollouts(transaction, from),
      commands: await readCommands(transaction, from),
      feeds: await readFeeds(transaction),
      channels: await readChannels(transaction, from),
    },
    ...{ causes, rare, rareAt: isMore ? Number.NEGATIVE_INFINITY : isDue ? now.getTime() : memory.rareAt },
  }
}

/** What is of hours and days, and asks for a look at every host. */
const readRare = async (
  transaction: Transaction<DatabaseSchema>,
  { settings, version, heardFrom, now }: FleetAsked,
): Promise<Rare> => {
  const marks = await readMarks(transaction, new Date(now.getTime() - EVENT_COUNTS_MS))
  return {
    reversals: marks.flatMap(({ host_id: hostId, reversed_patch: patch, reversed_at: at }) =>
      patch === null || at === null ? [] : [{ hostId, patch, at: at.getTime() }],
    ),
    taints: marks.flatMap(({ host_id: hostId, taints_added: added, taints_at: at }) =>
      added === null || at === null ? [] : [{ hostId, added, at: at.getTime() }],
    ),
    silent: await readSilent(transaction, heardFrom, now),
    certificates: await readCertificates(transaction, settings.get('certificate-ending')?.threshold ?? 0, now),
    agents: await readAgents(transaction, version, now),
  }
}

const readIncidents = async (database: Db, from: Date): Promise<AlertFacts['incidents']> => {
  const rows = await database
    .selectFrom('kernel_incidents')
    .innerJoin('hosts', 'hosts.id', 'kernel_incidents.host_id')
    .leftJoin('alert_marks', 'alert_marks.host_id', 'kernel_incidents.host_id')
    .select(['kernel_incidents.host_id', 'kernel_incidents.at', 'body', 'clock_skew_ms', 'patched_at'])
    .where('kernel_incidents.at', '>', new Date(from.getTime() - SKEW_MS_MAX))
    .where(sql<boolean>`kernel_incidents.at - coalesce(hosts.clock_skew_ms, 0) * interval '1 millisecond' > ${from}`)
    .execute()
  return rows.map(({ host_id: hostId, at, body, clock_skew_ms: skew, patched_at: patchedAt }) => ({
    ...{ hostId, kind: body.kind, function: body.function, patch: body.patched?.patch ?? null, text: body.text },
    at: inServerTime(at, skew).getTime(),
    // Both are of the host's own clock.
    afterMs: patchedAt === null || at < patchedAt ? null : at.getTime() - patchedAt.getTime(),
  }))
}

/** A server that was away itself finds all hosts silent: it gives them their time to come back, and wakes nobody for its own absence. */
const readSilent = async (database: Db, heardFrom: Date, now: Date): Promise<AlertFacts['silent']> => {
  const rows = await database
    .selectFrom('hosts')
    .select(['id', 'transition', 'last_seen_at'])
    .where('contact', '!=', 'fresh')
    .where('transition', 'is not', null)
    .execute()
  return rows.flatMap(({ id: hostId, transition, last_seen_at: seen }) =>
    transition === null
      ? []
      : [{ hostId, patch: transition.patch, since: Math.max((seen ?? now).getTime(), heardFrom.getTime()) }],
  )
}

const STOPS = ['paused by itself', 'reversing by itself', 'reversed in part'] as const

/** The decision that a rollout stands still by, or goes back by; those that a person took up since are not told of. */
const readRollouts = async (database: Db, from: Date): Promise<AlertFacts['rollouts']> => {
  const rows = await database
    .selectFrom('rollouts')
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('rollout_decisions')
          .select(['kind', 'decision', 'at'])
          .whereRef('rollout_decisions.rollout_id', '=', 'rollouts.id')
          .where('kind', 'in', [...STOPS, 'paused', 'reversing', 'resumed'])
          .orderBy('number', 'desc')
          .limit(1)
          .as('last'),
      (join) => join.onTrue(),
    )
    .select(['rollouts.id', 'rollouts.name', 'last.kind', 'last.decision', 'last.at'])
    .where((eb) =>
      eb.or([
        eb('rollouts.phase', 'in', ['paused', 'reversing']),
        eb.and([eb('rollouts.phase', '=', 'reversed in part'), eb('rollouts.ended_at', '>', from)]),
      ]),
    )
    .execute()
  return rows.flatMap(({ id, name, kind, decision, at }) => {
    const stop = STOPS.find((one) => one === kind)
    if (stop === undefined) return []
    return [{ id, name, kind: stop, sentence: decision.sentence, hosts: decision.hosts, since: at.getTime() }]
  })
}

const readCommands = async (database: Db, from: Date): Promise<AlertFacts['commands']> => {
  const rows = await database
    .selectFrom('commands')
    .innerJoin('authorisations', 'authorisations.id', 'commands.authorisation_id')
    .select(['host_id', 'action', 'part', 'patch', 'state', 'code', 'detail', 'ended_at'])
    .where('state', 'in', ['failed', 'refused', 'unknown'])
    .where('ended_at', '>', from)
    .execute()
  return rows.flatMap(({ host_id: hostId, part, action, ended_at: endedAt, ...rest }) =>
    endedAt === null
      ? []
      : [
          {
            hostId,
            ...rest,
            action: part === 'reversal' ? `reversal of ${action}` : action,
            endedAt: endedAt.getTime(),
          },
        ],
  )
}

/** Only of agents that are there: one that is away for good renews nothing, and its host is shown as offline. */
const readCertificates = async (database: Db, hours: number, now: Date): Promise<AlertFacts['certificates']> => {
  const { rows } = await sql<{ host_id: string; expires_at: Date }>`
    select certificates.host_id, max(certificates.expires_at) as expires_at
    from certificates join hosts on hosts.id = certificates.host_id
    where certificates.revoked_at is null and hosts.connected
    group by certificates.host_id
    having max(certificates.expires_at) <= ${new Date(now.getTime() + hours * HOUR_MS)}`.execute(database)
  return rows.map(({ host_id: hostId, expires_at: at }) => ({ hostId, expiresAt: at.getTime() }))
}

/** Since when: since this server has its version, which the engine sees as since the first step that finds it. */
const readAgents = async (database: Db, version: string, now: Date): Promise<AlertFacts['agents']> => {
  const rows = await database
    .selectFrom('hosts')
    .select(['id', 'agent_version'])
    .where('origin', '=', 'agent')
    .where('connected', '=', true)
    .where('agent_version', '!=', version)
    .execute()
  return rows.flatMap(({ id: hostId, agent_version: of }) =>
    of === null ? [] : [{ hostId, version: of, since: now.getTime() }],
  )
}

/** What is read of a feed's last outcome: shared/contract/cve-feeds.ts, FeedOutcome. */
const detailOf = (outcome: unknown): { failed: boolean; detail: string } => {
  if (typeof outcome !== 'object' || outcome === null) return { failed: false, detail: '' }
  const { result, detail } = outcome as { result?: unknown; detail?: unknown }
  return { failed: result === 'failed', detail: typeof detail === 'string' ? detail : '' }
}

const readFeeds = async (database: Db): Promise<AlertFacts['feeds']> => {
  const rows = await database
    .selectFrom('cve_feeds')
    .select(['id', 'name', 'outcome', 'read_at', 'created_at'])
    .where('enabled', '=', true)
    .where('location', 'is not', null)
    .execute()
  return rows.flatMap(({ id, name, outcome, read_at: readAt, created_at: createdAt }) => {
    const { failed, detail } = detailOf(outcome)
    return failed ? [{ id, name, detail, since: (readAt ?? createdAt).getTime() }] : []
  })
}

const readChannels = async (database: Db, from: Date): Promise<AlertFacts['channels']> => {
  const { rows } = await sql<ChannelRow>`
    select channels.id, channels.name, channels.off_because, coalesce(letters.dead, 0)::int as dead,
      coalesce(letters.since, now()) as since, users.username as owner
    from channels left join users on users.id = channels.owner_id left join (
      select channel_id, count(*) as dead, min(ended_at) as since from channel_deliveries
      where state = 'dead' and ended_at > ${from} group by channel_id
    ) as letters on letters.channel_id = channels.id
    where (channels.off_because is not null or letters.dead > 0) and users.disabled_at is null`.execute(database)
  return rows.map(({ off_because: offBecause, since, ...channel }) => ({
    ...{ ...channel, offBecause, since: since.getTime() },
  }))
}

interface ChannelRow {
  readonly id: string
  readonly name: string
  readonly off_because: string | null
  readonly dead: number
  readonly since: Date
  readonly owner: string | null
}
