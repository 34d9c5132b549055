// Goal: from a request to a command, its result, and the freeze, each step happens once and is told. Method: a real backend
// over PostgreSQL, people of each role, and links whose other end is the test.
import { Authorisation, Command } from '@rebootless/shared/contract/command.ts'
import { AuthorisationDetail, FleetFreeze } from '@rebootless/shared/contract/commands-api.ts'
import { CLOCK_SKEW_MS_MAX } from '@rebootless/shared/domain/agent-link.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../link/link-test-bench.ts'
import { testModule } from '../patches/module/test-module.ts'
import { addTestHost, listeningLink } from './test-fleet.ts'
import { type RequestBench, startRequestBench } from './test-requests.ts'

const WHY = { reason: 'it panics' }

let bench: RequestBench
beforeAll(async () => {
  bench = await startRequestBench()
})
afterAll(() => bench.end())

describe('a lab host', () => {
  test('does what an operator asks, and every step is in the audit log', async () => {
    const operator = await bench.person('operator')
    const host = await addTestHost(bench.kysely)
    const { stub } = bench.linked(host)
    const asked = await bench.requested(operator, [host])
    expect(asked).toMatchObject({ state: 'approved', approvalsNeeded: 0, patch: 'lp_new', hostCount: 1 })
    await eventually('done', async () => (await bench.commandsOf(asked.id))[0]?.state === 'done')
    expect(stub.effects).toEqual([`${asked.id} action`])
    for (const action of ['authorisation.request', 'command.send', 'command.result'])
      expect(await bench.auditOf(action, asked.id)).toHaveLength(1)
    const after = AuthorisationDetail.parse((await bench.read(operator, `/api/v1/authorisations/${asked.id}`)).json())
    expect(after.state).toBe('done')
    expect(Authorisation.parse(JSON.parse(after.payload))).toMatchObject({
      kernel: { release: '6.12.1-amd64' },
      hosts: [{ id: host.id }],
    })
  })

  test('while it is away the command waits, and says so; a link brings it, with the key of that link', async () => {
    const host = await addTestHost(bench.kysely)
    await bench.kysely.updateTable('hosts').set({ connected: false }).where('id', '=', host.id).execute()
    const asked = await bench.requested(await bench.person('operator'), [host])
    expect(await bench.commandsOf(asked.id)).toMatchObject([
      { state: 'waiting', waitingFor: 'The agent is not connected.' },
    ])
    const { heard } = bench.linked(host)
    await eventually('done', async () => (await bench.commandsOf(asked.id))[0]?.state === 'done')
    const [command] = heard.flatMap((message) =>
      message.type === 'command' ? [Command.parse(JSON.parse(message.command.payload))] : [],
    )
    expect(command).toMatchObject({ hostId: host.id, epoch: 1, sequence: 1 })
    expect(Date.parse(command?.expiresAt ?? '') - Date.parse(command?.issuedAt ?? '')).toBe(5 * 60_000)
  })

  test('T21 asked for now, it is not too early for a host whose clock is behind as far as it may be', async () => {
    const host = await addTestHost(bench.kysely)
    const asked = await bench.requested(await bench.person('operator'), [host])
    const { hosts, requestedAt } = Authorisation.parse(JSON.parse(asked.payload))
    const slowest = Date.parse(requestedAt) - CLOCK_SKEW_MS_MAX
    expect(hosts.map(({ notBefore }) => Date.parse(notBefore) <= slowest)).toEqual([true])
  })

  test('a wave does not begin before its time', async () => {
    const host = await addTestHost(bench.kysely)
    const { stub } = bench.linked(host)
    const notBefore = new Date(bench.backend.clock.now().getTime() + 60_000).toISOString()
    const asked = await bench.requested(await bench.person('operator'), [host], { hosts: [{ id: host.id, notBefore }] })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect([stub.effects, (await bench.commandsOf(asked.id))[0]?.state]).toEqual([[], 'waiting'])
    bench.backend.clock.advance(61_000)
    await eventually('done', async () => (await bench.commandsOf(asked.id))[0]?.state === 'done')
  })

  test('T21 a wave begins by the clock of the host, so that one that is behind takes the first command', async () => {
    const host = await addTestHost(bench.kysely)
    await bench.kysely.updateTable('hosts').set({ clock_skew_ms: -60_000 }).where('id', '=', host.id).execute()
    const { stub, commands } = bench.linked(host)
    const begins = bench.backend.clock.now().getTime() + 60_000
    const notBefore = new Date(begins).toISOString()
    const asked = await bench.requested(await bench.person('operator'), [host], { hosts: [{ id: host.id, notBefore }] })
    bench.backend.clock.advance(61_000)
    await bench.backend.commands.look()
    expect([commands(), (await bench.commandsOf(asked.id))[0]?.waitingFor]).toEqual([
      0,
      `Its wave begins at ${notBefore} by the host's clock.`,
    ])
    bench.backend.clock.advance(58_000)
    await bench.backend.commands.look()
    expect(commands()).toBe(0)
    bench.backend.clock.advance(2_000)
    await eventually('done', async () => (await bench.commandsOf(asked.id))[0]?.state === 'done')
    // By the host's clock, the wave had begun when it was made.
    const [{ issued_at: issuedAt = null } = {}] = await bench.kysely
      .selectFrom('commands')
      .select('issued_at')
      .where('authorisation_id', '=', asked.id)
      .execute()
    expect((issuedAt?.getTime() ?? 0) - 60_000).toBeGreaterThanOrEqual(begins)
    expect([stub.effects, commands()]).toEqual([[`${asked.id} action`], 1])
  })

  test('its reversal, approved with it, takes the patch out again, once', async () => {
    const operator = await bench.person('operator')
    const host = await addTestHost(bench.kysely)
    const { stub } = bench.linked(host)
    const asked = await bench.requested(operator, [host], { reversal: true })
    const early = await bench.requested(operator, [host], { reason: 'no reversal' })
    await eventually('both', () => stub.effects.length === 2)
    await eventually('both ended', async () => (await bench.commandsOf(early.id))[0]?.state === 'done')
    expect((await bench.post(operator, `/api/v1/authorisations/${early.id}/reversal`, WHY)).status).toBe(409)
    expect((await bench.post(operator, `/api/v1/authorisations/${asked.id}/reversal`)).status).toBe(400)
    expect((await bench.post(operator, `/api/v1/authorisations/${asked.id}/reversal`, WHY)).status).toBe(201)
    await eventually('reversed', async () =>
      (await bench.commandsOf(asked.id)).some(({ part, state }) => part === 'reversal' && state === 'done'),
    )
    expect(stub.effects.filter((effect) => effect === `${asked.id} reversal`)).toHaveLength(1)
    expect(await bench.auditOf('authorisation.reverse', asked.id)).toMatchObject([WHY])
    const again = await bench.post(operator, `/api/v1/authorisations/${asked.id}/reversal`, WHY)
    expect(again.json()).toMatchObject({ status: 409, detail: expect.stringMatching(/nothing to reverse/) })
  })

  test('cancelled when one of two has it, the other never gets it, and the one can still be reversed', async () => {
    const operator = await bench.person('operator')
    const [there, away] = [await addTestHost(bench.kysely), await addTestHost(bench.kysely)]
    const { stub } = bench.linked(there)
    const asked = await bench.requested(operator, [there, away], { reversal: true })
    await eventually('done', async () => (await bench.commandsOf(asked.id)).some(({ state }) => state === 'done'))
    expect((await bench.post(operator, `/api/v1/authorisations/${asked.id}/cancel`)).json()).toMatchObject({
      state: 'cancelled',
      cannotReverse: null,
    })
    const late = bench.linked(away)
    await bench.backend.commands.look()
    expect(late.stub.effects).toEqual([])
    expect((await bench.post(operator, `/api/v1/authorisations/${asked.id}/reversal`, WHY)).status).toBe(201)
    await eventually('reversed', () => stub.effects.includes(`${asked.id} reversal`))
    expect(late.stub.effects).toEqual([])
  })
})

