import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ChannelMessage } from '@rebootless/shared/contract/channel-messages.ts'
import type { NewChannel } from '@rebootless/shared/contract/channels.ts'
import type { Kysely } from 'kysely'
import { SERVER } from '../access/doer.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { createTestDatabase } from '../database/test-database.ts'
import { createGuardedFetch } from '../outgoing/guarded-fetch.ts'
import { createGuardedConnect } from '../outgoing/guarded-socket.ts'
import { createSecretBox } from '../secrets/secret-box.ts'
import { createChannel } from './channels.ts'
import { createDeliverer, type Deliverer } from './deliverer.ts'
import { appendDeliveries } from './outbox.ts'
import { makePushKeys, readPushKeys } from './push-keys.ts'
import { createSender, type SendMessage } from './send-message.ts'
import type { MailOptions } from './senders/smtp.ts'

export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly bytes: Buffer
}
type Behaviour = (request: Received, response: ServerResponse, nth: number) => void

export const TAKES: Behaviour = (_request, response) => void response.writeHead(204).end()
export const answers =
  (status: number, body = ''): Behaviour =>
  (_request, response) =>
    void response.writeHead(status).end(body)
export const HANGS: Behaviour = () => undefined

/** A real server that keeps what it is sent, and answers as a test says. */
export const startReceiver = async (behaves: Behaviour = TAKES) => {
  const received: Received[] = []
  const state = { behaves }
  const read = async (request: IncomingMessage): Promise<Received> => {
    const parts: Buffer[] = []
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
    const headers = Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, String(value)]))
    const { method = '', url = '' } = request
    const bytes = Buffer.concat(parts)
    return { method, url, headers, bytes, body: bytes.toString('utf8') }
  }
  const server = createServer((request, response) => {
    read(request)
      .then((one) => {
        received.push(one)
        state.behaves(one, response, received.length)
      })
      .catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    ids: () => received.map(({ headers }) => headers['webhook-id']),
    behave: (next: Behaviour) => {
      state.behaves = next
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
export type Receiver = Awaited<ReturnType<typeof startReceiver>>

export const TEST_BOX_KEY = Buffer.alloc(32, 3)

/** Channels over a real database, deliverers whose time a test moves, and short patience with receivers. */
export const startChannelBench = async (mail: Partial<MailOptions> = {}) => {
  const database = await createTestDatabase()
  const { kysely } = database
  const box = createSecretBox(TEST_BOX_KEY)
  const fetch = createGuardedFetch({ networks: ['127.0.0.0/8'], timeoutMs: 500, answerBytesMax: 10_000 })
  const connect = createGuardedConnect({ networks: ['127.0.0.0/8'], timeoutMs: 500 })
  await makePushKeys(kysely, box)
  const pushKeys = () => readPushKeys(kysely, box)
  const sender = createSender({ fetch, mail: { connect, timeoutMs: 500, ...mail }, secrets: box, pushKeys })
  const { send } = sender
  const warned: unknown[] = []
  const log = { warn: (...words: unknown[]) => void warned.push(words) }
  const deliverers: Deliverer[] = []
  let nowMs = Date.parse('2026-11-26T12:00:00.000Z')
  const now = () => new Date(nowMs)
  const who = () => ({ ...SERVER, now: now(), username: 'ann' })

  const create = async (wanted: Partial<NewChannel> & { address: string }) => {
    const alerts = { severityAtLeast: 'info', rules: 'all' } as const
    const events = { decisions: wanted.kind === undefined ? ('all' as const) : [], auditHeads: null, alerts }
    const whole = { kind: 'webhook', name: 'hook', events, scope: null, ...wanted } as NewChannel
    const { channel, secret } = await createChannel(kysely, box, whole, who())
    return { ...channel, secret: secret ?? '' }
  }
  const say = (channelId: string, ...words: string[]) =>
    kysely.transaction().execute((transaction) =>
      appendDeliveries(
        transaction,
        words.map((by) => ({
          ...{ channelId, summary: by },
          message: { type: 'channel.tested', timestamp: now().toISOString(), data: { channel: 'hook', by } },
        })),
        now(),
      ),
    )
  /** Puts alerts into the outbox, as the engine does. */
  const tell = (channelId: string, ...messages: readonly ChannelMessage[]) =>
    kysely.transaction().execute((transaction) =>
      appendDeliveries(
        transaction,
        messages.map((message) => ({ channelId, summary: message.type, message })),
        now(),
      ),
    )
  const delivererOver = (over: Kysely<DatabaseSchema> = kysely, by: SendMessage = send): Deliverer => {
    const deliverer = createDeliverer({ database: over, sender: { ...sender, send: by }, log, now, chance: () => 1 })
    deliverers.push(deliverer)
    return deliverer
  }
  const rows = (channelId: string) =>
    kysely.selectFrom('channel_deliveries').selectAll().where('channel_id', '=', channelId).orderBy('number').execute()
  return {
    ...{ database, kysely, box, send, now, who, create, say, tell, delivererOver, rows, warned },
    advance: (milliseconds: number) => {
      nowMs += milliseconds
    },
    progress: (channelId: string) =>
      kysely.selectFrom('channel_progress').selectAll().where('channel_id', '=', channelId).executeTakeFirstOrThrow(),
    newId: () => randomUUID(),
    async end() {
      for (const deliverer of deliverers) await deliverer.close()
      await database.drop()
    },
  }
}
export type ChannelBench = Awaited<ReturnType<typeof startChannelBench>>
