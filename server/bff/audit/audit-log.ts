import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { Reads } from '../database/replica/reads.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { CommandKey } from '../link/command-key.ts'
import type { AuditWitness } from '../link/ports.ts'
import { periodically } from '../periodic.ts'
import { createHeadSigner } from './head-signer.ts'
import { createHeadWitness } from './head-witness.ts'
import { keptHead } from './kept-head.ts'
import { createReadings } from './note-reading.ts'
import { createRefusals, type Refusals } from './refusals.ts'
import { type AuditHandlers, auditHandlers } from './routes.ts'
import { createAudit } from './service.ts'

export interface AuditLogOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly reads: Pick<Reads, 'read'>
  readonly clock: Clock
  readonly log: Logger
  /** It signs the heads. */
  readonly key: CommandKey
  readonly dataFolder: string
}

export interface AuditLog {
  readonly handlers: AuditHandlers
  readonly refusals: Refusals
  readonly witness: AuditWitness
  /** Signs heads and writes counted refusals from now on. @returns ends it */
  start(): () => Promise<void>
}

/** How long the end of the log may be without a signature; a quiet log is not signed again. */
const SIGN_HEAD_MS = 60_000
const FLUSH_REFUSALS_MS = 60_000

/** All of the log but the writing: each act appends its own entry by `appendAudit`, in its own transaction. */
export const createAuditLog = ({ database, reads, clock, log, key, dataFolder }: AuditLogOptions): AuditLog => {
  const heads = createHeadSigner({ database, clock, log, sign: key.sign, kept: keptHead(dataFolder) })
  const witness = createHeadWitness({ database, clock, log, key, newest: heads.newest })
  const refusals = createRefusals(database, clock, log)
  return {
    handlers: auditHandlers(
      createAudit(database, reads, clock, key.publicKey, () => heads.broken() ?? witness.broken()),
      clock,
      createReadings(database, clock, log),
    ),
    refusals,
    witness,
    start() {
      const running = [
        periodically(SIGN_HEAD_MS, 'sign the head of the audit log', log, () => heads.sign()),
        periodically(FLUSH_REFUSALS_MS, 'write counted refusals', log, () => refusals.flush()),
      ]
      return async () => {
        await Promise.all(running.map((end) => end()))
        await refusals.flush()
      }
    },
  }
}
