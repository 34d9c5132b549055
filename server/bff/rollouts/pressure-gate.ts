import type { Gate } from '@rebootless/shared/contract/rollout-plan.ts'
import type { HostProgress } from '@rebootless/shared/contract/rollouts-api.ts'
import { isMeant } from '@rebootless/shared/domain/rollouts/gates.ts'
import type { RolloutState } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import { listed } from '@rebootless/shared/domain/sentence.ts'
import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { HOUR_MS, meansOf, readPressureSamples } from '../hosts/kernel-pressure.ts'

type PressureGate = Extract<Gate, { kind: 'pressure' }>
export type ReadPressure = (
  gate: PressureGate,
  state: RolloutState,
  wave: number,
) => Promise<{ readonly open: boolean; readonly words: string }>

/**
 * Growth is reckoned from no less: of an idle machine any work at all would be a multiple. One per cent of the time, and a load of
 * a tenth.
 */
const LEAST: Readonly<Record<PressureGate['of'], number>> = { cpu: 1, memory: 1, io: 1, load: 0.1 }

/** Agents tell each minute. */
const READING_MS_MAX = 2 * 60_000

/**
 * Over the hosts of a wave that were told: the mean since each was told, and at most of the last hour, against the mean of
 * the hour before. A host of which either is not known shuts the gate.
 */
export const createPressureReader =
  (database: Kysely<DatabaseSchema>, now: () => Date): ReadPressure =>
  async (gate, state, wave) => {
    const hosts = [...state.hosts.values()].filter((host) => host.wave === wave && isMeant(host) && host.order !== null)
    if (hosts.length === 0) return { open: true, words: 'no host of the wave was told' }
    const ids = hosts.map(({ id }) => id)
    const rows = await database
      .selectFrom('rollout_hosts')
      .innerJoin('hosts', 'hosts.id', 'rollout_hosts.host_id')
      .select(['hosts.id', 'clock_skew_ms', 'told_at', 'before'])
      .where('rollout_id', '=', state.id)
      .where('hosts.id', 'in', ids)
      .execute()
    const from = new Map(
      rows.map(({ id, told_at: toldAt, clock_skew_ms: skew }) => {
        const since = Math.max(toldAt?.getTime() ?? Number.POSITIVE_INFINITY, now().getTime() - HOUR_MS)
        return [id, since + (skew ?? 0)]
      }),
    )
    const told = rows.filter(({ told_at: toldAt }) => toldAt !== null)
    const samples = await readPressureSamples(
      database,
      told.map(({ id }) => ({ id, from: new Date(from.get(id) ?? 0) })),
    )
    const before = new Map(rows.map((row) => [row.id, row.before]))
    const after = (id: string) => {
      const since = samples.get(id)?.filter(({ at }) => at.getTime() > (from.get(id) ?? 0)) ?? []
      const newest = before.get(id)?.newest
      // The time after the order begins with the last reading before it, unless that is more than an hour ago.
      const isBase = newest != null && Date.parse(newest.at) >= (from.get(id) ?? 0) - READING_MS_MAX
      return meansOf(isBase ? [{ ...newest, at: new Date(newest.at), load: null }, ...since] : since)[gate.of]
    }
    return judge(gate, hosts, (id) => ({ before: before.get(id)?.means[gate.of] ?? null, after: after(id) }))
  }

const judge = (
  { of, growthPercent }: PressureGate,
  hosts: readonly HostProgress[],
  meansOfHost: (id: string) => { readonly before: number | null; readonly after: number | null },
): { open: boolean; words: string } => {
  const unknown: string[] = []
  let [before, after] = [0, 0]
  for (const { id, name } of hosts) {
    const means = meansOfHost(id)
    if (means.before === null || means.after === null) unknown.push(name)
    before += means.before ?? 0
    after += means.after ?? 0
  }
  if (unknown.length > 0) {
    const why = of === 'load' ? 'too little was read' : 'its kernel tells no pressure, or too little was read'
    return { open: false, words: `not known of ${listed(unknown)}: ${why}` }
  }
  const [was, is] = [before / hosts.length, after / hosts.length]
  const growth = ((is - was) / Math.max(was, LEAST[of])) * 100
  const unit = of === 'load' ? '' : ' %'
  const figures = `${is.toFixed(2)}${unit} after ${was.toFixed(2)}${unit} in the hour before`
  const words = `${figures}, a growth of ${Math.round(growth)} %; ${growthPercent} % is the most`
  return { open: growth <= growthPercent, words: words.slice(0, 1000) }
}
