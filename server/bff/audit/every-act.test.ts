// Goal: no act without its entry, whichever route it goes through. Method: the routes that act are taken from the contract;
// each is called with a log that takes no entry, and again with one that does.
import { randomUUID, sign } from 'node:crypto'
import { AuditEntry } from '@rebootless/shared/contract/audit.ts'
import type { RouteKey } from '@rebootless/shared/contract/routes.ts'
import { DEFAULT_SLA } from '@rebootless/shared/domain/compliance/default-policy.ts'
import { keyFingerprintText } from '@rebootless/shared/domain/key-fingerprint.ts'
import { PAYLOAD_TYPES, signingBytes } from '@rebootless/shared/domain/signing-bytes.ts'
import type { Role } from '@rebootless/shared/domain/words.ts'
import { sql } from 'kysely'
import { TOTP } from 'otpauth'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { linkTokenOf } from '../access/test-people.ts'
import { newBrowserKeys } from '../channels/test-push.ts'
import { addTestHost, createAgentStub, listeningLink, newApproverKey } from '../commands/test-fleet.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { dumpDatabase } from '../database/test-dump.ts'
import { methodOf, routeKeys } from '../http/test-routes.ts'
import { signInAs } from '../http/test-users.ts'
import { createIngest } from '../ingest/ingest.ts'
import { patchedSnapshot, patchMemory, snapshotMessage } from '../ingest/test-messages.ts'
import { eventually } from '../link/link-test-bench.ts'
import { testModule } from '../patches/module/test-module.ts'
import { ADMIN_PASSWORD, startTestBackend, type TestAnswer, type TestBackend, type TestCall } from '../test-backend.ts'

let database: TestDatabase
let backend: TestBackend

interface Ready extends TestCall {
  /** For the parameter of the path. */
  readonly id?: string
}
type Prepare = () => Promise<Ready>

const as = (role: Role) => signInAs(database.kysely, role)
const call = async <T>(key: RouteKey, init: Ready): Promise<T> => {
  const answer = await send(key, init)
  expect(answer.status, `${key}: ${answer.text}`).toBeLessThan(300)
  return answer.text === '' ? (null as T) : answer.json<T>()
}
const send = (key: RouteKey, { id, ...init }: Ready): Promise<TestAnswer> => {
  const [method = '', path = ''] = key.split(' ')
  return backend.call(method, path.replace(/:\w+/, id ?? ''), init)
}

const exceptionBody = () => ({
  ...{ subject: { kind: 'severity', severity: 'low' }, hosts: '', owner: 'web team', reason: 'isolated network' },
  until: new Date(backend.clock.now().getTime() + 24 * 60 * 60_000).toISOString(),
})
const newException = async (): Promise<string> => {
  const body = exceptionBody()
  const { id } = await call<{ id: string }>('POST /api/v1/exceptions', { cookie: await as('operator'), body })
  return id
}

