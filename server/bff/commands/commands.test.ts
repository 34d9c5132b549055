// Goal: from a request over approvals to a command and its result, nothing else leads to a kernel. Method: a real backend
// over PostgreSQL, people of each role, and links whose other end is the test.
import { sign } from 'node:crypto'
import type { HostPolicySummary, ServerMessage } from '@rebootless/shared/contract/agent-message.ts'
import { Authorisation, Command } from '@rebootless/shared/contract/command.ts'
import { AuthorisationDetail, CommandList, FleetFreeze, HostActions } from '@rebootless/shared/contract/commands-api.ts'
import { PAYLOAD_TYPES, signingBytes } from '@rebootless/shared/domain/signing-bytes.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSessions } from '../access/sessions.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { createUser } from '../http/test-users.ts'
import { stalledSample } from '../ingest/test-messages.ts'
import { eventually } from '../link/link-test-bench.ts'
import { startTestBackend, type TestAnswer, type TestBackend } from '../test-backend.ts'
import { testModule } from './artefacts/test-module.ts'
import {
  type AgentStub,
  addTestHost,
  createAgentStub,
  listeningLink,
  newApproverKey,
  type TestHost,
} from './test-fleet.ts'

let database: TestDatabase
let backend: TestBackend
let artefact: string
beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database)
  const uploaded = await backend.call('POST', '/api/v1/patches', {
    cookie: (await person('operator')).cookie,
    headers: { 'content-type': 'application/octet-stream' },
    bytes: testModule({ name: 'lp_new' }),
  })
  expect(uploaded.status).toBe(201)
  artefact = uploaded.json<{ id: string }>().id
})
afterAll(async () => {
  await backend.close()
  await database.drop()
})

type PersonRole = 'viewer' | 'operator' | 'approver' | 'admin'
const person = async (role: PersonRole, scope: string | null = null) => {
  const userId = await createUser(database.kysely, role, scope, backend.clock)
  const session = { userId, way: 'link', address: null, userAgent: null } as const
  const { token } = await createSessions(database.kysely, backend.clock).start(database.kysely, session)
  return { userId, cookie: `rebootless=${token}` }
}
type Person = Awaited<ReturnType<typeof person>>

const post = (who: Person, path: string, body?: unknown): Promise<TestAnswer> =>
  backend.call('POST', path, { cookie: who.cookie, ...(body === undefined ? {} : { body }) })
const read = async (who: Person, path: string): Promise<TestAnswer> => backend.call('GET', path, { cookie: who.cookie })

const approverWithKey = async () => {
  const who = await person('approver')
  const key = newApproverKey()
  const answer = await post(who, '/api/v1/approver-keys', { publicKey: key.publicKey, name: 'token of the desk' })
  expect(answer.status).toBe(201)
  return { ...who, ...key, keyId: answer.json<{ id: string }>().id }
}
type Approver = Awaited<ReturnType<typeof approverWithKey>>

const signatureOf = (
  approver: Pick<Approver, 'privateKey' | 'publicKey'>,
  payload: string,
  type = PAYLOAD_TYPES.authorisation as (typeof PAYLOAD_TYPES)[keyof typeof PAYLOAD_TYPES],
) => ({
  publicKey: approver.publicKey,
  signature: sign(null, signingBytes(type, payload), approver.privateKey).toString('base64'),
})

const production = (approvers: readonly Approver[], threshold = 1): Partial<HostPolicySummary> => ({
  hostClass: 'production',
  approvers: approvers.map(({ publicKey }, index) => ({ name: `approver ${index}`, publicKey })),
  threshold,
})

const request = async (who: Person, hosts: readonly TestHost[], fields: object = {}): Promise<TestAnswer> =>
  post(who, '/api/v1/authorisations', {
    action: 'load',
    artefact,
    hosts: hosts.map(({ id }) => ({ id })),
    reason: 'CVE-2026-1',
    ...fields,
  })
