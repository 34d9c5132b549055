import { AuditHead } from '@rebootless/shared/contract/audit.ts'
import type { Signed } from '@rebootless/shared/contract/signed.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { CommandKey } from '../link/command-key.ts'
import type { AuditWitness } from '../link/ports.ts'
import { appendAudit } from './append-audit.ts'
import { selectHashAt } from './queries.ts'

export interface HeadWitness extends AuditWitness {
  /** How many hosts hold a head that is not of this log; null: none. */
  broken(): string | null
}

interface HeadWitnessOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly log: Pick<Logger, 'error'>
  readonly key: CommandKey
  readonly newest: () => Signed | null
}

/**
 * Hosts as witnesses of the log (threat-model T30): each keeps the heads that it was told, and says with each link what it
 * holds, which must lie on the chain. What does not is written to the log, once for each host in a run of this backend.
 */
export const createHeadWitness = ({ database, clock, log, key, newest }: HeadWitnessOptions): HeadWitness => {
  const contradicting = new Map<string, number>()

  /** Ed25519 signs a text in one way (RFC 8032, 5.1.6): what we would sign anew must be what the host holds. */
  const isOurs = ({ type, payload, signatures }: Signed): boolean => {
    if (type !== PAYLOAD_TYPES.auditHead || signatures.length !== 1) return false
    const [own] = key.sign(PAYLOAD_TYPES.auditHead, payload).signatures
    return own?.publicKey === signatures[0]?.publicKey && own?.signature === signatures[0]?.signature
  }

  return {
    newest,
    broken: () =>
      contradicting.size === 0
        ? null
        : `Hosts that hold a signed head which is not of this log: ${contradicting.size}. It was written anew, or an older database was put back.`,
    async held(host, head) {
      // Of an earlier key, or made up by the host: it proves nothing.
      if (!isOurs(head)) return
      const { sequence, hash } = AuditHead.parse(JSON.parse(head.payload))
      const found = await selectHashAt(database, sequence)
      if (found === hash) {
        contradicting.delete(host.id)
        return
      }
      if (contradicting.get(host.id) === sequence) return
      contradicting.set(host.id, sequence)
      log.error({ hostId: host.id, sequence }, 'a host holds a signed head of the audit log that is not on it')
      await database.transaction().execute((transaction) =>
        appendAudit(transaction, {
          at: clock.now().toISOString(),
          actor: { kind: 'host', id: host.id, name: host.name, address: null },
          action: 'audit.contradict',
          target: { kind: 'audit', id: String(sequence), name: null },
          reason: null,
          result: 'failed',
          problem: found === undefined ? 'audit_cut' : 'audit_rewritten',
          before: { held: hash },
          after: { stored: found ?? null },
          requestId: null,
        }),
      )
    },
  }
}
