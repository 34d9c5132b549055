import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { CommandResult, ServerMessage } from '@rebootless/shared/contract/agent-message.ts'
import { AGENT_ITSELF } from '@rebootless/shared/domain/updatable-providers.ts'
import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { createTestDatabase } from '../database/test-database.ts'
import { WHOLE_FLEET } from '../hosts/host-scope.ts'
import { createUser } from '../http/test-users.ts'
import { openCommandKey } from '../link/command-key.ts'
import type { OfferedAgent } from './agent-release-file.ts'
import { createDispatcher, type Dispatcher } from './dispatcher.ts'
import { freezeFleet, liftFreeze } from './freeze.ts'
import { requestAuthorisation } from './request-authorisation.ts'
import { type AgentStub, createAgentStub, type TestHost } from './test-fleet.ts'

const silent = { warn: () => undefined }

/** Dispatchers over one database, two people who ask and freeze, and a clock that the test sets on. */
export const startOutboxBench = async () => {
  const database = await createTestDatabase()
  const { kysely } = database
  const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-outbox-'))
  const key = await openCommandKey(folder)
  let nowMs = Date.parse('2026-11-26T12:00:00.000Z')
  const clock = { now: () => new Date(nowMs) }
  const people: { userId: string; username: string }[] = []
  for (const _ of [1, 2]) {
    const userId = await createUser(kysely, 'operator')
    people.push({ userId, username: `operator-${userId}` })
  }
  const act = (index = 0) => {
    const who = people[index] ?? { userId: randomUUID(), username: 'nobody' }
    return {
      actor: { kind: 'user', id: who.userId, name: who.username, address: null },
      requestId: null,
      now: clock.now(),
      ...who,
    } as const
  }
  return {
    database,
    clock,
    pass(milliseconds: number): void {
      nowMs += milliseconds
    },
    /** A request to read these hosts anew; its id. */
    refresh: (hosts: readonly TestHost[]): Promise<string> =>
      requestAuthorisation(
        kysely,
        {
          ...{ action: 'refresh', patch: null, artefact: null, provider: null, target: null, reason: 'test' },
          ...{ validHours: 24, downgrade: false, reversal: false, hosts: hosts.map(({ id }) => ({ id })) },
        },
        { ...act(), role: 'operator', scope: WHOLE_FLEET },
      ),
    /** A request to replace the agents of these hosts: the first at once, the others in an hour. */
    updateAgents: (hosts: readonly TestHost[], offered: OfferedAgent | undefined): Promise<string> => {
      const later = new Date(nowMs + 3_600_000).toISOString()
      return requestAuthorisation(
        kysely,
        {
          ...{ action: 'update', patch: null, artefact: null, provider: AGENT_ITSELF, target: null, reason: 'test' },
          ...{ validHours: 24, downgrade: false, reversal: false },
          hosts: hosts.map(({ id }, index) => ({ id, ...(index > 0 && { notBefore: later }) })),
        },
        { ...act(), role: 'operator', scope: WHOLE_FLEET },
        offered,
      )
    },
    freeze: () => freezeFleet(kysely, 'stop', act(), key),
    /** By both; of one that does not stand, nothing. */
    async lift(): Promise<void> {
      for (const index of [0, 1]) await liftFreeze(kysely, act(index), key).catch(() => undefined)
    },
    dispatcherOver: (own: Kysely<DatabaseSchema> = kysely, offered?: OfferedAgent): Dispatcher =>
      createDispatcher({ database: own, clock, key, files: { read: async () => undefined }, log: silent, offered }),
    stubOf: (host: TestHost): AgentStub => createAgentStub(host, key.publicKey, clock.now),
    async end(): Promise<void> {
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Passes what waits in a link's list to the agent, and its answers back. */
export const deliver = async (
  stub: AgentStub,
  sent: ServerMessage[],
  to: (result: CommandResult) => Promise<void>,
): Promise<void> => {
  for (const message of sent.splice(0)) {
    const result = stub.hear(message)
    if (result !== undefined) await to(result)
  }
}