const requested = async (
  who: Person,
  hosts: readonly TestHost[],
  fields: object = {},
): Promise<AuthorisationDetail> => {
  const answer = await request(who, hosts, fields)
  expect(answer.json()).toMatchObject({ id: expect.any(String) })
  return AuthorisationDetail.parse(answer.json())
}
const commandsOf = async (id: string) => {
  const admin = await person('viewer')
  return CommandList.parse((await read(admin, `/api/v1/commands?authorisation=${id}`)).json()).items
}
const auditOf = async (action: string, id: string) => {
  const rows = await database.kysely.selectFrom('audit').select('entry').where('action', '=', action).execute()
  return rows.map(({ entry }) => JSON.parse(entry)).filter((entry) => JSON.stringify(entry).includes(id))
}

/** A link to the backend whose agent is the stub. */
const linked = (host: TestHost): { stub: AgentStub; heard: ServerMessage[]; commands(): number } => {
  const stub = createAgentStub(host, backend.commandKey.publicKey, backend.clock.now)
  const link = listeningLink(host)
  const heard: ServerMessage[] = []
  backend.commands.linkOpened({
    ...link,
    send(message) {
      heard.push(message)
      const result = stub.hear(message)
      if (result !== undefined) void backend.commands.accept(host.id, result, backend.clock.now())
    },
  })
  return { stub, heard, commands: () => heard.filter(({ type }) => type === 'command').length }
}

describe('a lab host', () => {
  test('does what an operator asks, and every step is in the audit log', async () => {
    const operator = await person('operator')
    const host = await addTestHost(database.kysely)
    const { stub } = linked(host)
    const asked = await requested(operator, [host])
    expect(asked).toMatchObject({ state: 'approved', approvalsNeeded: 0, patch: 'lp_new', hostCount: 1 })
    await eventually('done', async () => (await commandsOf(asked.id))[0]?.state === 'done')
    expect(stub.effects).toEqual([`${asked.id} action`])
    for (const action of ['authorisation.request', 'command.send', 'command.result'])
      expect(await auditOf(action, asked.id)).toHaveLength(1)
    const after = AuthorisationDetail.parse((await read(operator, `/api/v1/authorisations/${asked.id}`)).json())
    expect(after.state).toBe('done')
    expect(Authorisation.parse(JSON.parse(after.payload))).toMatchObject({
      kernel: { release: '6.12.1-amd64' },
      hosts: [{ id: host.id }],
    })
  })

  test('while it is away the command waits, and says so; a link brings it, with the key of that link', async () => {
    const host = await addTestHost(database.kysely)
    await database.kysely.updateTable('hosts').set({ connected: false }).where('id', '=', host.id).execute()
    const asked = await requested(await person('operator'), [host])
    expect(await commandsOf(asked.id)).toMatchObject([{ state: 'waiting', waitingFor: 'The agent is not connected.' }])
    const { heard } = linked(host)
    await eventually('done', async () => (await commandsOf(asked.id))[0]?.state === 'done')
    const [command] = heard.flatMap((message) =>
      message.type === 'command' ? [Command.parse(JSON.parse(message.command.payload))] : [],
    )
    expect(command).toMatchObject({ hostId: host.id, epoch: 1, sequence: 1 })
    expect(Date.parse(command?.expiresAt ?? '') - Date.parse(command?.issuedAt ?? '')).toBe(5 * 60_000)
  })

  test('a wave does not begin before its time', async () => {
    const host = await addTestHost(database.kysely)
    const { stub } = linked(host)
    const notBefore = new Date(backend.clock.now().getTime() + 60_000).toISOString()
    const asked = await requested(await person('operator'), [host], { hosts: [{ id: host.id, notBefore }] })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect([stub.effects, (await commandsOf(asked.id))[0]?.state]).toEqual([[], 'waiting'])
    backend.clock.advance(61_000)
    await eventually('done', async () => (await commandsOf(asked.id))[0]?.state === 'done')
  })

  test('its reversal, approved with it, takes the patch out again, once', async () => {
    const operator = await person('operator')
    const host = await addTestHost(database.kysely)
    const { stub } = linked(host)
    const asked = await requested(operator, [host], { reversal: true })
    const early = await requested(operator, [host], { reason: 'no reversal' })
    await eventually('both', () => stub.effects.length === 2)
    await eventually('both ended', async () => (await commandsOf(early.id))[0]?.state === 'done')
    expect((await post(operator, `/api/v1/authorisations/${early.id}/reversal`)).status).toBe(409)
    expect((await post(operator, `/api/v1/authorisations/${asked.id}/reversal`)).status).toBe(201)
    await eventually('reversed', async () =>
      (await commandsOf(asked.id)).some(({ part, state }) => part === 'reversal' && state === 'done'),
    )
    expect(stub.effects.filter((effect) => effect === `${asked.id} reversal`)).toHaveLength(1)
    expect(await auditOf('authorisation.reverse', asked.id)).toHaveLength(1)
    const again = await post(operator, `/api/v1/authorisations/${asked.id}/reversal`)
    expect(again.json()).toMatchObject({ status: 409, detail: expect.stringMatching(/nothing to reverse/) })
  })

  test('cancelled when one of two has it, the other never gets it, and the one can still be reversed', async () => {
    const operator = await person('operator')
    const [there, away] = [await addTestHost(database.kysely), await addTestHost(database.kysely)]
    const { stub } = linked(there)
    const asked = await requested(operator, [there, away], { reversal: true })
    await eventually('done', async () => (await commandsOf(asked.id)).some(({ state }) => state === 'done'))
    expect((await post(operator, `/api/v1/authorisations/${asked.id}/cancel`)).json()).toMatchObject({
      state: 'cancelled',
      cannotReverse: null,
    })
    const late = linked(away)
    await backend.commands.look()
    expect(late.stub.effects).toEqual([])
    expect((await post(operator, `/api/v1/authorisations/${asked.id}/reversal`)).status).toBe(201)
    await eventually('reversed', () => stub.effects.includes(`${asked.id} reversal`))
    expect(late.stub.effects).toEqual([])
  })
})

