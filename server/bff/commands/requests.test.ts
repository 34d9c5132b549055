// Goal: what cannot be asked for, or not by this person, is refused in words, and what was asked for waits while its host may
// not be commanded. Method: a real backend over PostgreSQL, and hosts that differ in what they tell of themselves.
import { CommandList, HostActions } from '@rebootless/shared/contract/commands-api.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stalledSample } from '../ingest/test-messages.ts'
import { eventually } from '../link/link-test-bench.ts'
import type { TestAnswer } from '../test-backend.ts'
import { addTestHost } from './test-fleet.ts'
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
    const snapshot = (await import('../ingest/test-messages.ts')).patchedSnapshot()
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
          : bench.post(scoped, `/api/v1/authorisations/${id}${act}`)
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
