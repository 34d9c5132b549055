// Goal: mail goes by TLS to the server that was meant, reaches each recipient once, and nothing that a host calls itself is more than
// text in it. Method: a real SMTP server with a real certificate; ones that hang, refuse a recipient, greylist and offer no TLS.
import { createServer, type LookupFunction } from 'node:net'
import { ALERT_ID, alertChanged, HOSTILE } from '@rebootless/shared/domain/channel-formats/test-alert.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createGuardedConnect } from '../outgoing/guarded-socket.ts'
import { changeChannel } from './channels.ts'
import { type ChannelBench, startChannelBench } from './test-channels.ts'
import { certificateFor, MAIL_HOST, MAIL_PASSWORD, type MailServer, startMailServer } from './test-smtp.ts'

const lookup: LookupFunction = (_name, { all }, done) => {
  if (all === true) done(null, [{ address: '127.0.0.1', family: 4 }])
  else done(null, '127.0.0.1', 4)
}
const NAMED = ['127.0.0.0/8']

let bench: ChannelBench
let server: MailServer
let certificate: Awaited<ReturnType<typeof certificateFor>>
beforeAll(async () => {
  certificate = await certificateFor(MAIL_HOST)
  server = await startMailServer(certificate)
  bench = await startChannelBench({
    ...{ ca: certificate.cert, timeoutMs: 1_000 },
    connect: createGuardedConnect({ networks: NAMED, lookup, timeoutMs: 1_000 }),
  })
})
afterAll(async () => {
  await server.stop()
  await bench.end()
})
beforeEach(async () => {
  await bench.kysely.deleteFrom('channels').execute()
  server.mails.splice(0)
  server.refuse(undefined)
})

const TO = ['ann@example.org', 'ben@example.org', 'cleo@example.org']
const login = { user: 'rebootless', token: MAIL_PASSWORD }
const make = (port = server.port, change: object = {}) =>
  bench.create({
    ...{ kind: 'smtp', address: `smtp://${MAIL_HOST}:${port}`, pages: 'https://reboot.example' },
    ...{ mail: { from: 'reboot@example.org', to: TO }, ...login, ...change },
  })
const deliver = async (looks = 1) => {
  for (let look = 0; look < looks; look += 1) {
    if (look > 0) bench.advance(3_600_000)
    await bench.delivererOver().look()
  }
}
const header = (text: string, name: string): string[] =>
  text
    .slice(0, text.indexOf('\r\n\r\n'))
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}: `))
    .map((line) => line.slice(name.length + 2))

test('an alert and its end are one thread of two messages, by TLS, to all, signed in', async () => {
  const { id } = await make()
  await bench.tell(id, alertChanged(), alertChanged({ status: 'resolved', change: 'resolved', number: 2 }))
  await deliver()
  expect(server.mails.map(({ from, to, overTls, user }) => ({ from, to, overTls, user }))).toEqual(
    [0, 1].map(() => ({ from: 'reboot@example.org', to: TO, overTls: true, user: 'rebootless' })),
  )
  const [fired, resolved] = server.mails.map(({ text }) => text)
  const thread = [`<alert.${ALERT_ID}@example.org>`]
  for (const text of [fired ?? '', resolved ?? '']) {
    expect(header(text, 'References')).toEqual(thread)
    expect(header(text, 'In-Reply-To')).toEqual(thread)
    expect(header(text, 'Auto-Submitted')).toEqual(['auto-generated'])
    expect(text).toMatch(/multipart\/alternative/)
  }
  expect(header(fired ?? '', 'Message-ID')).not.toEqual(header(resolved ?? '', 'Message-ID'))
  expect((await bench.rows(id)).map(({ state, detail }) => [state, detail])).toEqual(
    [0, 1].map(() => ['delivered', expect.stringContaining('The mail server took it for 3 recipients.')]),
  )
})

test('T04 no header follows from what a host calls itself', async () => {
  const { id } = await make()
  await bench.tell(id, alertChanged({ title: `a\r\nBcc: evil@example.org\r\n\r\n${HOSTILE}`, cause: HOSTILE }))
  await deliver()
  const [mail] = server.mails
  expect(mail?.to).toEqual(TO)
  expect(header(mail?.text ?? '', 'Bcc')).toEqual([])
  expect(header(mail?.text ?? '', 'Subject')[0]).toMatch(/Bcc=3A/)
})

describe('T12 a mail server', () => {
  test('that offers no TLS gets neither password nor message, unless the setting names it', async () => {
    const plain = await startMailServer(certificate, { disabledCommands: ['STARTTLS'], allowInsecureAuth: true })
    const { id } = await make(plain.port)
    await bench.tell(id, alertChanged())
    await deliver()
    expect(plain.mails.map(({ overTls }) => overTls)).toEqual([false])
    const target = await bench.kysely.selectFrom('channels').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    const { socket } = await createGuardedConnect({ networks: NAMED, lookup })(MAIL_HOST, plain.port)
    const stranger = await startChannelBench({ connect: async () => ({ socket, named: false }), timeoutMs: 1_000 })
    const message = { id, body: JSON.stringify(alertChanged()), again: false, remaining: null, firstOfAlert: null }
    const answer = await stranger.send(target, message, new Date())
    expect(answer).toMatchObject({ verdict: 'failed', detail: expect.stringMatching(/No TLS came about/) })
    expect(plain.mails).toHaveLength(1)
    await stranger.end()
    await plain.stop()
  })
  test('with another’s certificate gets nothing', async () => {
    const other = await startMailServer(await certificateFor(MAIL_HOST))
    const { id } = await make(other.port)
    await bench.tell(id, alertChanged())
    await deliver()
    expect((await bench.rows(id))[0]).toMatchObject({ state: 'waiting', detail: expect.stringMatching(/TLS/) })
    expect(other.mails).toEqual([])
    await other.stop()
  })
  test('at an address that is not public is not connected to, whatever its name resolves to', async () => {
    let connections = 0
    const listener = createServer(() => {
      connections += 1
    })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const { port } = listener.address() as { port: number }
    const guarded = createGuardedConnect({ networks: ['10.0.0.0/8'], lookup, timeoutMs: 1_000 })
    for (const host of [MAIL_HOST, '127.0.0.1', '[::1]', '169.254.169.254']) {
      await expect(guarded(host, port)).rejects.toMatchObject({ code: 'outgoing_refused', detail: /not public/ })
    }
    expect(connections).toBe(0)
    listener.close()
  })
})

test('what is told by TLS from the first byte goes through too', async () => {
  const wrapped = await startMailServer(certificate, { secure: true })
  const { id } = await make(wrapped.port, { address: `smtps://${MAIL_HOST}:${wrapped.port}` })
  await bench.tell(id, alertChanged())
  await deliver()
  expect(wrapped.mails.map(({ overTls }) => overTls)).toEqual([true])
  await wrapped.stop()
})