describe('T25 a production host', () => {
  test('acts once an approver whom it knows has signed, and on his signature over the stored text alone', async () => {
    const [approver, other] = [await approverWithKey(), await approverWithKey()]
    const host = await addTestHost(database.kysely, { policy: production([approver]) })
    const { stub, heard } = linked(host)
    const asked = await requested(await person('operator'), [host])
    expect(asked).toMatchObject({ state: 'waiting', approvalsNeeded: 1 })
    const path = `/api/v1/authorisations/${asked.id}/signatures`
    for (const [signature, reason] of [
      [signatureOf(approver, `${asked.payload} `), /does not fit/],
      [signatureOf(approver, asked.payload, PAYLOAD_TYPES.command), /does not fit/],
      [{ ...signatureOf(other, asked.payload), publicKey: approver.publicKey }, /does not fit/],
      [signatureOf(other, asked.payload), /not registered as yours/],
      [signatureOf(newApproverKey(), asked.payload), /not registered as yours/],
    ] as const) {
      const answer = await post(approver, path, signature)
      expect(answer.json()).toMatchObject({
        type: '/problems/signature_refused',
        detail: expect.stringMatching(reason),
      })
    }
    expect(stub.effects).toEqual([])
    const signed = AuthorisationDetail.parse((await post(approver, path, signatureOf(approver, asked.payload))).json())
    expect(signed).toMatchObject({ state: 'approved', cannotSign: 'You have signed it.' })
    await eventually('done', async () => (await commandsOf(asked.id))[0]?.state === 'done')
    const sent = heard.find((message) => message.type === 'command')
    expect(sent?.type === 'command' && sent.authorisation).toMatchObject({
      payload: asked.payload,
      signatures: [signatureOf(approver, asked.payload)],
    })
    expect(await auditOf('authorisation.sign', asked.id)).toHaveLength(1)
  })

  test('does nothing on keys that it does not name, however many', async () => {
    const known = await approverWithKey()
    const host = await addTestHost(database.kysely, { policy: production([known]) })
    const { stub } = linked(host)
    const asked = await requested(await person('operator'), [host])
    const stranger = await approverWithKey()
    const late = await post(
      stranger,
      `/api/v1/authorisations/${asked.id}/signatures`,
      signatureOf(stranger, asked.payload),
    )
    expect(late.json().detail).toMatch(/registered after the request/)
    const again = await requested(await person('operator'), [host])
    await post(stranger, `/api/v1/authorisations/${again.id}/signatures`, signatureOf(stranger, again.payload))
    await eventually('tried', async () =>
      /other keys have signed/.test((await commandsOf(again.id))[0]?.waitingFor ?? ''),
    )
    expect(stub.effects).toEqual([])
  })

  test.each(['force', 'reverse', 'disable', 'downgrade'] as const)(
    '%s takes two people, neither of whom asked',
    async (what) => {
      const [one, two] = [await approverWithKey(), await approverWithKey()]
      const needsTransition = what === 'force' || what === 'reverse'
      const host = await addTestHost(database.kysely, {
        policy: production([one, two]),
        snapshot: needsTransition ? { transition: stalledSample(), livepatches: stalledLivepatches } : {},
      })
      const { stub } = linked(host)
      const fields = what === 'downgrade' ? { downgrade: true } : { action: what, artefact: null, patch: 'lp_fix' }
      const mine = await requested(one, [host], fields)
      expect(
        (await post(one, `/api/v1/authorisations/${mine.id}/signatures`, signatureOf(one, mine.payload))).json().detail,
      ).toMatch(/asked for it cannot approve it/)
      const asked = await requested(await person('operator'), [host], fields)
      expect(asked.approvalsNeeded).toBe(2)
      const path = `/api/v1/authorisations/${asked.id}/signatures`
      await post(one, path, signatureOf(one, asked.payload))
      const twice = await post(one, path, signatureOf(one, asked.payload))
      expect(twice.json().detail).toMatch(/have signed it/)
      // The same person by another session, with another of his keys.
      const session = { userId: one.userId, way: 'link', address: null, userAgent: null } as const
      const { token } = await createSessions(database.kysely, backend.clock).start(database.kysely, session)
      const secondKey = newApproverKey()
      const again = { userId: one.userId, cookie: `rebootless=${token}` }
      await post(again, '/api/v1/approver-keys', { publicKey: secondKey.publicKey, name: 'second' })
      expect((await post(again, path, signatureOf(secondKey, asked.payload))).json().detail).toMatch(/have signed it/)
      await backend.commands.look()
      expect(stub.effects).toEqual([])
      await post(two, path, signatureOf(two, asked.payload))
      await eventually('done', async () => (await commandsOf(asked.id))[0]?.state === 'done')
      expect(stub.effects).toEqual([`${asked.id} action`])
    },
  )

  test('a key is one person’s for ever, and of a foreign one nothing is told', async () => {
    const [one, two] = [await approverWithKey(), await approverWithKey()]
    const taken = await post(two, '/api/v1/approver-keys', { publicKey: one.publicKey, name: 'mine' })
    expect(taken.json().type).toBe('/problems/approver_key_refused')
    const revoke = (who: Person) => backend.call('DELETE', `/api/v1/approver-keys/${one.keyId}`, { cookie: who.cookie })
    expect((await revoke(two)).status).toBe(404)
    expect((await revoke(one)).status).toBe(204)
    const again = await post(one, '/api/v1/approver-keys', { publicKey: one.publicKey, name: 'again' })
    expect(again.json().type).toBe('/problems/approver_key_refused')
  })

  test.each(['disabled', 'role', 'key'] as const)(
    'an approver who lost his place (%s) makes it void, also when he gets it back',
    async (how) => {
      const [one, two] = [await approverWithKey(), await approverWithKey()]
      const host = await addTestHost(database.kysely, { policy: production([one, two], 2) })
      const { stub } = linked(host)
      const operator = await person('operator')
      const asked = await requested(operator, [host])
      const path = `/api/v1/authorisations/${asked.id}/signatures`
      await post(one, path, signatureOf(one, asked.payload))
      const set = (values: object) =>
        database.kysely.updateTable('users').set(values).where('id', '=', one.userId).execute()
      if (how === 'disabled') await set({ disabled_at: new Date() })
      if (how === 'role') await set({ role: 'operator' })
      if (how === 'key') await backend.call('DELETE', `/api/v1/approver-keys/${one.keyId}`, { cookie: one.cookie })
      const answer = await post(two, path, signatureOf(two, asked.payload))
      expect(answer.json().type).toBe('/problems/authorisation_closed')
      await eventually('void', async () => (await auditOf('authorisation.void', asked.id)).length === 1)
      await set({ disabled_at: null, role: 'approver' })
      const now = AuthorisationDetail.parse((await read(operator, `/api/v1/authorisations/${asked.id}`)).json())
      expect(now).toMatchObject({ state: 'void' })
      await backend.commands.look()
      expect([stub.effects, (await commandsOf(asked.id))[0]?.state]).toEqual([[], 'cancelled'])
    },
  )

  test('its time over, it is expired and nobody signs it any more', async () => {
    const approver = await approverWithKey()
    const host = await addTestHost(database.kysely, { policy: production([approver]) })
    const asked = await requested(await person('operator'), [host], { validHours: 1 })
    await database.kysely
      .updateTable('authorisations')
      .set({ expires_at: backend.clock.now() })
      .where('id', '=', asked.id)
      .execute()
    const answer = await post(
      approver,
      `/api/v1/authorisations/${asked.id}/signatures`,
      signatureOf(approver, asked.payload),
    )
    expect(answer.json().type).toBe('/problems/authorisation_closed')
    await eventually('ended', async () => (await commandsOf(asked.id))[0]?.state === 'expired')
  })

  test('cancelled, nothing is made of it, though it was approved', async () => {
    const approver = await approverWithKey()
    const host = await addTestHost(database.kysely, { policy: production([approver]) })
    const operator = await person('operator')
    const asked = await requested(operator, [host])
    await post(approver, `/api/v1/authorisations/${asked.id}/signatures`, signatureOf(approver, asked.payload))
    expect((await post(operator, `/api/v1/authorisations/${asked.id}/cancel`)).json().state).toBe('cancelled')
    const { commands } = linked(host)
    await backend.commands.look()
    expect([commands(), (await commandsOf(asked.id))[0]?.state]).toEqual([0, 'cancelled'])
  })

  test('an admin alone approves nothing, and a label makes no lab of it', async () => {
    const admin = await person('admin')
    const host = await addTestHost(database.kysely, {
      policy: production([await approverWithKey()]),
      labels: { class: 'lab' },
    })
    const { stub } = linked(host)
    const asked = await requested(admin, [host])
    const key = newApproverKey()
    expect((await post(admin, '/api/v1/approver-keys', { publicKey: key.publicKey, name: 'x' })).status).toBe(403)
    expect(
      (await post(admin, `/api/v1/authorisations/${asked.id}/signatures`, signatureOf(key, asked.payload))).status,
    ).toBe(403)
    await backend.commands.look()
    expect(stub.effects).toEqual([])
  })

  test('dangerous acts, and signing, want a proof of minutes ago', async () => {
    const host = await addTestHost(database.kysely)
    const operator = await person('operator')
    const approver = await approverWithKey()
    const asked = await requested(operator, [host], {
      reason: 'a',
      hosts: [{ id: (await addTestHost(database.kysely, { policy: production([approver]) })).id }],
    })
    backend.clock.advance(6 * 60_000)
    for (const answer of [
      await request(operator, [host], { action: 'disable', artefact: null, patch: 'lp_fix' }),
      await request(operator, [host], { downgrade: true }),
      await post(approver, `/api/v1/authorisations/${asked.id}/signatures`, signatureOf(approver, asked.payload)),
    ])
      expect(answer.json().type).toBe('/problems/authentication_too_old')
    expect((await request(operator, [host])).status).toBe(201)
  })
})

