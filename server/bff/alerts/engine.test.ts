// Goal: each change of an alert is in the outbox once, wherever an engine dies and however many there are. Method: engines over a
// real database that die before and after each statement of a step, in turn; and two that step against each other.

import { seeded } from '@rebootless/shared/domain/exposure/test-seeded.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createMortal, Killed } from '../commands/test-faults.ts'
import { WHOLE_FLEET } from '../hosts/host-scope.ts'
import { patchedSnapshot, patchingSnapshot, snapshotMessage, stalledSample } from '../ingest/test-messages.ts'
import { acknowledge } from './acknowledge.ts'
import { changeRule } from './rules.ts'
import { createSilence, endSilence } from './silences.ts'
import { type AlertBench, startAlertBench } from './test-alerts.ts'

let bench: AlertBench
beforeEach(async () => {
  bench = await startAlertBench(Date.parse('2026-11-24T12:11:00.000Z'))
  // Certificates of test hosts end within minutes.
  await changeRule(bench.kysely, 'certificate-ending', { enabled: false }, bench.who())
})
afterEach(() => bench.end())

const stall = async (name: string, labels: Record<string, string> = {}) => {
  const host = await bench.addHost(name, labels)
  await bench.ingest.accept(
    host.id,
    snapshotMessage(bench.order(), patchingSnapshot(stalledSample(), { hostName: name })),
    bench.now(),
  )
  return host
}
const mend = async (id: string) => {
  await bench.ingest.accept(id, snapshotMessage(bench.order(), patchedSnapshot()), bench.now())
}
const look = async () => {
  const engine = bench.engineOver()
  await engine.look()
  await engine.close()
}
const changes = async (id: string) => (await bench.sent(id)).map(({ change }) => change)
const groupId = async () => (await bench.kysely.selectFrom('alert_groups').select('id').executeTakeFirstOrThrow()).id
const person = () => ({ ...bench.who(), scope: WHOLE_FLEET })

test('an engine that dies at any effect of a step has told all of it or nothing', async () => {
  const hook = await bench.channel()
  const host = await stall('a')
  const expected = ['fired', 'resolved']
  const run = async (die?: { at: number; moment: 'before' | 'after' }) => {
    const mortal = createMortal(bench.database.connection, (count, moment) =>
      count === die?.at && moment === die.moment ? 'die' : 'live',
    )
    const engine = bench.engineOver(mortal.kysely)
    await engine.look().catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error
    })
    const effects = mortal.effects()
    await mortal.end()
    await bench.leaseRunsOut()
    return effects
  }
  const begin = async () => {
    await bench.kysely.deleteFrom('alert_groups').execute()
    await bench.kysely.deleteFrom('channel_deliveries').execute()
  }
  const effects = await run()
  expect(effects).toBeGreaterThan(15)
  for (let at = 1; at <= effects; at += 1) {
    await begin()
    await bench.ingest.accept(host.id, snapshotMessage(bench.order(), patchingSnapshot(stalledSample())), bench.now())
    await run({ at, moment: at % 2 === 0 ? 'before' : 'after' })
    await look()
    expect([at, await changes(hook)]).toEqual([at, ['fired']])
    await mend(host.id)
    await look()
    bench.advance(6)
    await run({ at, moment: at % 2 === 0 ? 'after' : 'before' })
    await look()
    expect([at, await changes(hook)]).toEqual([at, expected])
  }
}, 120_000)

test('of two engines one decides; the other takes over, and writes nothing once it was overtaken', async () => {
  const hook = await bench.channel()
  await stall('a')
  const first = bench.engineOver()
  const second = bench.engineOver()
  await Promise.all([first.look(), second.look()])
  expect([first.leads(), second.leads()].filter((lease) => lease !== null)).toHaveLength(1)
  await Promise.all([first.look(), second.look(), first.look(), second.look()])
  expect(await changes(hook)).toEqual(['fired'])
  await bench.leaseRunsOut()
  const [, other] = first.leads() === null ? [second, first] : [first, second]
  await other.look()
  expect(other.leads()).toBeGreaterThan(1)
  expect(await changes(hook)).toEqual(['fired'])
})

test('an acknowledgement, a silence and its end are told by the next step, to those that were told before', async () => {
  const hook = await bench.channel()
  await stall('a')
  await look()
  const later = await bench.channel({ name: 'later' })
  await acknowledge(bench.kysely, await groupId(), 'I look at the file server', person())
  await look()
  await look()
  const { endsAt } = { endsAt: new Date(bench.now().getTime() + 3_600_000).toISOString() }
  const matcher = { rule: 'transition-stalled' as const, cause: null, hosts: null }
  const { id } = await createSilence(bench.kysely, { matcher, endsAt, reason: 'known' }, bench.who())
  await look()
  await endSilence(bench.kysely, id, 'over', bench.who())
  await look()
  const sent = await bench.sent(hook)
  expect(sent.map(({ change, status }) => [change, status])).toEqual([
    ['fired', 'firing'],
    ['acknowledged', 'acknowledged'],
    ['silenced', 'silenced'],
    ['acknowledged', 'acknowledged'],
  ])
  expect(sent[1]?.acknowledged).toMatchObject({ by: 'ann', note: 'I look at the file server' })
  expect(new Set(sent.map(({ dedupKey }) => dedupKey)).size).toBe(1)
  expect(await bench.sent(later)).toEqual([])
})

