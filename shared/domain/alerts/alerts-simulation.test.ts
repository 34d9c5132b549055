// Goal: whatever happens to the engine, each alert is told once for each change, in order, and none is lost. Method: two engines
// over one store, from a seed: steps that are lost before they are committed or taken twice, clocks that jump, people, silences.
// SEED=4711 replays one.
import { expect, test } from 'vitest'
import type { AlertAcknowledgement } from '../../contract/alerts.ts'
import { TestChance } from '../rollouts/test-chance.ts'
import type { AlertCondition } from './alert-facts.ts'
import { type AlertGroupState, type AlertNotification, phaseOf } from './alert-group.ts'
import { settingsOfRules } from './alert-rules.ts'
import { type ActiveSilence, stepAlerts } from './step-alerts.ts'

const MINUTE = 60_000
const FOR_SECONDS = 120
const QUIET_SECONDS = 180
const CAUSES = ['nfs', 'gpu', 'raid'] as const
const HOSTS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const seeds =
  process.env.SEED === undefined ? Array.from({ length: 60 }, (_, seed) => seed) : [Number(process.env.SEED)]

const settings = settingsOfRules(
  new Map([
    [
      'transition-stalled',
      {
        ...{ forSeconds: FOR_SECONDS, quietSeconds: QUIET_SECONDS, repeatMinutes: 30 },
        escalation: [{ afterMinutes: 10, channels: ['00000000-0000-4000-8000-000000000001'] }],
      },
    ],
  ]),
)

const simulate = (seed: number) => {
  const source = new TestChance(seed)
  const chance = () => source.fraction()
  const happens = (share: number) => chance() < share
  const pick = <T>(items: readonly T[]): T => items[Math.floor(chance() * items.length)] as T
  let ids = 0
  let now = Date.parse('2026-11-26T12:00:00.000Z')
  /** What is committed: open groups, and all that was told. */
  let groups: readonly AlertGroupState[] = []
  const outbox: AlertNotification[] = []
  const resolved = new Set<string>()
  /** Since when the world has it, by a clock that nobody sets; by cause and host. */
  const world = new Map<string, { cause: string; hostId: string; since: number }>()
  let silences: ActiveSilence[] = []
  const lost: string[] = []
  /** By the world alone: whatever has lasted, and nobody silences, is told of once a step was committed. */
  const judge = () => {
    for (const { cause, hostId, since } of world.values()) {
      const isSilent = silences.some((one) => one.cause === cause && one.endsAt > now)
      if (isSilent || now - since < FOR_SECONDS * 1000) continue
      const told = groups.some((group) => group.cause === cause && group.told.count > 0)
      if (!told) lost.push(`${cause} on ${hostId}`)
    }
  }

  const step = () => {
    const found = [...world.values()].map(
      ({ cause, hostId, since }): AlertCondition => ({
        ...{ cause, hostId, since, title: cause, detail: 'x', path: '/hosts' },
      }),
    )
    return stepAlerts({
      ...{ groups, conditions: new Map([['transition-stalled', found]]), silences, settings, now },
      newId: () => {
        ids += 1
        return `g${ids}`
      },
    })
  }
  const commit = ({ groups: after, notifications }: ReturnType<typeof step>) => {
    for (const group of after) if (group.resolvedAt !== null) resolved.add(group.id)
    outbox.push(...notifications)
    groups = after.filter(({ resolvedAt }) => resolvedAt === null)
  }
  /** One or the other engine looks: what it decided may be lost before it is there, and then it is decided again. */
  const look = () => {
    const decided = step()
    if (happens(0.2)) return
    commit(decided)
    if (happens(0.2)) commit(step())
    judge()
  }
  const acknowledge = () => {
    const firing = groups.filter((group) => phaseOf(group) === 'firing')
    if (firing.length === 0) return
    const { id } = pick(firing)
    const acknowledged: AlertAcknowledgement = { by: 'ann', at: new Date(now).toISOString(), note: null }
    groups = groups.map((group) => (group.id === id ? { ...group, acknowledged } : group))
  }

  for (let tick = 0; tick < 400; tick += 1) {
    const jumps = happens(0.02)
    now += jumps ? Math.floor((chance() - 0.5) * 120 * MINUTE) : Math.floor(chance() * MINUTE)
    const cause = pick(CAUSES)
    const hostId = pick(HOSTS)
    const key = `${cause} ${hostId}`
    if (happens(0.15)) world.set(key, { cause, hostId, since: now })
    if (happens(0.12)) world.delete(key)
    if (happens(0.03)) for (const [id, one] of world) if (one.cause === cause) world.delete(id)
    if (happens(0.03)) acknowledge()
    if (happens(0.02)) silences.push({ rule: null, cause, hosts: null, endsAt: now + 20 * MINUTE })
    silences = silences.filter(({ endsAt }) => endsAt > now && !happens(0.02))
    look()
    const isMoreThanOne = new Set(groups.map((group) => group.cause)).size < groups.length
    if (isMoreThanOne) lost.push('two groups of one cause')
  }
  // All is mended, nobody is silenced, and time goes on without faults.
  world.clear()
  silences = []
  for (let minute = 0; minute < 10; minute += 1) {
    now += MINUTE
    commit(step())
  }
  return { groups, outbox, resolved, lost }
}

test.each(seeds)('each change once, in order, and none lost (seed %i)', (seed) => {
  const { groups, outbox, resolved, lost } = simulate(seed)
  expect(lost).toEqual([])
  expect(groups).toEqual([])
  const ids = new Set(outbox.map(({ groupId }) => groupId))
  expect(ids.size).toBeGreaterThan(0)
  for (const id of ids) {
    const told = outbox.filter(({ groupId }) => groupId === id)
    const changes = told.map(({ change }) => change)
    expect([id, told.map(({ number }) => number)]).toEqual([id, told.map((_, index) => index + 1)])
    expect([id, changes[0], changes.at(-1)]).toEqual([id, 'fired', 'resolved'])
    expect(changes.filter((change) => change === 'fired' || change === 'resolved')).toHaveLength(2)
    expect(resolved.has(id)).toBe(true)
    const taken = changes.indexOf('acknowledged')
    const after = taken < 0 ? [] : changes.slice(taken + 1)
    for (const change of ['repeated', 'escalated', 'grown', 'no longer silenced']) expect(after).not.toContain(change)
    expect(changes.filter((change) => change === 'escalated').length).toBeLessThanOrEqual(1)
  }
})