const stalledLivepatches = [
  {
    ...{ name: 'lp_fix', enabled: true, transition: true, replace: false, stackOrder: 1 },
    objects: [],
    unknownAttributes: [],
  },
]

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
    const host = await addTestHost(database.kysely)
    const hosts = name === 'a host twice' ? [host, host] : [host]
    const answer = await request(await person('operator'), hosts, fields)
    expect(answer.json()).toMatchObject({ status: 409, detail: expect.stringMatching(reason) })
  })

  test('hosts of two kernels, a module of another, a force of two hosts', async () => {
    const operator = await person('operator')
    const snapshot = (await import('../ingest/test-messages.ts')).patchedSnapshot()
    const other = await addTestHost(database.kysely, { snapshot: { kernel: { ...snapshot.kernel, release: '6.1.0' } } })
    const host = await addTestHost(database.kysely)
    expect((await request(operator, [host, other])).json().detail).toMatch(/several kernels/)
    expect((await request(operator, [other])).json().detail).toMatch(/built for 6.12.1-amd64, and 6.1.0 runs/)
    const stalled = { transition: stalledSample(), livepatches: stalledLivepatches }
    const two = [
      await addTestHost(database.kysely, { snapshot: stalled }),
      await addTestHost(database.kysely, { snapshot: stalled }),
    ]
    const force = { action: 'force', artefact: null, patch: 'lp_fix' }
    expect((await request(operator, two, force)).json().detail).toMatch(/one host at a time/)
    const [first] = two
    const asked = await requested(operator, first === undefined ? [] : [first], force)
    expect(JSON.parse(asked.payload).blockingTasks).toEqual([{ tid: 4711, name: 'sleeper' }])
  })

  test('T07 hosts, requests and commands out of scope answer as missing ones do', async () => {
    const scoped = await person('operator', 'label.env:staging')
    const [own, foreign] = [
      await addTestHost(database.kysely, { labels: { env: 'staging' } }),
      await addTestHost(database.kysely, { labels: { env: 'prod' } }),
    ]
    const whole = await person('operator')
    const theirs = await requested(whole, [own, foreign])
    const alone = await requested(whole, [own])
    expect((await request(scoped, [own, foreign])).status).toBe(404)
    expect((await request(scoped, [own])).status).toBe(201)
    expect((await read(scoped, `/api/v1/authorisations/${alone.id}`)).status).toBe(200)
    const nowhere = '5f0c1d6e-0000-4000-8000-000000000000'
    for (const act of ['', '/cancel', '/reversal']) {
      const ask = (id: string) =>
        act === '' ? read(scoped, `/api/v1/authorisations/${id}`) : post(scoped, `/api/v1/authorisations/${id}${act}`)
      const bare = (answer: TestAnswer) => answer.text.replace(/"requestId":"[^"]*"/, '')
      expect(bare(await ask(theirs.id))).toBe(bare(await ask(nowhere)))
    }
    const listed = (await read(scoped, '/api/v1/authorisations')).json<{ items: { id: string }[] }>().items
    expect(listed.map(({ id }) => id)).toContain(alone.id)
    expect(listed.map(({ id }) => id)).not.toContain(theirs.id)
    const commands = CommandList.parse((await read(scoped, '/api/v1/commands?limit=1000')).json()).items
    expect(new Set(commands.map(({ hostId }) => hostId))).toEqual(new Set([own.id]))
    expect((await read(scoped, `/api/v1/hosts/${foreign.id}/actions`)).status).toBe(404)
    expect(
      HostActions.parse((await read(scoped, `/api/v1/hosts/${own.id}/actions`)).json()).actions.length,
    ).toBeGreaterThan(3)
  })

  test('T18 a quarantined host waits, and an observing one is refused', async () => {
    const operator = await person('operator')
    const host = await addTestHost(database.kysely)
    const { stub } = linked(host)
    const notBefore = new Date(backend.clock.now().getTime() + 1_000).toISOString()
    const asked = await requested(operator, [host], { hosts: [{ id: host.id, notBefore }] })
    await database.kysely.updateTable('hosts').set({ quarantined_at: new Date() }).where('id', '=', host.id).execute()
    backend.clock.advance(2_000)
    await eventually('told', async () => /quarantine/.test((await commandsOf(asked.id))[0]?.waitingFor ?? ''))
    expect(stub.effects).toEqual([])
    expect((await request(operator, [host])).json().detail).toMatch(/quarantine/)
    const observed = await addTestHost(database.kysely, {
      policy: { hostClass: 'observe', reason: 'there is no agent.json' },
    })
    expect((await request(operator, [observed])).json().detail).toMatch(
      /only lets itself be observed: there is no agent.json/,
    )
  })
})

