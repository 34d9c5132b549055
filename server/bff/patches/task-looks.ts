import type { ServerMessage } from '@rebootless/shared/contract/agent-message.ts'
import type { ModuleFacts } from '@rebootless/shared/contract/module-facts.ts'
import type { TaskLookAsked } from '@rebootless/shared/contract/patch-hosts.ts'
import { HostId } from '@rebootless/shared/contract/primitives.ts'
import { Sha256 } from '@rebootless/shared/contract/signed.ts'
import type { TasksWanted } from '@rebootless/shared/contract/task-look.ts'
import { LOOK_FUNCTIONS_MAX, TASK_LOOK_INTERVAL_MS, TASK_LOOKS_SINCE } from '@rebootless/shared/domain/agent-link.ts'
import { createRate } from '@rebootless/shared/domain/message-rate.ts'
import { type Kysely, sql } from 'kysely'
import type { Logger } from 'pino'
import * as z from 'zod'
import type { Clock } from '../clock.ts'
import type { Notifications } from '../database/notifications.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import type { TaskLookLink, TaskLookLinks } from '../link/ports.ts'
import { readFacts } from './entries.ts'
import { forecastHostsOf } from './forecast-hosts.ts'

const CHANNEL = 'rebootless_task_looks'
/** As many as a notification of 8,000 bytes carries. */
const HOSTS_A_NOTIFICATION = 100
const HOSTS_A_REQUEST = 500
/** Hosts that one backend asks, whoever wants to know: each reads the stacks of all its tasks for it (T20). */
const RATE = { burst: 500, perSecond: 5 }
const WITHIN_MS = 30_000

/** Whom to ask for which module: between backends, since each holds the links of some hosts. */
const Wanted = z.strictObject({ module: Sha256, hosts: z.array(HostId).max(HOSTS_A_NOTIFICATION) })

export interface TaskLooks extends TaskLookLinks {
  /** Begins to hear what other backends want. */
  start(notifications: Notifications): Promise<void>
  /**
   * Asks hosts of a patch's kernels, of a scope and a filter, who sleeps in its functions; those whose answer is the oldest
   * first. Their answers come by ingest.
   * @throws DomainError as a forecast does
   */
  ask(scope: HostScope, id: string, filter: string): Promise<TaskLookAsked>
  close(): void
}

/**
 * Of ten thousand hellos, each with a policy, one number. Quotes in a host's text are escaped, so none of it can look like the
 * field; JSON operators would fail on text with U+0000 (PostgreSQL, "JSON Types").
 */
const PROTOCOL = sql<string | null>`substring(body::text from '"protocol":([0-9]{1,9})')`

const hasFunctions = ({ objects }: ModuleFacts): boolean =>
  objects?.some(({ functions }) => functions.length > 0) === true

const questionOf = (id: string, { objects, replace }: ModuleFacts): TasksWanted => ({
  ...{ id, replace: replace === true, withinMs: WITHIN_MS },
  functions: (objects ?? [])
    .flatMap(({ name, functions }) => functions.map((one) => ({ object: name ?? 'vmlinux', function: one.name })))
    .slice(0, LOOK_FUNCTIONS_MAX),
})

/** Asks agents of protocol 4 and later, no host more often than once a minute, and stores nothing: any backend may die. */
export const createTaskLooks = (options: {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
  /** Told of each question that goes out. */
  readonly observe: () => void
}): TaskLooks => {
  const { database, clock, log } = options
  const links = new Map<string, TaskLookLink>()
  const askedAt = new Map<string, number>()
  const rate = createRate(RATE, performance.now())
  let stop = () => {}

  const send = async (payload: string): Promise<void> => {
    const { module, hosts } = Wanted.parse(JSON.parse(payload))
    const mine = hosts.flatMap((id) => links.get(id) ?? [])
    const facts = mine.length === 0 ? undefined : await readFacts(database, module)
    if (facts === undefined || !hasFunctions(facts)) return
    const message: ServerMessage = { type: 'look_for_tasks', wanted: questionOf(module, facts) }
    for (const link of mine) {
      link.send(message)
      options.observe()
    }
  }

  /** When each was asked or answered last, and what its agent speaks. */
  const stateOf = async (ids: readonly string[]) => {
    const rows = await database
      .selectFrom('host_readings')
      .select(['host_id', 'kind', 'received_at', PROTOCOL.as('protocol')])
      .where('kind', 'in', ['hello', 'task_look'])
      .where(sql<boolean>`host_id = any(${[...ids]}::uuid[])`)
      .execute()
    const protocols = new Map<string, number>()
    const last = new Map(ids.map((id) => [id, askedAt.get(id) ?? 0]))
    for (const { host_id: id, kind, received_at: at, protocol } of rows) {
      if (kind === 'hello') protocols.set(id, Number(protocol))
      else last.set(id, Math.max(last.get(id) ?? 0, at.getTime()))
    }
    return { protocols, last }
  }

  return {
    async start(notifications) {
      const notified = (payload: string) =>
        void send(payload).catch((error: unknown) => log.warn({ err: error }, 'hosts could not be asked for tasks'))
      // A question that was missed is asked anew by whoever wants to know.
      stop = await notifications.subscribe(CHANNEL, { notified, mayHaveMissed: () => {} })
    },
    linkOpened(link) {
      links.set(link.hostId, link)
    },
    linkClosed(hostId, linkId) {
      if (links.get(hostId)?.linkId === linkId) links.delete(hostId)
    },
    async ask(scope, id, filter) {
      const now = clock.now().getTime()
      for (const [host, at] of askedAt) if (now - at >= TASK_LOOK_INTERVAL_MS) askedAt.delete(host)
      const { hosts } = await forecastHostsOf(database, scope, id, filter)
      const linked = hosts.filter(({ connected, module }) => connected && hasFunctions(module.facts))
      const { protocols, last } = await stateOf(linked.map((host) => host.id))
      const able = linked.filter((host) => (protocols.get(host.id) ?? 0) >= TASK_LOOKS_SINCE)
      const lastOf = ({ id: host }: { id: string }) => last.get(host) ?? 0
      const due = able.filter((host) => now - lastOf(host) >= TASK_LOOK_INTERVAL_MS)
      const chosen = due
        .sort((left, right) => lastOf(left) - lastOf(right))
        .slice(0, HOSTS_A_REQUEST)
        .filter(() => rate.take(1, performance.now()))
      for (const host of chosen) askedAt.set(host.id, now)
      for (const module of new Set(chosen.map((host) => host.module.id))) {
        const some = chosen.filter((host) => host.module.id === module)
        for (let from = 0; from < some.length; from += HOSTS_A_NOTIFICATION) {
          const wanted = { module, hosts: some.slice(from, from + HOSTS_A_NOTIFICATION).map((host) => host.id) }
          await sql`select pg_notify(${CHANNEL}, ${JSON.stringify(wanted)})`.execute(database)
        }
      }
      return {
        asked: chosen.length,
        justAsked: able.length - due.length,
        beyond: due.length - chosen.length,
        older: linked.length - able.length,
        apart: hosts.length - linked.length,
      }
    },
    close: () => stop(),
  }
}