describe('results', () => {
  test('T19 a host tells of its own commands alone, the latest of what runs, and its first end stays', async () => {
    const operator = await bench.person('operator')
    const [host, other] = [await addTestHost(bench.kysely), await addTestHost(bench.kysely)]
    const link = listeningLink(host)
    bench.backend.commands.linkOpened(link)
    const asked = await bench.requested(operator, [host])
    await eventually('sent', () => link.sent.some(({ type }) => type === 'command'))
    const [command] = await bench.commandsOf(asked.id)
    const result = (state: 'started' | 'done' | 'failed', code: string | null = null, detail = 'x\0y') =>
      ({
        type: 'result',
        epoch: 1,
        sequence: 9,
        sentAt: '2026-11-26T12:00:00.000Z',
        commandId: command?.id ?? '',
        state,
        code,
        detail,
        at: '2026-11-26T12:00:00.000Z',
      }) as const
    await bench.backend.commands.accept(other.id, result('done'), bench.backend.clock.now())
    expect((await bench.commandsOf(asked.id))[0]).toMatchObject({ state: 'sent', startedAt: null })
    await bench.backend.commands.accept(host.id, result('started'), bench.backend.clock.now())
    const [begun] = await bench.commandsOf(asked.id)
    expect(begun).toMatchObject({ state: 'sent', startedAt: expect.any(String) })

    const events = async () => {
      const told = bench.kysely.selectFrom('events').select('id').where('host_id', '=', host.id)
      return (await told.where('type', '=', 'command.changed').execute()).length
    }
    const before = await events()
    const stalled = result('started', null, 'lp_new is stalled: 1 task blocks its transition: sleeper (4711)')
    for (let count = 0; count < 3; count += 1) {
      await bench.backend.commands.accept(host.id, stalled, bench.backend.clock.now())
    }
    expect(await events()).toBe(before + 1)
    expect((await bench.commandsOf(asked.id))[0]).toMatchObject({
      ...{ state: 'sent', detail: stalled.detail, startedAt: begun?.startedAt },
    })
    expect(await bench.auditOf('command.start', asked.id)).toHaveLength(1)

    for (const said of [result('failed', 'EBUSY'), result('done'), result('failed', 'EBUSY')])
      await bench.backend.commands.accept(host.id, said, bench.backend.clock.now())
    expect((await bench.commandsOf(asked.id))[0]).toMatchObject({ state: 'failed', code: 'EBUSY', detail: 'x\ufffdy' })
    expect(await bench.auditOf('command.result', asked.id)).toMatchObject([{ result: 'failed', problem: 'EBUSY' }])
    await bench.backend.commands.accept(
      host.id,
      { ...result('done'), commandId: '5f0c1d6e-0000-4000-8000-000000000000' },
      new Date(),
    )
  })

  test('a module goes to hosts that have a command for it, and to them alone', async () => {
    const [host, other] = [await addTestHost(bench.kysely), await addTestHost(bench.kysely)]
    expect(await bench.backend.commands.artefact(host.id, bench.artefact)).toBeUndefined()
    const link = listeningLink(host)
    bench.backend.commands.linkOpened(link)
    await bench.requested(await bench.person('operator'), [host])
    await eventually('sent', () => link.sent.some(({ type }) => type === 'command'))
    const found = await bench.backend.commands.artefact(host.id, bench.artefact)
    expect(found?.size).toBe(testModule({ name: 'lp_new' }).length)
    found?.stream.destroy()
    expect(await bench.backend.commands.artefact(other.id, bench.artefact)).toBeUndefined()
    expect(await bench.backend.commands.artefact(host.id, 'f'.repeat(64))).toBeUndefined()
  })
})