const newUser = async () => {
  const body = { username: `user-${randomUUID().slice(0, 8)}`, role: 'viewer' }
  const created = await call<{ user: { id: string }; link: { path: string } }>('POST /api/v1/users', {
    cookie: await as('admin'),
    body,
  })
  return { id: created.user.id, link: linkTokenOf(created.link.path) }
}
const withSeed = async () => {
  const cookie = await as('viewer')
  const { secret } = await call<{ secret: string }>('POST /api/v1/session/totp', { cookie })
  const code = new TOTP({ secret }).generate({ timestamp: backend.clock.now().getTime() })
  return { cookie, code, secret }
}
/** Whoever this cookie is of. */
const idOf = async (cookie: string) => {
  const { items } = (await backend.call('GET', '/api/v1/sessions', { cookie })).json<{
    items: { username: string }[]
  }>()
  const name = items[0]?.username ?? ''
  const row = await database.kysely
    .selectFrom('users')
    .select('id')
    .where('username', '=', name)
    .executeTakeFirstOrThrow()
  return row.id
}
const host = () => addTestHost(database.kysely)
const named = async (): Promise<Ready> => {
  const { id, name } = await host()
  return { cookie: await as('admin'), id, body: { name, reason: 'gone' } }
}
const WAITING_KEY = 'ab'.repeat(32)
const waiting = async (body: object): Promise<Ready> => {
  const id = randomUUID()
  const now = backend.clock.now()
  await database.kysely
    .insertInto('enrolment_requests')
    .values({
      ...{ id, key_fingerprint: WAITING_KEY, host_name: 'web-1', machine_id: null, address: '192.0.2.1' },
      ...{ asked_at: now, last_asked_at: now, state: 'waiting', labels: '{}' },
    })
    .execute()
  return { cookie: await as('admin'), id, body }
}
const upload = async () => {
  const headers = { 'content-type': 'application/octet-stream' }
  return { cookie: await as('operator'), headers, bytes: testModule({ name: 'lp_new' }) }
}
const asked = async (publicKey?: string) => {
  const policy =
    publicKey === undefined
      ? {}
      : { policy: { hostClass: 'production' as const, approvers: [{ name: 'ann', publicKey }], threshold: 1 } }
  const { id } = await addTestHost(database.kysely, policy)
  const { id: artefact } = await call<{ id: string }>('POST /api/v1/patches', await upload())
  const body = { action: 'load', artefact, hosts: [{ id }], reason: 'CVE-2026-1' }
  return { cookie: await as('operator'), body }
}
/** The one host's agent comes, and does what it is told. */
const answered = async () => {
  const one = await database.kysely.selectFrom('hosts').select(['id', 'name']).executeTakeFirstOrThrow()
  const stub = createAgentStub(one, backend.commandKey.publicKey, backend.clock.now)
  backend.commands.linkOpened({
    ...listeningLink(one),
    send(message) {
      const result = stub.hear(message)
      if (result !== undefined) void backend.commands.accept(one.id, result, backend.clock.now())
    },
  })
  await eventually('the command is done', async () => {
    const { state } = await database.kysely.selectFrom('commands').select('state').executeTakeFirstOrThrow()
    return state === 'done'
  })
}
const newKey = async () => {
  const cookie = await as('approver')
  const { privateKey, publicKey } = newApproverKey()
  const body = { publicKey, name: 'desk' }
  const { id } = await call<{ id: string }>('POST /api/v1/approver-keys', { cookie, body })
  return { cookie, id, privateKey, publicKey }
}

const TEMPLATE = { name: 'at once', plan: { version: 1, waves: [{ name: 'all', share: { kind: 'rest' } }] } }
const template = async () => {
  const cookie = await as('operator')
  const { id } = await call<{ id: string }>('POST /api/v1/rollout-templates', { cookie, body: TEMPLATE })
  return { cookie, id }
}

/** A rollout over one lab host, in which nobody has done anything yet; `after`: these acts were done to it. */
const rollout = async (body: object, ...after: RouteKey[]): Promise<Ready> => {
  const { id: artefact } = await call<{ id: string }>('POST /api/v1/patches', await upload())
  await addTestHost(database.kysely)
  const plan = {
    ...{
      version: 1,
      name: 'fix',
      reason: 'CVE-2026-1',
      hosts: 'name:*',
      change: { kind: 'load', patches: [artefact] },
    },
    waves: [{ name: 'all', share: { kind: 'rest' }, gates: [{ kind: 'approval', people: 2 }] }],
  }
  const cookie = await as('operator')
  const { id } = await call<{ id: string }>('POST /api/v1/rollouts', { cookie, body: { plan } })
  for (const key of after) await call(key, { cookie, id, body: because })
  return { cookie, id, body }
}
const because = { reason: 'test' }
const POLICY = { hosts: 'label.env:prod', requires: { soakSecondsAtLeast: 60 }, reason: 'as agreed' }
const START = 'POST /api/v1/rollouts/:id/start'
/** The same whose host has done it, and whose wave waits for a person. */
const atItsGate = async (body: object): Promise<Ready> => {
  const ready = await rollout(body)
  const { id } = await database.kysely.selectFrom('hosts').select('id').executeTakeFirstOrThrow()
  const ingest = createIngest({ database: database.kysely, clock: backend.clock, changesEveryMs: 0 })
  const there = patchedSnapshot()
  const livepatches = there.livepatches?.map((patch) => ({ ...patch, name: 'lp_new' })) ?? null
  const snapshot = { ...there, livepatches, livepatchModules: [], memory: [patchMemory('lp_new')] }
  await ingest.accept(id, snapshotMessage({ epoch: 1, sequence: 50 }, snapshot), backend.clock.now())
  await call(START, { ...ready, body: because })
  await eventually('it stands at its gate', async () => {
    const { items } = await call<{ items: { kind: string }[] }>('GET /api/v1/rollouts/:id/decisions', {
      ...{ id: ready.id ?? '', cookie: ready.cookie ?? '' },
    })
    return items.some(({ kind }) => kind === 'gate shut')
  })
  return ready
}