test('a wrong password is told so, waits for somebody to mend it, and then goes', async () => {
  const { id } = await make(server.port, { token: 'wrong' })
  await bench.tell(id, alertChanged())
  await deliver(5)
  expect((await bench.rows(id))[0]).toMatchObject({
    ...{ state: 'waiting', attempts: 5, status: 535 },
    detail: expect.stringMatching(/refused user and password/),
  })
  await changeChannel(bench.kysely, bench.box, id, { token: MAIL_PASSWORD }, bench.who())
  await deliver()
  expect(server.mails).toHaveLength(1)
})

test('a server that hangs is given up in time, and served later', async () => {
  const silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { id } = await make((silent.address() as { port: number }).port)
  await bench.tell(id, alertChanged())
  await deliver()
  expect((await bench.rows(id))[0]).toMatchObject({
    ...{ state: 'waiting', attempts: 1 },
    detail: expect.stringMatching(/did not answer in time/),
  })
  silent.close()
})

describe('recipients', () => {
  test('that are greylisted get it later, and the others no second time', async () => {
    server.refuse((recipient, nth) => (recipient === 'ben@example.org' && nth === 1 ? 451 : undefined))
    const { id } = await make()
    await bench.tell(id, alertChanged())
    await deliver()
    expect((await bench.rows(id))[0]).toMatchObject({
      state: 'waiting',
      remaining: ['ben@example.org'],
      detail: expect.stringMatching(/took it for 2 of 3 recipients; the others may get it later.*451/),
    })
    await deliver(2)
    expect(server.mails.map(({ to }) => to)).toEqual([['ann@example.org', 'cleo@example.org'], ['ben@example.org']])
    const [one, other] = server.mails.map(({ text }) => header(text, 'Message-ID')[0])
    expect(one).toBe(other)
    expect((await bench.rows(id))[0]).toMatchObject({ state: 'delivered', remaining: null })
  })
  test('that do not exist are named, and hold back nobody', async () => {
    server.refuse((recipient) => (recipient === 'ben@example.org' ? 550 : undefined))
    const { id } = await make()
    await bench.tell(id, alertChanged())
    await deliver(2)
    expect(server.mails.map(({ to }) => to)).toEqual([['ann@example.org', 'cleo@example.org']])
    expect((await bench.rows(id))[0]).toMatchObject({
      state: 'delivered',
      detail: expect.stringMatching(/2 of 3 recipients, and takes it for the others never.*ben@example.org.*550/),
    })
  })
  test('of whom none exists: it is given up after three tries; of whom one may get it later: it waits', async () => {
    server.refuse(() => 550)
    const { id } = await make()
    await bench.tell(id, alertChanged())
    await deliver(4)
    expect((await bench.rows(id))[0]).toMatchObject({ state: 'dead', attempts: 3, status: 550 })
    server.refuse((recipient) => (recipient === 'ann@example.org' ? 451 : 550))
    await bench.tell(id, alertChanged())
    await deliver(4)
    expect((await bench.rows(id))[1]).toMatchObject({ state: 'waiting', attempts: 4 })
  })
})
