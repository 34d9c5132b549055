// Goal: what admins do with channels, over the whole backend: secrets are shown once, a token follows no new address, what is
// sent is what was tested. Method: HTTP to a backend over a real database, and a real receiver.
import type { Channel, ChannelDeliveryList, ChannelList, DeliveryAnswer } from '@rebootless/shared/contract/channels.ts'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { signInAs } from '../http/test-users.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'
import { appendDeliveries } from './outbox.ts'
import { answers, type Receiver, startReceiver, TAKES } from './test-channels.ts'

let database: TestDatabase
let backend: TestBackend
let receiver: Receiver
let admin: string
beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database, { settings: { outgoingNetworks: ['127.0.0.0/8'] } })
  receiver = await startReceiver()
  admin = await signInAs(database.kysely, 'admin')
})
afterAll(async () => {
  await receiver.stop()
  await backend.close()
  await database.drop()
})
beforeEach(async () => {
  await database.kysely.deleteFrom('channels').execute()
  receiver.behave(TAKES)
  receiver.received.splice(0)
})

const events = { decisions: ['done', 'paused by itself'], auditHeads: null }
const call = (method: string, path: string, body?: object) =>
  backend.call(method, `/api/v1/${path}`, { cookie: admin, ...(body === undefined ? {} : { body }) })
const make = async (change: object = {}) => {
  const body = { kind: 'webhook', name: 'hook', address: receiver.address, events, ...change }
  return (await call('POST', 'channels', body)).json<{ channel: Channel; secret: string | null }>()
}
const list = async () => (await call('GET', 'channels')).json<ChannelList>().items
const logText = async () => JSON.stringify(await database.kysely.selectFrom('audit').select('entry').execute())

test('T31 a secret is shown when it is made and never again, and the log keeps no address but its origin', async () => {
  const { channel, secret } = await make({ address: `${receiver.address}?key=canary-in-the-query` })
  await make({ kind: 'grafana', name: 'graphs', token: 'glsa_canary' })
  await call('PATCH', `channels/${channel.id}`, { name: 'another' })
  const answer = await call('GET', 'channels')
  expect(answer.json<ChannelList>().items.map(({ name }) => name)).toEqual(['another', 'graphs'])
  for (const text of [secret?.slice(6) ?? '', 'glsa_canary']) expect(answer.text).not.toContain(text)
  const log = await logText()
  for (const text of [secret?.slice(6) ?? '', 'glsa_canary', 'canary-in-the-query']) expect(log).not.toContain(text)
})

