import type { KernelEvent } from '@rebootless/shared/contract/patch-memory.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { inServerTime } from '../ingest/host-clock.ts'
import { type KernelSpan, kernelSpans } from './kernel-spans.ts'

interface Part {
  readonly name: string
  readonly from: Date
  readonly to: Date
}

/** Where the time of one command went. */
export interface CommandPhases {
  readonly id: string
  readonly hostId: string
  readonly action: string
  readonly state: string
  readonly code: string | null
  readonly traceParent: string
  readonly createdAt: Date
  readonly endedAt: Date
  /** One after another, by this server's clock: when the agent's words came. */
  readonly parts: readonly Part[]
  /** Within the last part, by the kernel's own log, in this server's time as far as the host's clock is known. */
  readonly kernel: readonly (Part &
    Pick<KernelSpan, 'patch' | 'ended'> & {
      readonly marks: readonly { readonly name: string; readonly at: Date }[]
    })[]
}

/** Clocks are known to a few hundred milliseconds, and the log's times are of the boot's. */
const AROUND = sql`interval '2 seconds'`
/** A kernel's log as a host tells it has no limit of its own. */
const EVENTS_MOST = 100

/** @returns those that have ended and were asked for while somebody collected traces */
export const readCommandPhases = async (
  database: Kysely<DatabaseSchema>,
  commandIds: readonly string[],
): Promise<CommandPhases[]> => {
  const rows = await database
    .selectFrom('commands')
    .innerJoin('authorisations', 'authorisations.id', 'commands.authorisation_id')
    .innerJoin('hosts', 'hosts.id', 'commands.host_id')
    .select(['commands.id', 'commands.host_id', 'commands.part', 'commands.state', 'commands.code'])
    .select(['commands.created_at', 'commands.issued_at', 'commands.started_at', 'commands.ended_at'])
    .select(['authorisations.action', 'authorisations.trace_parent', 'hosts.clock_skew_ms'])
    .select(
      sql<KernelEvent[] | null>`(
        select json_agg(body order by at, kmsg_sequence) from (
          select body, at, kmsg_sequence from kernel_events
          where kernel_events.host_id = commands.host_id
            and at between commands.started_at + ${SKEW} - ${AROUND} and commands.ended_at + ${SKEW} + ${AROUND}
            and (authorisations.patch is null or coalesce(body ->> 'patch', authorisations.patch) = authorisations.patch)
          order by at, kmsg_sequence limit ${EVENTS_MOST}
        ) as told
      )`.as('events'),
    )
    .where('commands.id', 'in', [...commandIds])
    .where('commands.ended_at', 'is not', null)
    .where('authorisations.trace_parent', 'is not', null)
    .execute()
  return rows.flatMap((row) => {
    const { issued_at: issuedAt, started_at: startedAt, ended_at: endedAt, trace_parent: traceParent } = row
    if (endedAt === null || traceParent === null) return []
    const part = (name: string, from: Date | null, to: Date | null) =>
      from && to && from <= to ? [{ name, from, to }] : []
    const time = (at: string) => inServerTime(at, row.clock_skew_ms)
    return {
      ...{ id: row.id, hostId: row.host_id, state: row.state, code: row.code, traceParent },
      action: row.part === 'reversal' ? 'reversal' : row.action,
      ...{ createdAt: row.created_at, endedAt },
      parts: [
        ...part('approvals, waves and windows', row.created_at, issuedAt),
        ...part('on its way to the host', issuedAt, startedAt),
        ...part(AGENT_PART, startedAt, endedAt),
      ],
      kernel: kernelSpans(row.events ?? []).map(({ from, to, marks, ...span }) => ({
        ...{ ...span, from: time(from), to: time(to) },
        marks: marks.map(({ name, at }) => ({ name, at: time(at) })),
      })),
    }
  })
}

export const AGENT_PART = 'the agent acts, as its host told'

/** A host's clock minus ours: its log has its own times. */
const SKEW = sql`coalesce(hosts.clock_skew_ms, 0) * interval '1 millisecond'`
