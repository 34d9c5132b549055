// Goal: a receiver can tell our messages from others', whole from altered, new from repeated. Method: real HTTP; the reference
// library of Standard Webhooks and Node's own Ed25519 judge what arrives.
import { createPublicKey, verify } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newWebhookSecret, shownSecret } from './channel-secret.ts'
import { changeSecret } from './channels.ts'
import { signMessage } from './sign-message.ts'
import { type ChannelBench, type Received, type Receiver, startChannelBench, startReceiver } from './test-channels.ts'

let bench: ChannelBench
let receiver: Receiver
beforeAll(async () => {
  bench = await startChannelBench()
  receiver = await startReceiver()
})
afterAll(async () => {
  await receiver.stop()
  await bench.end()
})
beforeEach(() => void receiver.received.splice(0))

/** The library judges the time of the try by the clock of the machine. */
const send = async (id: string, body = '{"type":"channel.tested"}'): Promise<Received> => {
  const target = await bench.kysely
    .selectFrom('channels')
    .select(['id', 'kind', 'address', 'secret', 'settings'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  const answer = await bench.send(
    target,
    { id: bench.newId(), body, again: false, remaining: null, firstOfAlert: null },
    new Date(),
  )
  expect(answer).toMatchObject({ delivered: true, status: 204 })
  const [received] = receiver.received.splice(0)
  if (received === undefined) throw new Error('nothing arrived')
  return received
}

describe('T12 the body of a webhook is signed', () => {
  test('so that the reference library takes it, and nothing else', async () => {
    const { id, secret } = await bench.create({ address: receiver.address })
    const { method, headers, body } = await send(id)
    expect([method, headers['content-type'], body]).toEqual(['POST', 'application/json', '{"type":"channel.tested"}'])
    const webhook = new Webhook(secret)
    expect(webhook.verify(body, headers)).toEqual({ type: 'channel.tested' })
    const other = await bench.create({ address: receiver.address })
    expect(() => new Webhook(other.secret).verify(body, headers)).toThrow()
    expect(() => webhook.verify(`${body} `, headers)).toThrow()
    expect(() => webhook.verify(body, { ...headers, 'webhook-id': bench.newId() })).toThrow()
    const later = String(Number(headers['webhook-timestamp']) + 1)
    expect(() => webhook.verify(body, { ...headers, 'webhook-timestamp': later })).toThrow()
  })

  test('by a key of the channel’s own too, whose public half anybody may have', async () => {
    const { id, publicKey } = await bench.create({ address: receiver.address })
    const { headers, body } = await send(id)
    const x = Buffer.from(publicKey?.replace('whpk_', '') ?? '', 'base64').toString('base64url')
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    const v1a = headers['webhook-signature']?.split(' ').find((one) => one.startsWith('v1a,'))
    const isGood = (text: string) =>
      verify(
        null,
        Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`),
        key,
        Buffer.from(v1a?.slice(4) ?? '', 'base64'),
      )
    expect([isGood(body), isGood(`${body} `)]).toEqual([true, false])
  })

  test('as the example of the specification is', () => {
    const { secret } = newWebhookSecret()
    const example = { ...secret, hmac: 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }
    const at = new Date(1614265330 * 1000)
    const headers = signMessage(example, { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}', at })
    expect(headers['webhook-signature']).toMatch(/^v1,g0hM9SsE\+OTPJTGt\/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1a,/)
    expect(shownSecret(example)).toBe('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
  })

  test('by the former secret too while a receiver changes over, for a day', async () => {
    const { id, secret } = await bench.create({ address: receiver.address })
    const who = { ...bench.who(), now: new Date() }
    const changed = await changeSecret(bench.kysely, bench.box, id, 'yearly', who)
    expect(Date.parse(changed.formerUntil) - who.now.getTime()).toBe(24 * 60 * 60_000)
    const { headers, body } = await send(id)
    for (const one of [secret, changed.secret]) expect(() => new Webhook(one).verify(body, headers)).not.toThrow()
    await changeSecret(bench.kysely, bench.box, id, 'it leaked', { ...who, now: new Date(Date.now() - 48 * 3_600_000) })
    const after = await send(id)
    expect(() => new Webhook(changed.secret).verify(after.body, after.headers)).toThrow()
  })
})

test('T31 no secret of a channel is in the database as it is', async () => {
  const { secret } = await bench.create({ address: receiver.address })
  await bench.create({ kind: 'grafana', address: receiver.address, token: 'glsa_canary' })
  const rows = JSON.stringify(await bench.kysely.selectFrom('channels').selectAll().execute())
  const log = JSON.stringify(await bench.kysely.selectFrom('audit').select('entry').execute())
  for (const text of [secret.replace('whsec_', ''), 'glsa_canary', 'PRIVATE KEY']) {
    expect([text, rows.includes(text), log.includes(text)]).toEqual([text, false, false])
  }
})