/** Nothing listens there. */
const NO_RECEIVER = 'http://127.0.0.1:1/'
const channel = async () => {
  const events = { decisions: 'all', auditHeads: null }
  const body = { kind: 'webhook', name: 'hook', address: NO_RECEIVER, events }
  const cookie = await as('admin')
  const { channel: made } = await call<{ channel: { id: string } }>('POST /api/v1/channels', { cookie, body })
  return { cookie, id: made.id }
}

/** Of a channel that is told of nothing else. */
const reportBody = async () => {
  const { id: channelId } = await channel()
  const schedule = { kind: 'weekly', weekday: 1, hour: 8, timeZone: 'UTC' }
  return { name: 'Weekly', filter: '', schedule, channelId, attachCsv: false }
}
const report = async () => {
  const cookie = await as('admin')
  const { id } = await call<{ id: string }>('POST /api/v1/reports', { cookie, body: await reportBody() })
  return { cookie, id }
}

/** One that fires: of a channel that was turned off by itself. */
const alert = async () => {
  const { id } = await channel()
  await database.kysely.updateTable('channels').set({ off_because: 'It is gone.' }).where('id', '=', id).execute()
  const find = () =>
    database.kysely.selectFrom('alert_groups').select('id').where('fired_at', 'is not', null).executeTakeFirst()
  await eventually('an alert fires', async () => (await find()) !== undefined)
  return { cookie: await as('operator'), id: (await find())?.id ?? '' }
}
const silence = async () => {
  const cookie = await as('operator')
  const endsAt = new Date(backend.clock.now().getTime() + 3_600_000).toISOString()
  const body = { matcher: { rule: 'agent-outdated' }, endsAt, reason: 'known' }
  return { cookie, body }
}

const newBrowser = () => ({
  ...{ endpoint: `${NO_RECEIVER}${randomUUID()}`, keys: newBrowserKeys().keys },
  ...{ name: 'phone', severityAtLeast: 'page' },
})
const browser = async () => {
  const cookie = await as('viewer')
  const { id } = await call<{ id: string }>('POST /api/v1/push-subscriptions', { cookie, body: newBrowser() })
  return { cookie, id }
}

const cveFeed = async () => {
  const cookie = await as('admin')
  const body = { name: 'feed', kind: 'kev', location: 'https://feeds.example/', everyMinutes: null }
  const { id } = await call<{ id: string }>('POST /api/v1/cve-feeds', { cookie, body })
  const feed = database.kysely.selectFrom('cve_feeds').select('outcome').where('id', '=', id)
  // Its first reading, which finds nobody there, is the server's own.
  await eventually('it was tried', async () => (await feed.executeTakeFirst())?.outcome != null)
  return { cookie, id }
}