describe('T28 the freeze', () => {
  test('stops at once, tells every link, needs no approval; lifting it takes two people', async () => {
    const [scoped, one, two] = [
      await bench.person('operator', 'label.env:none'),
      await bench.person('operator'),
      await bench.person('admin'),
    ]
    const host = await addTestHost(bench.kysely)
    const { stub } = bench.linked(host)
    expect(
      FleetFreeze.parse((await bench.post(scoped, '/api/v1/fleet/freeze', { reason: 'panics' })).json()),
    ).toMatchObject({
      frozen: true,
      reason: 'panics',
    })
    await eventually('told', () => stub.isFrozen())
    const asked = await bench.requested(one, [host])
    await bench.backend.commands.look()
    expect([stub.effects, (await bench.commandsOf(asked.id))[0]?.waitingFor]).toEqual([[], 'All changes are frozen.'])
    expect((await bench.post(scoped, '/api/v1/fleet/unfreeze')).status).toBe(403)
    expect((await bench.post(one, '/api/v1/fleet/unfreeze')).json()).toMatchObject({ frozen: true })
    expect((await bench.post(one, '/api/v1/fleet/unfreeze')).json().type).toBe('/problems/freeze_refused')
    expect(stub.effects).toEqual([])
    expect((await bench.post(two, '/api/v1/fleet/unfreeze')).json()).toMatchObject({ frozen: false })
    await eventually('done', async () => (await bench.commandsOf(asked.id))[0]?.state === 'done')
    const late = bench.linked(await addTestHost(bench.kysely))
    await eventually('told at its link', () => late.heard.some(({ type }) => type === 'freeze'))
    for (const action of ['fleet.freeze', 'fleet.ask_unfreeze', 'fleet.unfreeze'])
      expect(await bench.auditOf(action, 'fleet')).not.toEqual([])
  })

  test('a wish to lift it is forgotten within the hour, and by a new freeze', async () => {
    const [one, two] = [await bench.person('operator'), await bench.person('operator')]
    await bench.post(one, '/api/v1/fleet/freeze', { reason: 'first' })
    await bench.post(one, '/api/v1/fleet/unfreeze')
    await bench.post(two, '/api/v1/fleet/freeze', { reason: 'second' })
    expect((await bench.post(two, '/api/v1/fleet/unfreeze')).json()).toMatchObject({
      frozen: true,
      liftAskedBy: expect.any(String),
    })
    await bench.kysely
      .updateTable('fleet_freeze')
      .set({ lift_asked_at: new Date(0) })
      .execute()
    expect((await bench.post(one, '/api/v1/fleet/unfreeze')).json()).toMatchObject({ frozen: true })
    expect((await bench.post(two, '/api/v1/fleet/unfreeze')).json()).toMatchObject({ frozen: false })
  })
})
