// Goal: what cannot be asked for, or not by this person, is refused in words, and what was asked for waits while its host may
// not be commanded. Method: a real backend over PostgreSQL, and hosts that differ in what they tell of themselves.
import { randomUUID } from 'node:crypto'
import { CommandList, HostActions } from '@rebootless/shared/contract/commands-api.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { patchedSnapshot, stalledSample } from '../ingest/test-messages.ts'
import { eventually } from '../link/link-test-bench.ts'
import type { TestAnswer } from '../test-backend.ts'
import { addTestHost, listeningLink, type TestHost } from './test-fleet.ts'
import { type RequestBench, STALLED_LIVEPATCHES, startRequestBench } from './test-requests.ts'

let bench: RequestBench
beforeAll(async () => {
  bench = await startRequestBench()
})
afterAll(() => bench.end())

describe('what cannot be asked for', () => {
  test.each<[string, object, RegExp]>([
    ['a load without a module', { artefact: null }, /upload it first/],
    ['a module of another name', { patch: 'lp_other' }, /is lp_new/],
    ['a host twice', {}, /named twice/],
    ['a disable of what is not there', { action: 'disable', artefact: null, patch: 'lp_none' }, /no such livepatch/],
    ['a force without a transition', { action: 'force', artefact: null, patch: 'lp_fix' }, /No transition is running/],
    ['a reversal of a refresh', { action: 'refresh', artefact: null, reversal: true }, /goes with load/],
    ['a provider for a load', { provider: 'ksplice' }, /whose tool is run/],
  ])('%s', async (name, fields, reason) => {
    const host = await addTestHost(bench.kysely)
    const hosts = name === 'a host twice' ? [host, host] : [host]
    const answer = await bench.request(await bench.person('operator'), hosts, fields)
    expect(answer.json()).toMatchObject({ status: 409, detail: expect.stringMatching(reason) })
  })

  test('hosts of two kernels, a module of another, a force of two hosts', async () => {
    const operator = await bench.person('operator')
    const snapshot = patchedSnapshot()
    const other = await addTestHost(bench.kysely, { snapshot: { kernel: { ...snapshot.kernel, release: '6.1.0' } } })
    const host = await addTestHost(bench.kysely)
    expect((await bench.request(operator, [host, other])).json().detail).toMatch(/several kernels/)
    expect((await bench.request(operator, [other])).json().detail).toMatch(/built for 6.12.1-amd64, and 6.1.0 runs/)
    const stalled = { transition: stalledSample(), livepatches: STALLED_LIVEPATCHES }
    const two = [
      await addTestHost(bench.kysely, { snapshot: stalled }),
      await addTestHost(bench.kysely, { snapshot: stalled }),
    ]
    const force = { action: 'force', artefact: null, patch: 'lp_fix' }
    expect((await bench.request(operator, two, force)).json().detail).toMatch(/one host at a time/)
    const [first] = two
    const asked = await bench.requested(operator, first === undefined ? [] : [first], force)
    expect(JSON.parse(asked.payload).blockingTasks).toEqual([{ tid: 4711, name: 'sleeper' }])
  })

  test('a request goes by its act and its host, on the pages and in the audit log', async () => {
    const operator = await bench.person('operator')
    const [host, other] = [await addTestHost(bench.kysely), await addTestHost(bench.kysely)]
    const one = await bench.requested(operator, [host], { reason: 'say "provider":"ksplice"' })
    expect(one).toMatchObject({ action: 'load', patch: 'lp_new', provider: null, hostName: host.name })
    const [named] = await bench.auditOf('authorisation.request', one.id)
    expect(named.target).toEqual({ kind: 'authorisation', id: one.id, name: `Load lp_new on ${host.name}` })
    const two = await bench.requested(operator, [host, other], { action: 'refresh', artefact: null })
    expect(two).toMatchObject({ hostCount: 2, hostName: null })
    expect((await bench.post(operator, `/api/v1/authorisations/${two.id}/cancel`)).status).toBe(200)
    const [cancelled] = await bench.auditOf('authorisation.cancel', two.id)
    expect(cancelled.target.name).toBe('Read 2 hosts anew')
  })

  test('T09 a thousand hosts, each with its time, are asked for in one body, and one more is not', async () => {
    const operator = await bench.person('operator')
    const notBefore = bench.backend.clock.now().toISOString()
    const ask = (many: number) => {
      const hosts = Array.from({ length: many }, () => ({ id: randomUUID(), notBefore }))
      const text = JSON.stringify({ action: 'refresh', hosts, reason: 'r'.repeat(1000) }, null, 2)
      return bench.backend.call('POST', '/api/v1/authorisations', { cookie: operator.cookie, text })
    }
    // They are unknown, which is found out only behind the body.
    expect((await ask(1000)).json()).toMatchObject({ status: 404, type: '/problems/host_not_found' })
    expect((await ask(1001)).json()).toMatchObject({ status: 400, type: '/problems/body_invalid' })
  })

  test('T07 hosts, requests and commands out of scope answer as missing ones do', async () => {
    const scoped = await bench.person('operator', 'label.env:staging')
    const [own, foreign] = [
      await addTestHost(bench.kysely, { labels: { env: 'staging' } }),
      await addTestHost(bench.kysely, { labels: { env: 'prod' } }),
    ]
    const whole = await bench.person('operator')
    const theirs = await bench.requested(whole, [own, foreign])
    const alone = await bench.requested(whole, [own])
    expect((await bench.request(scoped, [own, foreign])).status).toBe(404)
    expect((await bench.request(scoped, [own])).status).toBe(201)
    expect((await bench.read(scoped, `/api/v1/authorisations/${alone.id}`)).status).toBe(200)
    const nowhere = '5f0c1d6e-0000-4000-8000-000000000000'
    for (const act of ['', '/cancel', '/reversal']) {
      const ask = (id: string) =>
        act === ''
          ? bench.read(scoped, `/api/v1/authorisations/${id}`)
          : bench.post(
              scoped,
              `/api/v1/authorisations/${id}${act}`,
              act === '/reversal' ? { reason: 'it panics' } : undefined,
            )
      const bare = (answer: TestAnswer) => answer.text.replace(/"requestId":"[^"]*"/, '')
      expect(bare(await ask(theirs.id))).toBe(bare(await ask(nowhere)))
    }
    const listed = (await bench.read(scoped, '/api/v1/authorisations')).json<{ items: { id: string }[] }>().items
    expect(listed.map(({ id }) => id)).toContain(alone.id)
    expect(listed.map(({ id }) => id)).not.toContain(theirs.id)
    const commands = CommandList.parse((await bench.read(scoped, '/api/v1/commands?limit=1000')).json()).items
    expect(new Set(commands.map(({ hostId }) => hostId))).toEqual(new Set([own.id]))
    expect((await bench.read(scoped, `/api/v1/hosts/${foreign.id}/actions`)).status).toBe(404)
    expect(
      HostActions.parse((await bench.read(scoped, `/api/v1/hosts/${own.id}/actions`)).json()).actions.length,
    ).toBeGreaterThan(3)
  })

  test('T07 a request that named a host out of scope stays hidden when that host is removed', async () => {
    const scoped = await bench.person('operator', 'label.env:staging')
    const [own, foreign] = [
      await addTestHost(bench.kysely, { labels: { env: 'staging' } }),
      await addTestHost(bench.kysely, { labels: { env: 'prod' } }),
    ]
    const whole = await bench.person('operator')
    const [both, alone] = [await bench.requested(whole, [own, foreign]), await bench.requested(whole, [own])]
    const seen = async () => {
      const listed = (await bench.read(scoped, '/api/v1/authorisations')).json<{ items: { id: string }[] }>().items
      const one = (await bench.read(scoped, `/api/v1/authorisations/${both.id}`)).status
      return { listed: [both, alone].map(({ id }) => listed.some((item) => item.id === id)), one }
    }
    expect(await seen()).toEqual({ listed: [false, true], one: 404 })
    await bench.kysely.deleteFrom('hosts').where('id', '=', foreign.id).execute()
    expect(await seen()).toEqual({ listed: [false, true], one: 404 })
    expect((await bench.read(whole, `/api/v1/authorisations/${both.id}`)).status).toBe(200)
    expect((await bench.post(scoped, `/api/v1/authorisations/${both.id}/cancel`)).status).toBe(404)
  })

  test('T21 an agent of protocol 1, and a clock more than five minutes off: nothing is sent, and it is said why', async () => {
    const operator = await bench.person('operator')
    const later = () => new Date(bench.backend.clock.now().getTime() + 1_000).toISOString()
    const [old, off] = [await addTestHost(bench.kysely), await addTestHost(bench.kysely)]
    const links = [bench.linked(old), bench.linked(off)]
    const hosts = [old, off].map(({ id }) => ({ id, notBefore: later() }))
    const asked = await bench.requested(operator, [old, off], { hosts })
    await bench.kysely.updateTable('hosts').set({ clock_skew_ms: -301_000 }).where('id', '=', off.id).execute()
    // The host went back to the agent of the release before.
    const { policy: _policy, ...hello } = (
      await bench.kysely
        .selectFrom('host_readings')
        .select('body')
        .where('host_id', '=', old.id)
        .where('kind', '=', 'hello')
        .executeTakeFirstOrThrow()
    ).body as Record<string, unknown>
    await bench.kysely
      .updateTable('host_readings')
      .set({ body: JSON.stringify({ ...hello, protocol: 1 }) })
      .where('host_id', '=', old.id)
      .where('kind', '=', 'hello')
      .execute()
    bench.backend.clock.advance(2_000)
    const told = async (host: TestHost) =>
      (await bench.commandsOf(asked.id)).find(({ hostId }) => hostId === host.id)?.waitingFor ?? ''
    await eventually('told', async () => /clock is more than five minutes off/.test(await told(off)))
    await eventually('told', async () => /read-only: its agent is too old/.test(await told(old)))
    await bench.backend.commands.look()
    expect(links.map(({ commands }) => commands())).toEqual([0, 0])
    expect((await bench.request(operator, [old])).json().detail).toMatch(/read-only: its agent is too old/)
    const { actions } = HostActions.parse((await bench.read(operator, `/api/v1/hosts/${off.id}/actions`)).json())
    expect(actions.find(({ action }) => action === 'load')?.waitsFor).toMatch(/five minutes off/)

    await bench.kysely.updateTable('hosts').set({ clock_skew_ms: 0 }).where('id', '=', off.id).execute()
    await eventually('sent once the clock is right', () => links[1]?.stub.effects.length === 1)
    expect(links[0]?.commands()).toBe(0)
  })

  test('T18 what was made is not said again to a host in quarantine while it could still be done', async () => {
    const host = await addTestHost(bench.kysely)
    const link = listeningLink(host)
    bench.backend.commands.linkOpened(link)
    await bench.requested(await bench.person('operator'), [host])
    const sent = () => link.sent.filter(({ type }) => type === 'command').length
    await eventually('sent', () => sent() === 1)
    await bench.kysely.updateTable('hosts').set({ quarantined_at: new Date() }).where('id', '=', host.id).execute()
    bench.backend.clock.advance(60_000)
    await bench.backend.commands.look()
    expect(sent()).toBe(1)
    bench.backend.clock.advance(15 * 60_000)
    await eventually('said again once it has run out', () => sent() === 2)
  })

  test('T22 hosts of two builds of one kernel are asked for one by one, and the request names the build', async () => {
    const operator = await bench.person('operator')
    const of = (buildId: string) =>
      addTestHost(bench.kysely, { snapshot: { kernel: { ...patchedSnapshot().kernel, buildId } } })
    const [one, other, unread] = [await of('aa11'), await of('bb22'), await addTestHost(bench.kysely)]
    expect((await bench.request(operator, [one, other])).json().detail).toMatch(/several builds/)
    expect((await bench.request(operator, [one, unread])).json().detail).toMatch(/several builds/)
    const asked = await bench.requested(operator, [one])
    expect(JSON.parse(asked.payload).kernel).toEqual({ release: '6.12.1-amd64', buildId: 'aa11' })
    expect(asked.text.find(({ field }) => field === 'kernel')?.values).toContain('Build id aa11')
    expect(JSON.parse((await bench.requested(operator, [unread])).payload).kernel.buildId).toBeNull()
  })

  test('T26 a request names which way the transition runs; one that was decided for the other way is refused', async () => {
    const operator = await bench.person('operator')
    const host = await addTestHost(bench.kysely, {
      snapshot: { transition: stalledSample(), livepatches: STALLED_LIVEPATCHES },
    })
    const reverse = { action: 'reverse', artefact: null, patch: 'lp_fix' }
    expect((await bench.request(operator, [host], { ...reverse, target: 'unpatching' })).json().detail).toMatch(
      /lp_fix is patching, and not unpatching/,
    )
    expect(
      (await bench.request(operator, [host], { action: 'refresh', artefact: null, target: 'patching' })).json(),
    ).toMatchObject({ status: 409, detail: expect.stringMatching(/no transition is named/) })
    for (const target of ['patching', null]) {
      const asked = await bench.requested(operator, [host], { ...reverse, target })
      expect(JSON.parse(asked.payload).target).toBe('patching')
      expect(asked.text.find(({ field }) => field === 'target')?.values[0]).toMatch(/^patching: /)
    }
  })

  test('T27 what agent.json bars cannot be asked for, and is shown with its reason beforehand', async () => {
    const operator = await bench.person('operator')
    const host = await addTestHost(bench.kysely, { policy: { actions: ['load', 'refresh'] } })
    const { actions } = HostActions.parse((await bench.read(operator, `/api/v1/hosts/${host.id}/actions`)).json())
    const barred = actions.find(({ action }) => action === 'disable')
    expect(barred?.refusal).toBe("The host's agent.json allows load, refresh; not disable.")
    const answer = await bench.request(operator, [host], { action: 'disable', artefact: null, patch: 'lp_fix' })
    expect(answer.json()).toMatchObject({
      status: 409,
      detail: expect.stringMatching(/agent.json allows load, refresh/),
    })
    expect((await bench.request(operator, [host])).status).toBe(201)
  })

  test('T18 a quarantined host waits, and an observing one is refused', async () => {
    const operator = await bench.person('operator')
    const host = await addTestHost(bench.kysely)
    const { stub } = bench.linked(host)
    const notBefore = new Date(bench.backend.clock.now().getTime() + 1_000).toISOString()
    const asked = await bench.requested(operator, [host], { hosts: [{ id: host.id, notBefore }] })
    await bench.kysely.updateTable('hosts').set({ quarantined_at: new Date() }).where('id', '=', host.id).execute()
    bench.backend.clock.advance(2_000)
    await eventually('told', async () => /quarantine/.test((await bench.commandsOf(asked.id))[0]?.waitingFor ?? ''))
    expect(stub.effects).toEqual([])
    expect((await bench.request(operator, [host])).json().detail).toMatch(/quarantine/)
    const observed = await addTestHost(bench.kysely, {
      policy: { hostClass: 'observe', reason: 'there is no agent.json' },
    })
    expect((await bench.request(operator, [observed])).json().detail).toMatch(
      /only lets itself be observed: there is no agent.json/,
    )
  })
})
