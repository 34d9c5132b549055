// Goal: a log that was written anew, or cut, is found by what a host holds of it. Method: a signed head is kept aside while
// the log is falsified in the database, heads and all, and said again as a host says it.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { openCommandKey } from '../link/command-key.ts'
import { appendAudit } from './append-audit.ts'
import { createHeadSigner } from './head-signer.ts'
import { createHeadWitness } from './head-witness.ts'
import { rewriteLog } from './test-tampering.ts'

let database: TestDatabase
let folder: string
let key: Awaited<ReturnType<typeof openCommandKey>>
const errors: object[] = []
const clock = { now: () => new Date() }
const log = { error: (fields: object) => void errors.push(fields) }
const host = { id: '5f0c1d6e-0000-4000-8000-000000000001', name: 'web-1' }
beforeEach(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-witness-'))
  key = await openCommandKey(folder)
  errors.length = 0
})
afterEach(async () => {
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

const append = (count: number) =>
  database.kysely.transaction().execute((transaction) =>
    appendAudit(
      transaction,
      ...Array.from({ length: count }, (_, n) => ({
        ...{ at: clock.now().toISOString(), actor: { kind: 'user' as const, id: 'u', name: 'ann', address: null } },
        ...{ action: 'user.create', target: null, reason: null, result: 'done' as const, problem: null },
        ...{ before: null, after: { n }, requestId: null },
      })),
    ),
  )
const told = async () => {
  const rows = await database.kysely
    .selectFrom('audit')
    .select('entry')
    .where('action', '=', 'audit.contradict')
    .execute()
  return rows.map(({ entry }) => JSON.parse(entry))
}
const start = () => {
  const kept = { path: '', read: async () => undefined, write: async () => undefined }
  const signer = createHeadSigner({ database: database.kysely, clock, log, sign: key.sign, kept })
  return { signer, witness: createHeadWitness({ database: database.kysely, clock, log, key, newest: signer.newest }) }
}
const headHeld = async () => {
  const { signer, witness } = start()
  await append(5)
  await signer.sign()
  const head = witness.newest()
  if (head === null) throw new Error('no head was signed')
  return head
}
const rewrite = (statement: string) => rewriteLog(database.connection, statement)

test('T30 a host whose head is on the log says nothing new', async () => {
  const head = await headHeld()
  const { witness } = start()
  await witness.held(host, head)
  expect([witness.broken(), await told(), errors]).toEqual([null, [], []])
})

test('T30 a log written anew in the database is told by a host, once', async () => {
  const head = await headHeld()
  await rewrite(`update old set entry = replace(entry, '"n":2', '"n":99')`)
  const { signer, witness } = start()
  await signer.sign()
  // The chain is sound by itself, and its new head is signed: only the host knows.
  expect(signer.broken()).toBeNull()
  await witness.held(host, head)
  await witness.held(host, head)
  expect(witness.broken()).toMatch(/not of this log: 1/)
  expect(await told()).toEqual([
    expect.objectContaining({
      actor: expect.objectContaining({ kind: 'host', id: host.id }),
      problem: 'audit_rewritten',
      result: 'failed',
    }),
  ])
  expect(errors).toHaveLength(1)
})

test('T30 a tail that was cut off with its heads is told by a host', async () => {
  const head = await headHeld()
  await rewrite('delete from old where sequence > 3')
  const { witness } = start()
  await witness.held(host, head)
  expect(await told()).toEqual([expect.objectContaining({ problem: 'audit_cut' })])
})

test('T30 a head that the host made up, or another server signed, proves nothing', async () => {
  await headHeld()
  const { witness } = start()
  const payload = canonicalJson({ version: 1, sequence: 3, hash: 'f'.repeat(64), at: clock.now().toISOString() })
  const other = await openCommandKey(path.join(folder, 'other'))
  const forged = other.sign(PAYLOAD_TYPES.auditHead, payload)
  const borrowed = { ...forged, signatures: forged.signatures.map((one) => ({ ...one, publicKey: key.publicKey })) }
  const freeze = { ...key.sign(PAYLOAD_TYPES.freeze, payload), type: PAYLOAD_TYPES.auditHead }
  for (const head of [forged, borrowed, freeze, key.sign(PAYLOAD_TYPES.freeze, payload)]) await witness.held(host, head)
  expect([witness.broken(), await told()]).toEqual([null, []])
})
