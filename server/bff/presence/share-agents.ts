import { randomUUID } from 'node:crypto'
import { askToGo, BACKEND_GONE_MS, NOTHING_ASKED, SHARES_LOOK_MS } from '@rebootless/shared/domain/agent-shares.ts'
import { type Kysely, sql } from 'kysely'
import type { Logger } from 'pino'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { DatabaseSchema } from '../database/schema.ts'
import { periodically } from '../periodic.ts'

/** The agents' port of this backend: bff/link/agent-server.ts. */
export interface HeldAgents {
  linkCount(): number
  /** @returns how many were asked */
  askToGo(count: number, random: () => number): number
}

export interface ShareAgentsOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly log: Pick<Logger, 'warn' | 'info'>
  readonly metrics?: Registry
  /** From 0 to below 1. */
  readonly random: () => number
  readonly agents: HeldAgents
  /** Where agents dial this backend, for people. */
  readonly address: string
  readonly lookMs?: number
}

/**
 * Tells the other backends of one database how many agents are here, and asks some to go elsewhere while they are more
 * than this backend's share. @returns ends it, and takes this backend out
 */
export const shareAgents = (options: ShareAgentsOptions): (() => Promise<void>) => {
  const { database, log, agents, address, random } = options
  const id = randomUUID()
  let memory = NOTHING_ASKED
  let live = 1
  const asked = options.metrics && registerMetrics(options.metrics, { held: agents.linkCount, live: () => live })

  const look = async (): Promise<void> => {
    const held = agents.linkCount()
    const others = await sayHere(database, { id, address, agents: held })
    live = others.length + 1
    const decided = askToGo(memory, { held, others })
    memory = decided.memory
    if (decided.ask === 0) return
    const count = agents.askToGo(decided.ask, random)
    asked?.inc(count)
    if (count > 0) log.info({ held, others, asked: count }, 'agents were asked to go to another backend')
  }
  const end = periodically(options.lookMs ?? SHARES_LOOK_MS, 'share agents with other backends', log, look)

  return async () => {
    await end()
    await database
      .deleteFrom('backends')
      .where('id', '=', id)
      .execute()
      .catch((error: unknown) => log.warn({ err: error }, 'this backend could not say that it ends'))
  }
}

/** Writes what this backend holds, forgets those that are gone, and reads what each other one holds, by one clock. */
const sayHere = async (
  database: Kysely<DatabaseSchema>,
  { id, address, agents }: { id: string; address: string; agents: number },
): Promise<number[]> => {
  const { rows } = await sql<{ agents: number }>`
    with here as (
      insert into backends (id, address, agents, seen_at) values (${id}, ${address}, ${agents}, clock_timestamp())
      on conflict (id) do update set agents = excluded.agents, seen_at = excluded.seen_at
    ), forgotten as (
      delete from backends where seen_at < clock_timestamp() - 20 * ${BACKEND_GONE_MS} * interval '1 millisecond'
    )
    select agents from backends
    where id != ${id} and seen_at > clock_timestamp() - ${BACKEND_GONE_MS} * interval '1 millisecond'`.execute(database)
  return rows.map((row) => row.agents)
}

const registerMetrics = (registry: Registry, read: { held: () => number; live: () => number }): Counter => {
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      ...{ name, help, registers: [registry] },
      collect() {
        this.set(value())
      },
    })
  gauge('rebootless_agent_links', 'Links of agents that this backend holds.', read.held)
  gauge('rebootless_backends', 'Backends of this database that live, with this one.', read.live)
  return new Counter({
    name: 'rebootless_agents_asked_to_go_total',
    help: 'Times that an agent was asked to go to another backend, because this one held more than its share.',
    registers: [registry],
  })
}
