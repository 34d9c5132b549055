import { sign } from 'node:crypto'
import { PAYLOAD_TYPES, signingBytes } from '@rebootless/shared/domain/signing-bytes.ts'
import type { Kysely } from 'kysely'
import { addPerson } from '../access/test-people.ts'
import { addTestHost, createAgentStub, listeningLink, newApproverKey } from '../commands/test-fleet.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { eventually } from '../link/link-test-bench.ts'
import { testModule } from '../patches/module/test-module.ts'
import type { TestBackend } from '../test-backend.ts'
import { type Canary, lineOf, tokenIn } from './test-canary.ts'

/** A module is uploaded, asked for, approved, refused once, sent and done. @returns the host's id */
export const runCommands = async (
  { keep }: Canary,
  backend: TestBackend,
  { admin, database }: { admin: string; database: Kysely<DatabaseSchema> },
): Promise<string> => {
  const operator = await addPerson(backend, admin, 'canary-operator', 'operator')
  const approver = await addPerson(backend, admin, 'canary-approver', 'approver')
  keep('an operator’s session', tokenIn(operator.cookie))
  keep('an approver’s session', tokenIn(approver.cookie))
  const key = newApproverKey()
  keep('an approver’s key', lineOf(key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()))
  const { publicKey } = key
  const must = async (path: string, cookie: string, init: object) => {
    const answer = await backend.call('POST', path, { cookie, ...init })
    if (answer.status !== 201) throw new Error(`${path}: ${answer.text}`)
    return answer
  }

  const host = await addTestHost(database, {
    name: 'canary-commanded',
    policy: { hostClass: 'production', approvers: [{ name: 'approver', publicKey }] },
  })
  await must('/api/v1/approver-keys', approver.cookie, { body: { publicKey, name: 'a key' } })
  const headers = { 'content-type': 'application/octet-stream' }
  const file = await must('/api/v1/patches', operator.cookie, { headers, bytes: testModule({ name: 'lp_new' }) })
  const asked = await must('/api/v1/authorisations', operator.cookie, {
    body: { action: 'load', artefact: file.json().id, hosts: [{ id: host.id }], reason: 'canary' },
  })
  const { id, payload } = asked.json<{ id: string; payload: string }>()
  const signed = (text: string) =>
    sign(null, signingBytes(PAYLOAD_TYPES.authorisation, text), key.privateKey).toString('base64')
  const path = `/api/v1/authorisations/${id}/signatures`
  await backend.call('POST', path, { cookie: approver.cookie, body: { publicKey, signature: signed('another text') } })
  await must(path, approver.cookie, { body: { publicKey, signature: signed(payload) } })

  const stub = createAgentStub(host, backend.commandKey.publicKey, backend.clock.now)
  backend.commands.linkOpened({
    ...listeningLink(host),
    send(message) {
      const result = stub.hear(message)
      if (result !== undefined) void backend.commands.accept(host.id, result, backend.clock.now())
    },
  })
  await eventually('the command was done', () => stub.effects.length === 1)
  return host.id
}
