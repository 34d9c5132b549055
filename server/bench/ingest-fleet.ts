import { PROTOCOL_VERSION } from '@rebootless/shared/contract/agent-message.ts'
import { createIngest } from '../bff/ingest/ingest.ts'
import { bareSnapshot } from './bare-snapshot.ts'
import type { BenchDatabase } from './bench-database.ts'

/** As many as wait at most when a fleet comes back: more would measure the queue's memory. */
const AT_ONCE = 2_000

/**
 * Each host of `makeFleetRows` says its hello and a snapshot, under that epoch, to the code that stores them in the program.
 * @returns seconds until all are stored
 */
export const ingestFleet = async ({ kysely }: BenchDatabase, epoch = 1): Promise<number> => {
  const hosts = await kysely.selectFrom('hosts').select(['id', 'name']).where('name', 'like', 'host-%').execute()
  const store = createIngest({ database: kysely, clock: { now: () => new Date() } })
  const startedAt = performance.now()
  const lanes = Array.from({ length: AT_ONCE }, async () => {
    for (let host = hosts.pop(); host !== undefined; host = hosts.pop()) {
      const { id, name } = host
      const stamp = { epoch, sentAt: new Date().toISOString() }
      const hello = {
        ...({ type: 'hello', sequence: 1, hostClass: 'observe', origin: 'agent', bootId: 'boot', ...stamp } as const),
        ...({ protocol: PROTOCOL_VERSION, agentVersion: 'bench', hostName: name } as const),
      }
      await store.linkOpened(id, id, hello, new Date())
      const snapshot = { type: 'snapshot', sequence: 2, hash: 'b'.repeat(64), ...stamp } as const
      await store.accept(id, { ...snapshot, snapshot: bareSnapshot(name) }, new Date())
    }
  })
  await Promise.all(lanes)
  return (performance.now() - startedAt) / 1000
}
