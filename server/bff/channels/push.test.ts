// Goal: a person's browser gets what he may see and no more, encrypted for it alone, and is forgotten when it wants no more. Method: a
// real push service in place of the browser's maker, which opens what it is sent with the browser's own keys (RFC 8291, RFC 8292).

import { createDecipheriv, createPublicKey, hkdfSync, verify } from 'node:crypto'
import type { PushSubscriptionList } from '@rebootless/shared/contract/push-subscriptions.ts'
import { ALERT_ID, alertChanged } from '@rebootless/shared/domain/channel-formats/test-alert.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { createUser, signInAs } from '../http/test-users.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'
import { openChannels } from './outbox.ts'
import { subscribe } from './push-subscriptions.ts'
import {
  answers,
  type ChannelBench,
  type Received,
  type Receiver,
  startChannelBench,
  startReceiver,
} from './test-channels.ts'
import { newBrowserKeys } from './test-push.ts'

let bench: ChannelBench
let service: Receiver
beforeAll(async () => {
  bench = await startChannelBench()
  service = await startReceiver(answers(201))
})
afterAll(async () => {
  await service.stop()
  await bench.end()
})
beforeEach(async () => {
  await bench.kysely.deleteFrom('channels').execute()
  service.received.splice(0)
  service.behave(answers(201))
})

type Browser = ReturnType<typeof newBrowserKeys>
/** As a browser does it: RFC 8188, 2 and RFC 8291, 3.4. */
const opened = ({ ecdh, auth }: Browser, body: Buffer): unknown => {
  const salt = body.subarray(0, 16)
  const keyLength = body[20] ?? 0
  const serverKey = body.subarray(21, 21 + keyLength)
  const shared = ecdh.computeSecret(serverKey)
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), serverKey])
  const secret = Buffer.from(hkdfSync('sha256', shared, auth, info, 32))
  const key = Buffer.from(hkdfSync('sha256', secret, salt, 'Content-Encoding: aes128gcm\0', 16))
  const nonce = Buffer.from(hkdfSync('sha256', secret, salt, 'Content-Encoding: nonce\0', 12))
  const sealed = body.subarray(21 + keyLength)
  const decipher = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(sealed.subarray(-16))
  const text = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
  return JSON.parse(text.subarray(0, text.lastIndexOf(2)).toString('utf8'))
}
const who = async (scope: string | null = null) => {
  const userId = await createUser(bench.kysely, 'operator', scope)
  return { ...bench.who(), userId, username: 'ann' }
}
const browserOf = async (person: Awaited<ReturnType<typeof who>>, path = 'one') => {
  const browser = newBrowserKeys()
  const wanted = {
    endpoint: `${service.address}/${path}`,
    keys: browser.keys,
    name: 'phone',
    severityAtLeast: 'page',
  } as const
  const made = await subscribe(bench.kysely, bench.box, wanted, person, 'https://reboot.example')
  return { browser, ...made }
}
const open = () => bench.kysely.transaction().execute((transaction) => openChannels(transaction))

test('a notification is for that browser alone, small, and from this server', async () => {
  const { browser, id } = await browserOf(await who())
  await bench.tell(id, alertChanged())
  await bench.delivererOver().look()
  const [request] = service.received as [Received]
  expect(request.url).toBe('/hook/one')
  expect(request.headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '14400', urgency: 'high' })
  expect(request.bytes.length).toBeLessThanOrEqual(4096)
  expect(opened(browser, request.bytes)).toMatchObject({ title: 'Two hosts are stalled', path: `/alerts/${ALERT_ID}` })
  // RFC 8292, 2 and 3: signed by the key that the browser subscribed with.
  const [, token = '', key = ''] = /^vapid t=([^,]+), k=(.+)$/.exec(request.headers.authorization ?? '') ?? []
  const { public_key } = await bench.kysely.selectFrom('push_keys').selectAll().executeTakeFirstOrThrow()
  expect(key).toBe(public_key)
  const point = Buffer.from(key, 'base64url')
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'))
  const jwk = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' } })
  const [head, claims = '', signature = ''] = token.split('.')
  const signed = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: jwk, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  expect(signed).toBe(true)
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
    ...{ aud: new URL(service.address).origin, sub: 'https://reboot.example' },
  })
})

test.each([404, 410])('a browser whose service answers %i is forgotten, with what waits for it', async (status) => {
  const { id } = await browserOf(await who())
  await bench.tell(id, alertChanged(), alertChanged({ number: 2 }))
  service.behave(answers(status))
  await bench.delivererOver().look()
  expect(service.received).toHaveLength(1)
  expect(await bench.kysely.selectFrom('channels').select('id').execute()).toEqual([])
  expect(await bench.rows(id)).toEqual([])
})

