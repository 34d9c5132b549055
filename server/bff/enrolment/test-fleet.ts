import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PROTOCOL_VERSION } from '@rebootless/shared/contract/agent-message.ts'
import { certificateRequest } from '../../agent/link/certificate-request.ts'
import { createTestDatabase } from '../database/test-database.ts'
import { type AgentServerSettings, startAgentServer } from '../link/agent-server.ts'
import { openCertificateAuthorities } from '../link/certificate-authorities.ts'
import { openCommandKey } from '../link/command-key.ts'
import { startTestBackend, type TestAnswer } from '../test-backend.ts'

/** One backend with its agents' port. */
export interface TestSite {
  readonly backend: Awaited<ReturnType<typeof startTestBackend>>
  readonly agents: Awaited<ReturnType<typeof startAgentServer>>
  /** Where agents dial. */
  readonly server: string
}

/** Several backends on one database and one data folder, as they stand behind one address; an administrator signed in. */
export const createTestFleet = async (sites: number, settings: Partial<AgentServerSettings> = {}, notified = true) => {
  const folder = await mkdtemp(join(tmpdir(), 'rebootless-fleet-'))
  const database = await createTestDatabase()
  const commandKey = await openCommandKey(folder)
  const log = { info: () => {}, warn: () => {} }
  const open = async (): Promise<TestSite> => {
    // Of its own: as in a process of its own, it learns of another's changes by looking.
    const authorities = await openCertificateAuthorities(folder, new Date())
    const backend = await startTestBackend(database, { authorities, commandKey })
    const agents = await startAgentServer({
      ...{ host: '127.0.0.1', port: 0, authorities, commandKey, log, settings },
      ...{ store: backend.enrolmentStore, ingest: backend.ingest },
      ...{ commands: backend.commands, taskLooks: backend.taskLooks },
    })
    if (notified) await backend.onCertificatesEnded(() => void agents.certificatesChanged())
    return { backend, agents, server: `https://127.0.0.1:${agents.port}` }
  }
  const opened: TestSite[] = []
  for (let n = 0; n < sites; n += 1) opened.push(await open())
  const [first] = opened
  if (first === undefined) throw new Error('a fleet without a site')
  const cookie = await first.backend.signIn()
  const call = (method: string, path: string, body?: unknown): Promise<TestAnswer> =>
    first.backend.call(method, path, { cookie, ...(body === undefined ? {} : { body }) })

  return {
    database,
    folder,
    sites: opened,
    first,
    call,
    async token(body: object = {}): Promise<{ id: string; token: string }> {
      const answer = await call('POST', '/api/v1/enrolment-tokens', body)
      if (answer.status !== 201) throw new Error(answer.text)
      return answer.json()
    },
    /** Entries of the audit log, oldest first. */
    async audited(action: string): Promise<Record<string, unknown>[]> {
      const rows = await database.kysely
        .selectFrom('audit')
        .select('entry')
        .where('action', '=', action)
        .orderBy('sequence')
        .execute()
      return rows.map(({ entry }) => JSON.parse(entry))
    },
    async end(): Promise<void> {
      for (const { agents, backend } of opened) {
        await agents.close()
        await backend.close()
      }
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
export type TestFleet = Awaited<ReturnType<typeof createTestFleet>>

/** As an agent of today asks, for a key given. */
export const enrolBody = (
  privateKey: Parameters<typeof certificateRequest>[0],
  token: string,
  change: object = {},
) => ({
  token,
  certificateRequest: certificateRequest(privateKey),
  hostName: 'web-1',
  origin: 'agent' as const,
  protocol: PROTOCOL_VERSION,
  ...change,
})