const ACTS: Partial<Record<RouteKey, Prepare>> = {
  'POST /api/v1/session': async () => ({ body: { username: 'admin', password: ADMIN_PASSWORD } }),
  'POST /api/v1/session/link': async () => ({ body: { token: (await newUser()).link } }),
  'POST /api/v1/session/code': async () => {
    const { cookie, code, secret } = await withSeed()
    await call('POST /api/v1/session/totp/confirm', { cookie, body: { code } })
    const id = await idOf(cookie)
    const { path } = await call<{ path: string }>('POST /api/v1/users/:id/sign-in-link', {
      cookie: await as('admin'),
      id,
    })
    const { challenge } = await call<{ challenge: string }>('POST /api/v1/session/link', {
      body: { token: linkTokenOf(path) },
    })
    // Each code is good once.
    backend.clock.advance(30_000)
    const next = new TOTP({ secret }).generate({ timestamp: backend.clock.now().getTime() })
    return { body: { challenge, code: next } }
  },
  'DELETE /api/v1/session': async () => ({ cookie: await as('viewer') }),
  'POST /api/v1/session/authenticate': async () => ({
    cookie: await backend.signIn(),
    body: { password: ADMIN_PASSWORD },
  }),
  'PUT /api/v1/session/password': async () => ({
    cookie: await as('viewer'),
    body: { password: 'a long enough password' },
  }),
  'POST /api/v1/session/totp': async () => ({ cookie: await as('viewer') }),
  'POST /api/v1/session/totp/confirm': async () => {
    const { cookie, code } = await withSeed()
    return { cookie, body: { code } }
  },
  'DELETE /api/v1/session/totp': async () => {
    const { cookie, code } = await withSeed()
    await call('POST /api/v1/session/totp/confirm', { cookie, body: { code } })
    return { cookie, body: { reason: 'test' } }
  },
  'DELETE /api/v1/sessions/:id': async () => {
    const cookie = await as('viewer')
    const { items } = (await backend.call('GET', '/api/v1/sessions', { cookie })).json<{ items: { id: string }[] }>()
    return { cookie, id: items[0]?.id ?? '', body: { reason: 'test' } }
  },
  'POST /api/v1/users': async () => ({ cookie: await as('admin'), body: { username: 'new', role: 'viewer' } }),
  'PATCH /api/v1/users/:id': async () => ({
    cookie: await as('admin'),
    id: (await newUser()).id,
    body: { role: 'operator' },
  }),
  'POST /api/v1/users/:id/sign-in-link': async () => ({ cookie: await as('admin'), id: (await newUser()).id }),
  'DELETE /api/v1/users/:id/totp': async () => {
    const { cookie, code } = await withSeed()
    await call('POST /api/v1/session/totp/confirm', { cookie, body: { code } })
    return { cookie: await as('admin'), id: await idOf(cookie), body: { reason: 'test' } }
  },
  'POST /api/v1/tokens': async () => ({
    cookie: await as('viewer'),
    body: { name: 'ci', role: 'viewer', validDays: 1 },
  }),
  'DELETE /api/v1/tokens/:id': async () => {
    const cookie = await as('viewer')
    const body = { name: 'ci', role: 'viewer', validDays: 1 }
    const { item } = await call<{ item: { id: string } }>('POST /api/v1/tokens', { cookie, body })
    return { cookie, id: item.id, body: { reason: 'test' } }
  },
  'POST /api/v1/enrolment-tokens': async () => ({ cookie: await as('admin'), body: {} }),
  'DELETE /api/v1/enrolment-tokens/:id': async () => {
    const cookie = await as('admin')
    await call('POST /api/v1/enrolment-tokens', { cookie, body: {} })
    const { id } = await database.kysely.selectFrom('enrolment_tokens').select('id').executeTakeFirstOrThrow()
    return { cookie, id, body: { reason: 'test' } }
  },
  'POST /api/v1/waiting-room/:id/approve': () => waiting({ fingerprintEnd: keyFingerprintText(WAITING_KEY).slice(-9) }),
  'POST /api/v1/waiting-room/:id/deny': () => waiting({ reason: 'unknown' }),
  'POST /api/v1/certificate-authorities': async () => ({ cookie: await as('admin'), body: { reason: 'yearly' } }),
  'POST /api/v1/certificate-authorities/:fingerprint/retire': async () => {
    const cookie = await as('admin')
    await call('POST /api/v1/certificate-authorities', { cookie, body: { reason: 'yearly' } })
    const { items } = (await backend.call('GET', '/api/v1/certificate-authorities', { cookie })).json<{
      items: { fingerprint: string; shown: boolean }[]
    }>()
    return { cookie, id: items[0]?.fingerprint ?? '', body: { reason: 'yearly', hostsLeftBehind: 0 } }
  },
  'DELETE /api/v1/hosts/:id': named,
  'POST /api/v1/hosts/:id/revoke-certificates': named,
  'POST /api/v1/hosts/:id/quarantine': async () => ({
    cookie: await as('operator'),
    id: (await host()).id,
    body: { reason: 'odd' },
  }),
  'POST /api/v1/hosts/:id/lift-quarantine': async () => {
    const { id } = await host()
    const body = { reason: 'odd' }
    await call('POST /api/v1/hosts/:id/quarantine', { cookie: await as('operator'), id, body })
    return { cookie: await as('admin'), id, body }
  },
  'POST /api/v1/authorisations': () => asked(),
  'POST /api/v1/authorisations/:id/signatures': async () => {
    const { cookie, privateKey, publicKey } = await newKey()
    const made = await asked(publicKey)
    const { id, payload } = await call<{ id: string; payload: string }>('POST /api/v1/authorisations', made)
    const signature = sign(null, signingBytes(PAYLOAD_TYPES.authorisation, payload), privateKey).toString('base64')
    return { cookie, id, body: { publicKey, signature } }
  },
  'POST /api/v1/authorisations/:id/cancel': async () => {
    const made = await asked((await newKey()).publicKey)
    const { id } = await call<{ id: string }>('POST /api/v1/authorisations', made)
    return { cookie: made.cookie, id }
  },
  'POST /api/v1/authorisations/:id/reversal': async () => {
    const { cookie, body } = await asked()
    const { id } = await call<{ id: string }>('POST /api/v1/authorisations', {
      cookie,
      body: { ...body, reversal: true },
    })
    await answered()
    return { cookie, id, body: { reason: 'test' } }
  },
  'POST /api/v1/fleet/freeze': async () => ({ cookie: await as('operator'), body: { reason: 'stop' } }),
  'POST /api/v1/fleet/unfreeze': async () => {
    const cookie = await as('operator')
    await call('POST /api/v1/fleet/freeze', { cookie, body: { reason: 'stop' } })
    return { cookie }
  },
  'POST /api/v1/approver-keys': async () => ({
    cookie: await as('approver'),
    body: { publicKey: newApproverKey().publicKey, name: 'desk' },
  }),
  'DELETE /api/v1/approver-keys/:id': async () => {
    const { cookie, id } = await newKey()
    return { cookie, id, body: { reason: 'test' } }
  },
  'POST /api/v1/patches': upload,
  'PATCH /api/v1/patches/:id': async () => {
    const { id } = await call<{ id: string }>('POST /api/v1/patches', await upload())
    return { cookie: await as('operator'), id, body: { notes: 'tried on web-1', cves: ['CVE-2026-1000'] } }
  },
  'DELETE /api/v1/patches/:id': async () => {
    const { id } = await call<{ id: string }>('POST /api/v1/patches', await upload())
    return { cookie: await as('operator'), id, body: { reason: 'test' } }
  },
  'POST /api/v1/patches/:id/signatures': async () => {
    const { id } = await call<{ id: string }>('POST /api/v1/patches', await upload())
    const { privateKey, publicKey } = newApproverKey()
    await call('POST /api/v1/publisher-keys', { cookie: await as('admin'), body: { publicKey, name: 'builds' } })
    const signature = sign(null, signingBytes(PAYLOAD_TYPES.patch, id), privateKey).toString('base64')
    return { cookie: await as('operator'), id, body: { publicKey, signature } }
  },
  'POST /api/v1/patch-sets': async () => {
    const { id } = await call<{ id: string }>('POST /api/v1/patches', await upload())
    return { cookie: await as('operator'), body: { name: 'fix', modules: [id] } }
  },
  'POST /api/v1/vendor-updates': async () => ({
    cookie: await as('operator'),
    body: { name: 'newest', provider: 'ksplice' },
  }),
  'POST /api/v1/publisher-keys': async () => ({
    cookie: await as('admin'),
    body: { publicKey: newApproverKey().publicKey, name: 'builds' },
  }),
  'DELETE /api/v1/publisher-keys/:id': async () => {
    const cookie = await as('admin')
    const body = { publicKey: newApproverKey().publicKey, name: 'builds' }
    const { id } = await call<{ id: string }>('POST /api/v1/publisher-keys', { cookie, body })
    return { cookie, id }
  },
  'POST /api/v1/rollouts': async () => {
    const { cookie = '' } = await rollout(because)
    const { items } = (await backend.call('GET', '/api/v1/patches', { cookie })).json<{ items: { id: string }[] }>()
    const change = { kind: 'load', patches: [items[0]?.id] }
    const waves = [{ name: 'all', share: { kind: 'rest' } }]
    return { cookie, body: { plan: { version: 1, name: 'second', reason: 'test', hosts: 'name:*', change, waves } } }
  },
  'POST /api/v1/rollouts/:id/approve': async () => {
    const { cookie, privateKey, publicKey } = await newKey()
    const { artefact } = (await asked(publicKey)).body
    const waves = [{ name: 'all', share: { kind: 'rest' } }]
    const plan = {
      version: 1,
      name: 'fix',
      reason: 'test',
      hosts: 'name:*',
      change: { kind: 'load', patches: [artefact] },
    }
    const body = { plan: { ...plan, waves } }
    const { id } = await call<{ id: string }>('POST /api/v1/rollouts', { cookie: await as('operator'), body })
    const { items } = (await backend.call('GET', `/api/v1/rollouts/${id}/approvals`, { cookie })).json<{
      items: { id: string; payload: string }[]
    }>()
    const signatures = items.map((text) => ({
      ...{ authorisation: text.id, publicKey },
      signature: sign(null, signingBytes(PAYLOAD_TYPES.authorisation, text.payload), privateKey).toString('base64'),
    }))
    return { cookie, id, body: { signatures } }
  },
  'POST /api/v1/rollouts/:id/start': () => rollout(because),
  'POST /api/v1/rollouts/:id/pause': () => rollout(because, START),
  'POST /api/v1/rollouts/:id/resume': () => rollout(because, START, 'POST /api/v1/rollouts/:id/pause'),
  'POST /api/v1/rollouts/:id/promote': () => atItsGate(because),
  'POST /api/v1/rollouts/:id/abort': () => rollout(because),
  'POST /api/v1/rollouts/:id/reverse': () => rollout(because, START),
  'POST /api/v1/rollouts/:id/exclude': async () => {
    const ready = await rollout(because)
    const { id: host } = await database.kysely.selectFrom('hosts').select('id').executeTakeFirstOrThrow()
    return { ...ready, body: { ...because, hosts: [host] } }
  },
  'PUT /api/v1/rollout-policies/:name': async () => ({ cookie: await as('admin'), id: 'production', body: POLICY }),
  'DELETE /api/v1/rollout-policies/:name': async () => {
    const cookie = await as('admin')
    await call('PUT /api/v1/rollout-policies/:name', { cookie, id: 'production', body: POLICY })
    return { cookie, id: 'production', body: because }
  },
  'PUT /api/v1/sla-policy': async () => ({
    cookie: await as('admin'),
    body: { spec: { ...DEFAULT_SLA, knownExploitedDays: 7 }, basedOn: 0, ...because },
  }),
  'POST /api/v1/exceptions': async () => ({ cookie: await as('operator'), body: exceptionBody() }),
  'POST /api/v1/exceptions/:id/approve': async () => ({ cookie: await as('approver'), id: await newException() }),
  'POST /api/v1/exceptions/:id/end': async () => ({
    cookie: await as('approver'),
    id: await newException(),
    body: because,
  }),
  'POST /api/v1/rollouts/:id/approve-gate': () => atItsGate({ ...because, wave: 0, gate: 0 }),
  'POST /api/v1/rollout-templates': async () => ({ cookie: await as('operator'), body: TEMPLATE }),
  'PUT /api/v1/rollout-templates/:id': async () => ({ ...(await template()), body: { ...TEMPLATE, name: 'slowly' } }),
  'DELETE /api/v1/rollout-templates/:id': async () => ({ ...(await template()), body: because }),
  'POST /api/v1/alerts/:id/acknowledge': async () => ({ ...(await alert()), body: { note: 'I look' } }),
  'POST /api/v1/alerts/:id/note': async () => ({ ...(await alert()), body: { done: 'enrolled anew' } }),
  'POST /api/v1/silences': silence,
  'POST /api/v1/silences/:id/end': async () => {
    const { id } = await call<{ id: string }>('POST /api/v1/silences', await silence())
    return { cookie: await as('operator'), id, body: because }
  },
  'PATCH /api/v1/alert-rules/:id': async () => ({
    ...{ cookie: await as('admin'), id: 'agent-outdated', body: { enabled: false, ...because } },
  }),
  'POST /api/v1/channels': async () => ({
    cookie: await as('admin'),
    body: {
      ...{ kind: 'grafana', name: 'graphs', address: NO_RECEIVER, token: 'glsa_test' },
      events: { decisions: ['done'], auditHeads: null },
    },
  }),
  'PATCH /api/v1/channels/:id': async () => ({ ...(await channel()), body: { enabled: false, ...because } }),
  'DELETE /api/v1/channels/:id': async () => ({ ...(await channel()), body: because }),
  'POST /api/v1/channels/:id/secret': async () => ({ ...(await channel()), body: because }),
  'POST /api/v1/channels/:id/test': channel,
  'PUT /api/v1/reboot-debt/plans': async () => ({
    cookie: await as('operator'),
    body: {
      ...{ hosts: { ids: [(await host()).id] }, ...because },
      plan: { on: backend.clock.now().toISOString().slice(0, 10), owner: 'web team' },
    },
  }),
  'POST /api/v1/reports': async () => ({ cookie: await as('admin'), body: await reportBody() }),
  'PATCH /api/v1/reports/:id': async () => ({ ...(await report()), body: { enabled: false, ...because } }),
  'DELETE /api/v1/reports/:id': async () => ({ ...(await report()), body: because }),
  'POST /api/v1/reports/:id/send': report,
  'POST /api/v1/push-subscriptions': async () => ({ cookie: await as('viewer'), body: newBrowser() }),
  'DELETE /api/v1/push-subscriptions/:id': () => browser(),
  'POST /api/v1/push-subscriptions/:id/test': () => browser(),
  'POST /api/v1/cve-feeds': async () => ({
    cookie: await as('admin'),
    body: { name: 'another', kind: 'kev', location: 'https://feeds.example/other' },
  }),
  'PATCH /api/v1/cve-feeds/:id': async () => ({ ...(await cveFeed()), body: { enabled: false, ...because } }),
  'DELETE /api/v1/cve-feeds/:id': async () => ({ ...(await cveFeed()), body: because }),
  'POST /api/v1/cve-feeds/:id/read': cveFeed,
  'POST /api/v1/channel-deliveries/:id/send-again': async () => {
    const made = await channel()
    const id = randomUUID()
    const now = backend.clock.now()
    await database.kysely
      .insertInto('channel_deliveries')
      .values({
        ...{ id, channel_id: made.id, type: 'channel.tested', summary: 'test', body: '{}', state: 'dead', attempts: 3 },
        ...{ created_at: now, due_since: now, ended_at: now, status: null, detail: null },
      })
      .execute()
    return { ...made, id }
  },
}