describe('results', () => {
  test('T19 a host tells of its own commands alone, and its first end stays', async () => {
    const operator = await person('operator')
    const [host, other] = [await addTestHost(database.kysely), await addTestHost(database.kysely)]
    const link = listeningLink(host)
    backend.commands.linkOpened(link)
    const asked = await requested(operator, [host])
    await eventually('sent', () => link.sent.some(({ type }) => type === 'command'))
    const [command] = await commandsOf(asked.id)
    const result = (state: 'started' | 'done' | 'failed', code: string | null = null) =>
      ({
        type: 'result',
        epoch: 1,
        sequence: 9,
        sentAt: '2026-11-26T12:00:00.000Z',
        commandId: command?.id ?? '',
        state,
        code,
        detail: 'x\0y',
        at: '2026-11-26T12:00:00.000Z',
      }) as const
    await backend.commands.accept(other.id, result('done'), backend.clock.now())
    expect((await commandsOf(asked.id))[0]).toMatchObject({ state: 'sent', startedAt: null })
    await backend.commands.accept(host.id, result('started'), backend.clock.now())
    expect((await commandsOf(asked.id))[0]).toMatchObject({ state: 'sent', startedAt: expect.any(String) })
    for (const said of [result('failed', 'EBUSY'), result('done'), result('failed', 'EBUSY')])
      await backend.commands.accept(host.id, said, backend.clock.now())
    expect((await commandsOf(asked.id))[0]).toMatchObject({ state: 'failed', code: 'EBUSY', detail: 'x\ufffdy' })
    expect(await auditOf('command.result', asked.id)).toMatchObject([{ result: 'failed', problem: 'EBUSY' }])
    await backend.commands.accept(
      host.id,
      { ...result('done'), commandId: '5f0c1d6e-0000-4000-8000-000000000000' },
      new Date(),
    )
  })

  test('a module goes to hosts that have a command for it, and to them alone', async () => {
    const [host, other] = [await addTestHost(database.kysely), await addTestHost(database.kysely)]
    expect(await backend.commands.artefact(host.id, artefact)).toBeUndefined()
    const link = listeningLink(host)
    backend.commands.linkOpened(link)
    await requested(await person('operator'), [host])
    await eventually('sent', () => link.sent.some(({ type }) => type === 'command'))
    const found = await backend.commands.artefact(host.id, artefact)
    expect(found?.size).toBe(testModule({ name: 'lp_new' }).length)
    found?.stream.destroy()
    expect(await backend.commands.artefact(other.id, artefact)).toBeUndefined()
    expect(await backend.commands.artefact(host.id, 'f'.repeat(64))).toBeUndefined()
  })
})

