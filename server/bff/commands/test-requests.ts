import { sign } from 'node:crypto'
import type { HostPolicySummary, ServerMessage } from '@rebootless/shared/contract/agent-message.ts'
import { AuthorisationDetail, CommandList } from '@rebootless/shared/contract/commands-api.ts'
import type { Livepatch } from '@rebootless/shared/contract/kernel.ts'
import { PAYLOAD_TYPES, type PayloadType, signingBytes } from '@rebootless/shared/domain/signing-bytes.ts'
import type { Role } from '@rebootless/shared/domain/words.ts'
import { expect } from 'vitest'
import { createSessions } from '../access/sessions.ts'
import { createTestDatabase } from '../database/test-database.ts'
import { createUser } from '../http/test-users.ts'
import { testModule } from '../patches/module/test-module.ts'
import { startTestBackend, type TestAnswer, type TestBackendOptions } from '../test-backend.ts'
import { type AgentStub, createAgentStub, listeningLink, newApproverKey, type TestHost } from './test-fleet.ts'

export interface Person {
  readonly userId: string
  readonly cookie: string
}
export interface Approver extends Person, ReturnType<typeof newApproverKey> {
  readonly keyId: string
}

/** A livepatch that is going in. */
export const STALLED_LIVEPATCHES: Livepatch[] = [
  {
    ...{ name: 'lp_fix', enabled: true, transition: true, replace: false, stackOrder: 1 },
    objects: [],
    unknownAttributes: [],
  },
]

export const signatureOf = (
  approver: Pick<Approver, 'privateKey' | 'publicKey'>,
  payload: string,
  type: PayloadType = PAYLOAD_TYPES.authorisation,
) => ({
  publicKey: approver.publicKey,
  signature: sign(null, signingBytes(type, payload), approver.privateKey).toString('base64'),
})

export const production = (approvers: readonly Approver[], threshold = 1): Partial<HostPolicySummary> => ({
  hostClass: 'production',
  approvers: approvers.map(({ publicKey }, index) => ({ name: `approver ${index}`, publicKey })),
  threshold,
})

/** A backend over a database of its own with one module uploaded, and people who ask and sign by its API. */
export const startRequestBench = async (options: TestBackendOptions = {}) => {
  const database = await createTestDatabase()
  const backend = await startTestBackend(database, options)
  const { kysely } = database

  const signIn = async (userId: string): Promise<Person> => {
    const session = { userId, way: 'link', address: null, userAgent: null } as const
    const { token } = await createSessions(kysely, backend.clock).start(kysely, session)
    return { userId, cookie: `rebootless=${token}` }
  }
  const person = async (role: Role, scope: string | null = null): Promise<Person> =>
    signIn(await createUser(kysely, role, scope, backend.clock))
  const post = (who: Person, path: string, body?: unknown): Promise<TestAnswer> =>
    backend.call('POST', path, { cookie: who.cookie, ...(body === undefined ? {} : { body }) })
  const read = (who: Person, path: string): Promise<TestAnswer> => backend.call('GET', path, { cookie: who.cookie })

  const uploaded = await backend.call('POST', '/api/v1/patches', {
    cookie: (await person('operator')).cookie,
    headers: { 'content-type': 'application/octet-stream' },
    bytes: testModule({ name: 'lp_new' }),
  })
  expect(uploaded.status).toBe(201)
  const artefact = uploaded.json<{ id: string }>().id

  const request = (who: Person, hosts: readonly TestHost[], fields: object = {}): Promise<TestAnswer> =>
    post(who, '/api/v1/authorisations', {
      action: 'load',
      artefact,
      hosts: hosts.map(({ id }) => ({ id })),
      reason: 'CVE-2026-1',
      ...fields,
    })

  return {
    ...{ database, kysely, backend, artefact, signIn, person, post, read, request },
    async approverWithKey(): Promise<Approver> {
      const who = await person('approver')
      const key = newApproverKey()
      const answer = await post(who, '/api/v1/approver-keys', { publicKey: key.publicKey, name: 'token of the desk' })
      expect(answer.status).toBe(201)
      return { ...who, ...key, keyId: answer.json<{ id: string }>().id }
    },
    async requested(who: Person, hosts: readonly TestHost[], fields: object = {}): Promise<AuthorisationDetail> {
      const answer = await request(who, hosts, fields)
      expect(answer.json()).toMatchObject({ id: expect.any(String) })
      return AuthorisationDetail.parse(answer.json())
    },
    async commandsOf(id: string) {
      const viewer = await person('viewer')
      return CommandList.parse((await read(viewer, `/api/v1/commands?authorisation=${id}`)).json()).items
    },
    async auditOf(action: string, id: string) {
      const rows = await kysely.selectFrom('audit').select('entry').where('action', '=', action).execute()
      return rows.map(({ entry }) => JSON.parse(entry)).filter((entry) => JSON.stringify(entry).includes(id))
    },
    /** A link to the backend whose agent is the stub. */
    linked(host: TestHost): { stub: AgentStub; heard: ServerMessage[]; commands(): number } {
      const stub = createAgentStub(host, backend.commandKey.publicKey, backend.clock.now)
      const heard: ServerMessage[] = []
      backend.commands.linkOpened({
        ...listeningLink(host),
        send(message) {
          heard.push(message)
          const result = stub.hear(message)
          if (result !== undefined) void backend.commands.accept(host.id, result, backend.clock.now())
        },
      })
      return { stub, heard, commands: () => heard.filter(({ type }) => type === 'command').length }
    },
    async end() {
      await backend.close()
      await database.drop()
    },
  }
}
export type RequestBench = Awaited<ReturnType<typeof startRequestBench>>