/** Asks what would be, or tells the collector of traces, and keeps nothing. */
const ONLY_ASKS: readonly RouteKey[] = [
  'POST /api/v1/rollouts/dry-run',
  'DELETE /api/v1/rollouts/dry-run/:id',
  'POST /api/v1/patches/:id/forecast/look',
  'POST /api/v1/rollouts/check',
  'POST /api/v1/rollouts/preview',
  'POST /api/v1/rollouts/preview/exposure-change',
  'POST /api/v1/click-spans',
]
const acting = routeKeys.filter((key) => methodOf(key) !== 'GET' && !ONLY_ASKS.includes(key))

test('T30 each route of the contract that acts is among these', () => {
  expect(Object.keys(ACTS).sort()).toEqual([...acting].sort())
})

const entries = async () => {
  const rows = await database.kysely.selectFrom('audit').select('entry').orderBy('sequence').execute()
  return rows.map(({ entry }) => AuditEntry.parse(JSON.parse(entry)))
}
const prepared = async (key: RouteKey): Promise<Ready> => {
  const prepare = ACTS[key]
  if (prepare === undefined) throw new Error(`no example of a call of ${key}`)
  return await prepare()
}

/**
 * Not of the act: how often somebody tried, what is good once and is spent before anything is done with it, and what the
 * backend writes by itself meanwhile.
 */
