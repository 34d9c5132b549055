import { createHash } from 'node:crypto'
import type { HostProgress, RolloutOrder, RolloutOrderResult } from '@rebootless/shared/contract/rollouts-api.ts'
import { isOpen } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import { sql, type Transaction } from 'kysely'
import { insertWaiting } from '../commands/insert-waiting.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { permitsOf } from './permits.ts'

/** The order's id as the id of its first command, so that the same order inserts nothing more (RFC 9562, 5.8). */
export const commandIdOf = (order: string): string => {
  const bytes = createHash('sha256').update(`rollout order ${order}`).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** What a rollout's texts allow is asked for by its orders alone. */
const partOf = ({ action }: RolloutOrder) => (action === 'reversal' ? ('reversal' as const) : ('action' as const))
const permitActionOf = ({ action }: RolloutOrder) => (action === 'reversal' ? ('load' as const) : action)

/**
 * Makes commands of orders. One whose host no text names, which can only be when the host's kernel became another, stays
 * without, and runs out.
 */
export const insertOrders = async (
  transaction: Transaction<DatabaseSchema>,
  rollout: string,
  orders: readonly RolloutOrder[],
  now: Date,
): Promise<void> => {
  for (const action of new Set(orders.map(permitActionOf))) {
    const some = orders.filter((order) => permitActionOf(order) === action)
    const permits = await permitsOf(
      transaction,
      rollout,
      action,
      some.map(({ host }) => host),
    )
    const there = await hostsThere(transaction, [...permits.keys()])
    await insertWaiting(
      transaction,
      some.flatMap((order) => {
        const authorisationId = permits.get(order.host)?.authorisationId
        if (authorisationId === undefined || !there.has(order.host)) return []
        return {
          ...{ id: commandIdOf(order.id), authorisationId, part: partOf(order), hostId: order.host },
          ...{ notBefore: now, waitingFor: null, now },
          order: { id: order.id, goodUntil: new Date(order.expiresAt) },
        }
      }),
    )
  }
}

/** A host that is being removed is not held: it goes before this, or after. */
const hostsThere = async (
  transaction: Transaction<DatabaseSchema>,
  ids: readonly string[],
): Promise<ReadonlySet<string>> => {
  const { rows } = await sql<{ id: string }>`
    select id from hosts where id = any(${[...ids]}::uuid[]) order by id for key share`.execute(transaction)
  return new Set(rows.map(({ id }) => id))
}

const openOrders = (hosts: Iterable<HostProgress>): RolloutOrder[] => {
  const open: RolloutOrder[] = []
  for (const host of hosts) if (host.order !== null && isOpen(host)) open.push(host.order)
  return open
}

/** Ends waiting commands: of orders whose time is over, or all that wait. @returns hosts whose pages change */
export const endWaitingOrders = async (
  transaction: Transaction<DatabaseSchema>,
  hosts: Iterable<HostProgress>,
  end: { readonly state: 'expired' | 'cancelled'; readonly detail: string; readonly now: Date },
): Promise<string[]> => {
  const ids = openOrders(hosts).map(({ id }) => id)
  if (ids.length === 0) return []
  const { rows } = await sql<{ host_id: string }>`
    update commands set state = ${end.state}, detail = ${end.detail}, ended_at = ${end.now}, waiting_for = null
    where rollout_order = any(${ids}::text[]) and state = 'waiting'
      and (${end.state === 'cancelled'} or good_until <= ${end.now})
    returning host_id`.execute(transaction)
  return rows.map((row) => row.host_id)
}

/** What became of the orders that are open, by the latest command of each. Of those of which nobody said a word, nothing. */
export const readResults = async (
  transaction: Transaction<DatabaseSchema>,
  hosts: Iterable<HostProgress>,
): Promise<RolloutOrderResult[]> => {
  const orders = openOrders(hosts)
  if (orders.length === 0) return []
  const { rows } = await sql<{
    rollout_order: string
    state: 'waiting' | 'sent' | Exclude<RolloutOrderResult['state'], 'started'>
    started: boolean
    code: string | null
    detail: string | null
  }>`
    select distinct on (rollout_order) rollout_order, state, started_at is not null as started, code, detail
    from commands where rollout_order = any(${orders.map(({ id }) => id)}::text[])
    order by rollout_order, state in ('waiting', 'sent') desc, created_at desc, id`.execute(transaction)
  const byOrder = new Map(rows.map((row) => [row.rollout_order, row]))
  return orders.flatMap(({ id, host }): RolloutOrderResult[] => {
    const row = byOrder.get(id)
    if (row === undefined || row.state === 'waiting') return []
    const { code, detail, state, started } = row
    if (state !== 'sent') return [{ order: id, host, state, code, detail: detail?.slice(0, 1000) ?? null }]
    return started ? [{ order: id, host, state: 'started', code: null, detail: null }] : []
  })
}