test('a service that fails is tried again', async () => {
  const { id } = await browserOf(await who())
  await bench.tell(id, alertChanged())
  service.behave(answers(503))
  await bench.delivererOver().look()
  service.behave(answers(201))
  bench.advance(60_000)
  await bench.delivererOver().look()
  expect((await bench.rows(id)).map(({ state, attempts }) => [state, attempts])).toEqual([['delivered', 2]])
})

describe('T07 a browser is told what its owner may see', () => {
  test('by the scope that he has now, and nothing once he may not sign in', async () => {
    const person = await who('label.env:staging')
    const { id } = await browserOf(person)
    expect(await open()).toMatchObject([{ id, scope: 'label.env:staging' }])
    const set = (change: object) =>
      bench.kysely.updateTable('users').set(change).where('id', '=', person.userId).execute()
    await set({ scope: 'label.env:production' })
    expect(await open()).toMatchObject([{ id, scope: 'label.env:production' }])
    await bench.tell(id, alertChanged())
    await set({ disabled_at: bench.now() })
    expect(await open()).toEqual([])
    await bench.delivererOver().look()
    expect(service.received).toEqual([])
  })
  test('whoever uses it now, and nobody who used it before', async () => {
    const [ann, ben] = [await who(), await who()]
    await browserOf(ann)
    const { id } = await browserOf(ben)
    expect(await bench.kysely.selectFrom('channels').select(['id', 'owner_id']).execute()).toEqual([
      { id, owner_id: ben.userId },
    ])
  })
})

describe('over the whole backend', () => {
  let database: TestDatabase
  let backend: TestBackend
  beforeAll(async () => {
    database = await createTestDatabase()
    backend = await startTestBackend(database, { settings: { outgoingNetworks: ['127.0.0.0/8'] } })
  })
  afterAll(async () => {
    await backend.close()
    await database.drop()
  })

  test('T07 one sees, tests and removes his own, which are no channels of admins', async () => {
    const [mine, other, admin] = [
      await signInAs(database.kysely, 'viewer'),
      await signInAs(database.kysely, 'viewer'),
      await signInAs(database.kysely, 'admin'),
    ]
    const path = '/api/v1/push-subscriptions'
    const call = (cookie: string, method: string, below = '', body?: object) =>
      backend.call(method, `${path}${below}`, { cookie, ...(body === undefined ? {} : { body }) })
    const { keys } = newBrowserKeys()
    const body = { endpoint: service.address, keys, name: 'phone', severityAtLeast: 'ticket' }
    const made = await call(mine, 'POST', '', body)
    expect(made.status).toBe(201)
    const { id } = made.json<{ id: string }>()
    const listed = async (cookie: string) => (await call(cookie, 'GET')).json<PushSubscriptionList>()
    expect((await listed(mine)).items).toMatchObject([{ id, name: 'phone', severityAtLeast: 'ticket' }])
    expect((await listed(mine)).publicKey).toBe((await listed(other)).publicKey)
    expect((await listed(other)).items).toEqual([])
    expect((await call(mine, 'POST', `/${id}/test`)).json()).toMatchObject({ delivered: true, status: 201 })
    for (const [method, below] of [
      ['POST', `/${id}/test`],
      ['DELETE', `/${id}`],
    ] as const) {
      expect((await call(other, method, below)).status).toBe(404)
    }
    const channels = (method: string, below = '', sent?: object) =>
      backend.call(method, `/api/v1/channels${below}`, { cookie: admin, ...(sent === undefined ? {} : { body: sent }) })
    expect((await channels('GET')).json()).toMatchObject({ items: [] })
    expect((await channels('PATCH', `/${id}`, { address: 'https://evil.example/' })).status).toBe(404)
    expect((await channels('POST', `/${id}/test`)).status).toBe(404)
    expect((await call(mine, 'DELETE', `/${id}`)).status).toBe(204)
    expect((await listed(mine)).items).toEqual([])
  })

  test('T12 keys that nothing can be encrypted for are refused, and no address that is not public is called', async () => {
    const cookie = await signInAs(database.kysely, 'viewer')
    const post = (body: object) => backend.call('POST', '/api/v1/push-subscriptions', { cookie, body })
    const { keys } = newBrowserKeys()
    const body = { endpoint: 'https://10.1.2.3/', keys, name: 'phone', severityAtLeast: 'page' }
    for (const wrong of [
      { ...keys, auth: 'AAAA' },
      { ...keys, p256dh: keys.auth },
    ]) {
      expect((await post({ ...body, keys: wrong })).json()).toMatchObject({
        status: 422,
        type: '/problems/push_refused',
      })
    }
    const { id } = (await post(body)).json<{ id: string }>()
    const tested = await backend.call('POST', `/api/v1/push-subscriptions/${id}/test`, { cookie })
    expect(tested.json()).toMatchObject({ delivered: false, detail: expect.stringMatching(/not public/) })
  })
})
