import { randomUUID } from 'node:crypto'
import type { Labels } from '@rebootless/shared/contract/labels.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { createEnrolmentStore } from '../enrolment/enrolment-store.ts'
import type { Ingest } from '../link/ports.ts'
import { hello } from './test-messages.ts'

/** Opens a link with a hello that is older than anything else the host says, and gives it no name. */
export const openTestLink = async (ingest: Ingest, hostId: string, linkId: string, at: Date): Promise<void> => {
  await ingest.linkOpened(hostId, linkId, hello({ epoch: 1, sequence: 0 }, { hostName: '' }), at)
}

/** Enrols a host as the agents' port does; its id. */
export const enrolTestHost = async (
  database: Kysely<DatabaseSchema>,
  host: { name?: string; origin?: HostOrigin; labels?: Labels; now?: Date } = {},
): Promise<string> => {
  const store = createEnrolmentStore(database)
  const id = randomUUID()
  const now = host.now ?? new Date()
  const expiresAt = new Date(now.getTime() + 60_000)
  await store.addToken({
    hash: id,
    labels: host.labels ?? {},
    expiresAt,
    createdBy: 'admin',
    origin: host.origin ?? 'agent',
  })
  const enrolled = await store.enrol({
    tokenHash: id,
    host: { id, name: host.name ?? 'enrolled-name' },
    certificate: { fingerprint: `fingerprint-${id}`, expiresAt },
    now,
  })
  if (!enrolled) throw new Error('the test host was not enrolled')
  return id
}
