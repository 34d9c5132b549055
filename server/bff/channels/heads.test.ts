// Goal: whoever cuts the log, or writes it anew with its heads, is found out by what a receiver elsewhere holds. Method: a
// real log is signed and its head sent over HTTP; then the log is falsified as its database's ruler can, and held against it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { AuditHeadSigned } from '@rebootless/shared/contract/channel-messages.ts'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { isSigned } from '../../signing/ed25519.ts'
import { SERVER } from '../access/doer.ts'
import { appendAudit } from '../audit/append-audit.ts'
import { createHeadSigner } from '../audit/head-signer.ts'
import { selectHashAt } from '../audit/queries.ts'
import { rewriteLog } from '../audit/test-tampering.ts'
import { done } from '../commands/act.ts'
import { type CommandKey, openCommandKey } from '../link/command-key.ts'
import { queueHeads } from './heads.ts'
import { type ChannelBench, type Receiver, startChannelBench, startReceiver } from './test-channels.ts'

let bench: ChannelBench
let receiver: Receiver
let folder: string
let key: CommandKey
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-heads-'))
  key = await openCommandKey(folder)
  receiver = await startReceiver()
})
afterAll(async () => {
  await receiver.stop()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  bench = await startChannelBench()
  receiver.received.splice(0)
})
afterEach(() => bench.end())

const MINUTE = 60_000
const heads = () => receiver.received.map(({ body }) => AuditHeadSigned.parse(JSON.parse(body)))
const create = (everyMinutes: number | null) =>
  bench.create({
    address: receiver.address,
    events: {
      decisions: everyMinutes === null ? 'all' : [],
      auditHeads: everyMinutes === null ? null : { everyMinutes },
    },
  })
const grow = (count: number) =>
  bench.kysely
    .transaction()
    .execute((transaction) =>
      appendAudit(
        transaction,
        ...Array.from({ length: count }, (_, n) =>
          done({ ...SERVER, now: bench.now() }, { action: 'test.grow', after: { n } }),
        ),
      ),
    )
/** What the server does each minute, and the deliverer each few seconds. */
const sign = async () => {
  const kept = { path: '', read: async () => undefined, write: async () => undefined }
  const log = { error: () => undefined }
  const signer = createHeadSigner({ database: bench.kysely, clock: { now: bench.now }, log, sign: key.sign, kept })
  await signer.sign()
  expect(signer.broken()).toBeNull()
  await queueHeads(bench.kysely, bench.now())
  await bench.delivererOver().look()
}

test('T30 a receiver elsewhere is sent signed heads as often as it asked, and none while the log is quiet', async () => {
  await create(10)
  await create(null)
  await grow(3)
  await sign()
  // The making of the channels is in the log too.
  expect(heads().map(({ data }) => data.head.sequence)).toEqual([5])
  const [{ data: { head, signed } = {} } = {}] = heads()
  expect(JSON.parse(signed?.payload ?? '')).toEqual(head)
  const [signature] = signed?.signatures ?? []
  expect(signature?.publicKey).toBe(key.publicKey)
  expect(signature && signed && isSigned(signature, signed.type, signed.payload)).toBe(true)
  await grow(1)
  bench.advance(9 * MINUTE)
  await sign()
  expect(heads()).toHaveLength(1)
  bench.advance(MINUTE)
  await sign()
  expect(heads().map(({ data }) => data.head.sequence)).toEqual([5, 6])
  bench.advance(60 * MINUTE)
  await sign()
  expect(heads()).toHaveLength(2)
})

test('T30 a log that grows fast is not left for the minutes', async () => {
  await create(1440)
  await sign()
  await grow(999)
  await sign()
  expect(heads()).toHaveLength(1)
  await grow(1)
  await sign()
  expect(heads().map(({ data }) => data.head.sequence)).toEqual([1, 1001])
})

test.each([
  ['written anew', `update old set entry = replace(entry, '"n":2', '"n":99')`, true],
  ['cut', 'delete from old where sequence > 2', false],
] as const)(
  'T30 a log that was %s with its heads does not have what the receiver holds',
  async (_name, statement, there) => {
    await create(1)
    await grow(4)
    await sign()
    const [held] = heads()
    const { sequence = 0, hash } = held?.data.head ?? {}
    expect(await selectHashAt(bench.kysely, sequence)).toBe(hash)
    await rewriteLog(bench.database.connection, statement)
    // The chain is sound by itself, and a new head of it can be signed.
    await sign()
    const found = await selectHashAt(bench.kysely, sequence)
    expect([found !== undefined, found === hash]).toEqual([there, false])
  },
)

test('two backends queue one head', async () => {
  const { id } = await create(1)
  await sign()
  await grow(1)
  bench.advance(MINUTE)
  const kept = { path: '', read: async () => undefined, write: async () => undefined }
  const log = { error: () => undefined }
  await createHeadSigner({ database: bench.kysely, clock: { now: bench.now }, log, sign: key.sign, kept }).sign()
  await Promise.all([queueHeads(bench.kysely, bench.now()), queueHeads(bench.kysely, bench.now())])
  expect(await bench.rows(id)).toHaveLength(2)
})