test('an escalation goes to its own channels, and the end to all that were told', async () => {
  const first = await bench.channel()
  const night = await bench.channel({ name: 'night', events: { decisions: 'all', auditHeads: null } })
  const escalation = [{ afterMinutes: 15, channels: [night] }]
  await changeRule(bench.kysely, 'transition-stalled', { escalation }, bench.who())
  const { id } = await stall('a')
  await look()
  bench.advance(15)
  await look()
  await mend(id)
  await look()
  bench.advance(5)
  await look()
  expect(await changes(first)).toEqual(['fired', 'resolved'])
  expect(await changes(night)).toEqual(['escalated', 'resolved'])
})

test('T07 a channel’s scope holds back hosts outside of it, and groups without one of its own', async () => {
  const staging = await bench.channel({ scope: 'label.env:staging' })
  const lab = await bench.channel({ scope: 'label.env:lab' })
  const all = await bench.channel()
  await stall('prod-1', { env: 'prod', site: 'ams' })
  await stall('staging-1', { env: 'staging', site: 'ams' })
  bench.state.own = { ...bench.state.own, database: { sentence: 'It is read-only.', since: bench.now().getTime() } }
  await look()
  const [whole] = (await bench.sent(all)).filter(({ rule }) => rule === 'transition-stalled')
  expect(whole).toMatchObject({ hostCount: 2, labels: { site: 'ams' } })
  const [part, ...more] = await bench.sent(staging)
  expect(part).toMatchObject({ hostCount: 1, hosts: [{ name: 'staging-1' }], labels: { env: 'staging' } })
  expect(JSON.stringify(part)).not.toContain('prod-1')
  expect(more).toEqual([])
  expect(await bench.sent(lab)).toEqual([])
})

test('T04 what hosts call things is shown, not acted upon', async () => {
  const hook = await bench.channel()
  await stall('\u001b[31m\u202eevil')
  await look()
  const [message] = await bench.sent(hook)
  expect(message?.hosts[0]?.name).toBe('\\u{1b}[31m\\u{202e}evil')
  expect(JSON.stringify(message)).not.toMatch(/[\p{Cc}\p{Cf}]/u)
})

test('a rule that is of some hosts only finds nothing on others', async () => {
  const hook = await bench.channel()
  await changeRule(bench.kysely, 'transition-stalled', { hosts: 'label.env:prod' }, bench.who())
  await stall('staging-1', { env: 'staging' })
  await look()
  expect(await changes(hook)).toEqual([])
  await stall('prod-1', { env: 'prod' })
  await look()
  expect((await bench.sent(hook))[0]).toMatchObject({ change: 'fired', hostCount: 1, hosts: [{ name: 'prod-1' }] })
})

test.each([1, 2, 3])(
  'an engine that goes on from what it knows finds what one finds that reads everything (seed %i)',
  async (seed) => {
    const random = seeded(seed)
    const hosts: { id: string; name: string }[] = []
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) hosts.push(await stall(name))
    const stalled = new Set(hosts.map(({ id }) => id))
    const first = bench.engineOver()
    let engine = first
    const members = async () => {
      const rows = await bench.kysely
        .selectFrom('alert_members')
        .innerJoin('alert_groups', 'alert_groups.id', 'alert_members.group_id')
        .select('host_id')
        .where('rule', '=', 'transition-stalled')
        .where('until', 'is', null)
        .where('resolved_at', 'is', null)
        .execute()
      return rows.map(({ host_id: id }) => id).sort()
    }
    for (let turn = 0; turn < 24; turn += 1) {
      for (const { id, name } of hosts) {
        if (random.chance(0.7)) continue
        if (stalled.delete(id)) await mend(id)
        else {
          stalled.add(id)
          const snapshot = patchingSnapshot(stalledSample(), { hostName: name })
          await bench.ingest.accept(id, snapshotMessage(bench.order(), snapshot), bench.now())
        }
      }
      if (random.chance(0.2)) {
        // Another takes over; the first may lead again later, and what it knew is old then.
        await bench.leaseRunsOut()
        engine = engine === first ? bench.engineOver() : first
      }
      bench.advance(random.chance(0.3) ? 6 : 1)
      await engine.look()
      expect(await members()).toEqual([...stalled].sort())
    }
    expect(bench.warned).toEqual([])
  },
)
