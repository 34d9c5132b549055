// Goal: a command is never lost and never done twice, whatever dies, and after a freeze nothing is made. Method: every
// effect of a command's life is counted and the backend killed, or the fleet frozen, before and after each. The journal of
// the stub is the agent's; the database is a real one.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMortal, Killed } from './test-faults.ts'
import { type AgentStub, addTestHost, listeningLink, type TestHost } from './test-fleet.ts'
import { deliver, startOutboxBench } from './test-outbox.ts'

let bench: Awaited<ReturnType<typeof startOutboxBench>>
beforeAll(async () => {
  bench = await startOutboxBench()
})
afterAll(() => bench.end())

const statesOf = async (id: string) => {
  const rows = await bench.database.kysely
    .selectFrom('commands')
    .select('state')
    .where('authorisation_id', '=', id)
    .execute()
  return rows.map(({ state }) => state).sort()
}

/** One command from its making to its stored result, over one backend. */
const wholeLife = async (host: TestHost, stub: AgentStub, mortal: ReturnType<typeof createMortal>): Promise<void> => {
  const dispatcher = bench.dispatcherOver(mortal.kysely)
  const link = listeningLink(host)
  // Sending is an effect too: killed before it, the agent hears nothing; after it, nobody wrote down that it was sent.
  dispatcher.linkOpened({
    ...link,
    send: (message) => void mortal.effect(() => link.send(message)).catch(() => undefined),
  })
  await dispatcher.look()
  await deliver(stub, link.sent, (result) => dispatcher.accept(host.id, result, bench.clock.now()))
  await dispatcher.look()
}

describe('T19 the backend dies', () => {
  test('before and after each effect of a command’s life: done once, told once, by whichever lives', async () => {
    const counted = createMortal(bench.database.connection, () => 'live')
    const first = await addTestHost(bench.database.kysely, { now: bench.clock.now() })
    await bench.refresh([first])
    await wholeLife(first, bench.stubOf(first), counted)
    const effects = counted.effects()
    await counted.end()
    expect(effects).toBeGreaterThan(20)

    for (let at = 1; at <= effects; at += 1) {
      for (const moment of ['before', 'after'] as const) {
        const host = await addTestHost(bench.database.kysely, { now: bench.clock.now() })
        const stub = bench.stubOf(host)
        const id = await bench.refresh([host])
        const mortal = createMortal(bench.database.connection, (count, when) =>
          count === at && when === moment ? 'die' : 'live',
        )
        await wholeLife(host, stub, mortal).catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error
        })
        await mortal.end()
        // The host comes back, to another backend, and says again what was not acknowledged.
        const other = bench.dispatcherOver()
        const link = listeningLink(host)
        other.linkOpened(link)
        for (let round = 0; round < 2; round += 1) {
          await other.look()
          await deliver(stub, link.sent, (result) => other.accept(host.id, result, bench.clock.now()))
        }
        await other.look()
        const where = `killed ${moment} effect ${at} of ${effects}`
        expect([where, stub.effects, await statesOf(id)]).toEqual([where, [`${id} action`], ['done']])
        const told = await bench.database.kysely
          .selectFrom('audit')
          .select('action')
          .where('action', 'in', ['command.send', 'command.result'])
          .where('target_id', '=', host.id)
          .execute()
        expect([where, told.map(({ action }) => action).sort()]).toEqual([where, ['command.result', 'command.send']])
        await other.close()
      }
    }
  }, 120_000)
})

describe('T28 the fleet is frozen', () => {
  test('at each effect of a command’s life: once it stands, nothing is made, and a told agent does nothing', async () => {
    const counted = createMortal(bench.database.connection, () => 'live')
    const first = await addTestHost(bench.database.kysely, { now: bench.clock.now() })
    await bench.refresh([first])
    await wholeLife(first, bench.stubOf(first), counted)
    const effects = counted.effects()
    await counted.end()
    const reached = new Set<string>()
    for (let at = 1; at <= effects; at += 1) {
      const host = await addTestHost(bench.database.kysely, { now: bench.clock.now() })
      const stub = bench.stubOf(host)
      const id = await bench.refresh([host])
      let frozen: Promise<unknown> | undefined
      let madeThen: string | undefined
      const mortal = createMortal(bench.database.connection, (count, when) => {
        // Not awaited: it has to wait for a transaction that sends, and that one must not wait for it.
        if (count === at && when === 'before') {
          frozen = bench.freeze().then(async () => {
            madeThen = (await statesOf(id)).join()
          })
        }
        return 'live'
      })
      await wholeLife(host, stub, mortal)
      await frozen
      await mortal.end()
      const doneThen = stub.effects.length
      const other = bench.dispatcherOver()
      const link = listeningLink(host)
      other.linkOpened(link)
      await other.look()
      await deliver(stub, link.sent, (result) => other.accept(host.id, result, bench.clock.now()))
      await other.look()
      const where = `frozen at effect ${at} of ${effects}`
      expect([where, stub.isFrozen(), stub.effects.length]).toEqual([where, true, doneThen])
      if (madeThen === 'waiting') expect([where, await statesOf(id)]).toEqual([where, ['waiting']])
      reached.add(madeThen ?? 'never')
      await other.close()
      await bench.lift()
    }
    expect([...reached].sort()).toEqual(expect.arrayContaining(['done', 'waiting']))
  }, 120_000)
})