test('a test says what was answered, whatever it was, and does not wait for what waits', async () => {
  const { channel, secret } = await make()
  const tested = async () => (await call('POST', `channels/${channel.id}/test`)).json<DeliveryAnswer>()
  expect(await tested()).toMatchObject({ delivered: true, status: 204, detail: 'It was taken: 204.', answer: '' })
  const [received] = receiver.received
  expect(new Webhook(secret ?? '').verify(received?.body ?? '', received?.headers ?? {})).toMatchObject({
    type: 'channel.tested',
    data: { channel: 'hook' },
  })
  receiver.behave(answers(500, `<b>\u001b[31m${'x'.repeat(2_000)}`))
  const failed = await tested()
  expect(failed).toMatchObject({ delivered: false, status: 500, detail: 'The receiver answered 500.' })
  expect(failed.answer).toMatch(/^<b>\\u\{1b\}\[31mx+…$/)
  expect(failed.answer.length).toBeLessThanOrEqual(500)
  await call('PATCH', `channels/${channel.id}`, { address: 'https://10.1.2.3/' })
  expect(await tested()).toMatchObject({ delivered: false, status: null, detail: expect.stringMatching(/not public/) })
})

describe('T12 what a channel may not be', () => {
  test.each([
    ['an address with a password', { address: 'https://ann:secret@hook.example/' }, 422],
    ['an address that is no web address', { address: 'file:///etc/passwd' }, 400],
    ['without an event', { events: { decisions: [], auditHeads: null } }, 400],
    ['a scope by more than labels', { scope: 'state:stalled' }, 400],
    [
      'a Grafana that is to keep heads',
      { kind: 'grafana', token: 't', events: { decisions: [], auditHeads: { everyMinutes: 5 } } },
      422,
    ],
  ])('%s', async (_name, change, status) => {
    const body = { kind: 'webhook', name: 'hook', address: receiver.address, events, ...change }
    const answer = await call('POST', 'channels', body)
    expect([answer.status, await list()]).toEqual([status, []])
  })

  test('a Grafana at another address with the token of the one before', async () => {
    const { channel } = await make({ kind: 'grafana', token: 'glsa_canary' })
    const change = (body: object) => call('PATCH', `channels/${channel.id}`, body)
    const refused = await change({ address: 'https://mine.example/' })
    expect(refused.json()).toMatchObject({ status: 422, type: '/problems/channel_refused' })
    expect((await change({ address: receiver.address.replace('hook', 'other') })).status).toBe(200)
    expect((await change({ address: 'https://mine.example/', token: 'glsa_other' })).status).toBe(200)
  })

  test('more than a person’s: no API token makes one, nor somebody who sees some hosts only', async () => {
    const body = { kind: 'webhook', name: 'hook', address: receiver.address, events }
    const scoped = await signInAs(database.kysely, 'admin', undefined, 'label.env:staging')
    for (const cookie of [scoped, await signInAs(database.kysely, 'operator')]) {
      expect((await backend.call('POST', '/api/v1/channels', { cookie, body })).status).toBe(403)
      expect((await backend.call('GET', '/api/v1/channels', { cookie })).status).toBe(403)
    }
  })
})

test('what was given up is listed and sent again by hand; off takes a reason; deleting takes all of it along', async () => {
  const { channel } = await make()
  receiver.behave(answers(400, 'no'))
  await database.kysely.transaction().execute((transaction) =>
    appendDeliveries(
      transaction,
      [
        {
          channelId: channel.id,
          summary: 'a decision',
          message: {
            type: 'channel.tested',
            timestamp: new Date().toISOString(),
            data: { channel: 'hook', by: 'ann' },
          },
        },
      ],
      new Date(),
    ),
  )
  await expect.poll(async () => (await list())[0]?.failing?.failures ?? 0, { timeout: 10_000 }).toBe(1)
  // The rest of its tries, without the time between them.
  await database.kysely.updateTable('channel_deliveries').set({ state: 'dead', ended_at: new Date() }).execute()
  expect((await list())[0]).toMatchObject({ waiting: 0, dead: 1 })
  const deliveries = async (query = '') =>
    (await call('GET', `channels/${channel.id}/deliveries${query}`)).json<ChannelDeliveryList>()
  const dead = await deliveries('?state=dead')
  expect(dead).toMatchObject({
    total: 1,
    items: [{ summary: 'a decision', status: 400, detail: 'The receiver answered 400. no' }],
  })
  expect((await deliveries('?state=delivered')).total).toBe(0)
  receiver.behave(TAKES)
  const again = await call('POST', `channel-deliveries/${dead.items[0]?.id}/send-again`)
  expect(again.json()).toMatchObject({ state: 'waiting', attempts: 0 })
  await expect.poll(async () => (await deliveries()).items[0]?.state, { timeout: 10_000 }).toBe('delivered')
  expect((await list())[0]).toMatchObject({ failing: null, dead: 0, lastDeliveredAt: expect.any(String) })

  const off = (body: object) => call('PATCH', `channels/${channel.id}`, body)
  expect((await off({ enabled: false })).status).toBe(400)
  expect((await off({ enabled: false, reason: 'it moves' })).json()).toMatchObject({ enabled: false })
  expect((await call('DELETE', `channels/${channel.id}`, {})).status).toBe(400)
  expect((await call('DELETE', `channels/${channel.id}`, { reason: 'no longer used' })).status).toBe(204)
  expect(await database.kysely.selectFrom('channel_deliveries').select('id').execute()).toEqual([])
  const answer = await call('POST', `channels/${channel.id}/test`)
  expect(answer.json()).toMatchObject({ status: 404, type: '/problems/channel_not_found' })
})

test('numbers of what waits and what was tried are told without a name', async () => {
  const { channel } = await make({ name: 'canary-name' })
  await database.kysely
    .insertInto('channel_deliveries')
    .values({
      ...{
        id: crypto.randomUUID(),
        channel_id: channel.id,
        type: 'channel.tested',
        summary: '',
        body: '{}',
        state: 'dead',
      },
      ...{
        attempts: 1,
        created_at: new Date(),
        due_since: new Date(),
        ended_at: new Date(),
        status: 500,
        detail: null,
      },
    })
    .execute()
  const { text } = await backend.call('GET', '/metrics')
  expect(text).toContain('rebootless_channel_deliveries{state="dead"} 1')
  expect(text).toMatch(/rebootless_channel_tries_total\{kind="webhook",result="delivered"\} \d/)
  expect(text).not.toContain('canary-name')
})
