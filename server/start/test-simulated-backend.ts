import { setTimeout as sleep } from 'node:timers/promises'
import type { PoolConfig } from 'pg'
import type { Clock } from '../bff/clock.ts'
import { createDispatcher } from '../bff/commands/dispatcher.ts'
import { createMortal } from '../bff/commands/test-faults.ts'
import { createEnrolmentStore } from '../bff/enrolment/enrolment-store.ts'
import { createIngest } from '../bff/ingest/ingest.ts'
import { AGENT_SERVER_SETTINGS } from '../bff/link/agent-server.ts'
import type { CommandKey } from '../bff/link/command-key.ts'
import { createHostBudgets } from '../bff/link/host-budgets.ts'
import { openLinkSession } from '../bff/link/link-session.ts'
import type { ArtefactFiles } from '../bff/patches/artefact-files.ts'
import { createFitHosts } from '../bff/patches/fit-hosts.ts'
import { createRolloutDriver } from '../bff/rollouts/driver.ts'
import type { MemorySocket } from './test-memory-socket.ts'

const NEVER_MS = 2 ** 31 - 1
const ANSWER_MS_MAX = 30_000
const silent = { warn: () => undefined, info: () => undefined }
const isAcknowledgement = (text: string) => text.startsWith('{"type":"acknowledged"')

/**
 * What one backend has for hosts and rollouts: the sessions of its links, the outbox of commands, and the driver, over one pool. It
 * dies at the statement that it is told to, and all of it with that.
 */
export const startSimulatedBackend = (options: {
  readonly connection: PoolConfig
  readonly clock: Clock
  readonly key: CommandKey
  readonly files: Pick<ArtefactFiles, 'read'>
}) => {
  const { clock } = options
  let dead = false
  let diesAt = Number.POSITIVE_INFINITY
  const mortal = createMortal(options.connection, (count) => {
    if (count < diesAt) return 'live'
    dead = true
    return 'die'
  })
  const database = mortal.kysely
  const store = createEnrolmentStore(database)
  const ingest = createIngest({ database, clock, heartbeatsEveryMs: 0, changesEveryMs: 0 })
  const dispatcher = createDispatcher({ ...options, database, log: silent })
  const driver = createRolloutDriver({
    ...{ database, clock, log: silent, now: clock.now, fitHosts: createFitHosts(database) },
    fetch: async () => new Response(null, { status: 500 }),
  })
  const monotonicMs = () => clock.now().getTime()
  const generous = { burst: 1e9, perSecond: 1e9 }
  const settings = { ...AGENT_SERVER_SETTINGS, changes: generous, messages: generous, pingIntervalMs: NEVER_MS }
  const budgets = createHostBudgets(settings)
  const ends: Promise<void>[] = []

  return {
    isDead: () => dead,
    /** At its so-many-th statement from now. */
    dieAfter: (statements: number) => {
      diesAt = mortal.effects() + statements
    },
    driver,
    dispatcher,
    async connect(hostId: string, fingerprint: string, socket: MemorySocket): Promise<void> {
      const known = await store.certifiedHost(fingerprint)
      if (known === undefined) throw new Error('no such certificate')
      const peer = { ...known, fingerprint, publicKey: Buffer.from(hostId), expiresAt: new Date(NEVER_MS * 1_000) }
      const session = openLinkSession(socket.asWebSocket(), peer, {
        ...{
          ingest,
          commands: dispatcher,
          taskLooks: undefined,
          auditWitness: undefined,
          now: clock.now,
          monotonicMs,
          log: silent,
          settings,
        },
        machineSeen: (seen) => store.machineSeen(seen),
        budget: budgets.of(hostId, monotonicMs()),
        authoritiesPem: () => ['in memory there is none'],
      })
      ends.push(session.ended)
    },
    /** One message of an agent; until it is stored and acknowledged, or its link is closed. */
    async hear(socket: MemorySocket, text: string): Promise<void> {
      const acknowledged = () => socket.sent.filter(isAcknowledgement).length
      const before = acknowledged()
      const deadline = performance.now() + ANSWER_MS_MAX
      socket.emit('message', Buffer.from(text), false)
      while (socket.readyState === socket.OPEN && acknowledged() === before) {
        if (performance.now() > deadline) throw new Error(`no answer to ${text.slice(0, 200)}`)
        await sleep(1)
      }
    },
    /** What was under way breaks off or comes to its end. */
    async end(): Promise<void> {
      await driver.close()
      await dispatcher.close()
      await Promise.all(ends)
      await mortal.end()
    },
  }
}
export type SimulatedBackend = ReturnType<typeof startSimulatedBackend>