describe('T28 the freeze', () => {
  test('stops at once, tells every link, needs no approval; lifting it takes two people', async () => {
    const [scoped, one, two] = [
      await person('operator', 'label.env:none'),
      await person('operator'),
      await person('admin'),
    ]
    const host = await addTestHost(database.kysely)
    const { stub } = linked(host)
    expect(FleetFreeze.parse((await post(scoped, '/api/v1/fleet/freeze', { reason: 'panics' })).json())).toMatchObject({
      frozen: true,
      reason: 'panics',
    })
    await eventually('told', () => stub.isFrozen())
    const asked = await requested(one, [host])
    await backend.commands.look()
    expect([stub.effects, (await commandsOf(asked.id))[0]?.waitingFor]).toEqual([[], 'All changes are frozen.'])
    expect((await post(scoped, '/api/v1/fleet/unfreeze')).status).toBe(403)
    expect((await post(one, '/api/v1/fleet/unfreeze')).json()).toMatchObject({ frozen: true })
    expect((await post(one, '/api/v1/fleet/unfreeze')).json().type).toBe('/problems/freeze_refused')
    expect(stub.effects).toEqual([])
    expect((await post(two, '/api/v1/fleet/unfreeze')).json()).toMatchObject({ frozen: false })
    await eventually('done', async () => (await commandsOf(asked.id))[0]?.state === 'done')
    const late = linked(await addTestHost(database.kysely))
    await eventually('told at its link', () => late.heard.some(({ type }) => type === 'freeze'))
    for (const action of ['fleet.freeze', 'fleet.ask_unfreeze', 'fleet.unfreeze'])
      expect(await auditOf(action, 'fleet')).not.toEqual([])
  })

  test('a wish to lift it is forgotten within the hour, and by a new freeze', async () => {
    const [one, two] = [await person('operator'), await person('operator')]
    await post(one, '/api/v1/fleet/freeze', { reason: 'first' })
    await post(one, '/api/v1/fleet/unfreeze')
    await post(two, '/api/v1/fleet/freeze', { reason: 'second' })
    expect((await post(two, '/api/v1/fleet/unfreeze')).json()).toMatchObject({
      frozen: true,
      liftAskedBy: expect.any(String),
    })
    await database.kysely
      .updateTable('fleet_freeze')
      .set({ lift_asked_at: new Date(0) })
      .execute()
    expect((await post(one, '/api/v1/fleet/unfreeze')).json()).toMatchObject({ frozen: true })
    expect((await post(two, '/api/v1/fleet/unfreeze')).json()).toMatchObject({ frozen: false })
  })
})