const ASIDE = [
  ...['sign_in_attempts', 'sign_in_links', 'sign_in_challenges', 'events', 'audit_heads'],
  ...['leases', 'rollouts', 'rollout_hosts', 'rollout_decisions', 'commands'],
  ...['alert_groups', 'alert_members', 'alert_timeline', 'alert_marks'],
  ...['exposure_state', 'exposure_classes', 'exposure_verdicts', 'cve_facts', 'compliance_days'],
]
const stored = async () => {
  const dump = await dumpDatabase(database.kysely)
  const rows = Object.entries(dump).filter(([table]) => !ASIDE.includes(table))
  return Object.fromEntries(
    rows.map(([table, texts]) => [
      table,
      texts.map((text) => text.replace(/"(last_used_at|last_signed_in_at|totp_last_counter)":("[^"]*"|\d+|null)/g, '')),
    ]),
  )
}

/** Spent by the try that came to nothing. */
const SPENT: readonly RouteKey[] = [
  'POST /api/v1/session/link',
  'POST /api/v1/session/code',
  'POST /api/v1/session/totp/confirm',
]

/** Stopping works whatever is broken (T28): a stop that nobody wrote down is better than none. */
const DONE_ANYHOW: RouteKey = 'POST /api/v1/fleet/freeze'

describe('T30 T33 an act whose entry cannot be written is not done, and one that is done has its entry', () => {
  beforeEach(async () => {
    database = await createTestDatabase()
    backend = await startTestBackend(database)
    await sql`create function no_entry() returns trigger language plpgsql as
      $$ begin raise exception 'disk full' using errcode = '53100'; end $$`.execute(database.kysely)
  })
  afterEach(async () => {
    await backend.close()
    await database.drop()
  })

  test.each(acting)('%s', async (key) => {
    const ready = await prepared(key)
    await sql`create trigger a_full_disk before insert on audit for each row execute function no_entry()`.execute(
      database.kysely,
    )
    const before = await stored()
    const answer = await send(key, ready)
    if (key === DONE_ANYHOW) expect(answer.status).toBe(200)
    else {
      expect([answer.status, answer.json().type]).toEqual([503, '/problems/not_ready'])
      expect(await stored()).toEqual(before)
    }
    await sql`drop trigger a_full_disk on audit`.execute(database.kysely)

    const again = SPENT.includes(key) ? await prepared(key) : ready
    const written = (await entries()).length
    await call(key, again)
    const made = (await entries()).slice(written)
    expect(made.map(({ result }) => result)).toContain('done')
    // What the program then does by itself, and what a host answers, stands in their own names.
    const byCaller = made.filter(({ actor }) => ['user', 'token'].includes(actor.kind))
    for (const { actor, requestId, action } of byCaller) {
      expect(action).not.toBe('request.refuse')
      expect([actor.address, typeof requestId]).toEqual(['127.0.0.1', 'string'])
    }
  })
})
