import { createHash } from 'node:crypto'
import type { AuditEntry } from '@rebootless/shared/contract/audit.ts'
import type { Authorisation } from '@rebootless/shared/contract/command.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { currentTraceParent } from '../tracing/trace-context.ts'
import { type Act, done } from './act.ts'
import { authorisationTarget } from './authorisation-views.ts'

/**
 * Stores an authorisation with its text as it will be signed.
 * @returns what the audit log is to say of it, once the work is done
 * @throws DomainError `artefact_not_found`
 */
export const insertAuthorisation = async (
  transaction: Transaction<DatabaseSchema>,
  authorisation: Authorisation,
  options: {
    readonly approvalsNeeded: number
    /** Of the only host; null: there are several. */
    readonly hostName: string | null
    readonly who: Act & { readonly userId: string; readonly username: string }
  },
): Promise<AuditEntry> => {
  const { approvalsNeeded, who } = options
  const { id, action, hosts, expiresAt, downgrade, reversal, reason } = authorisation
  const payload = canonicalJson(authorisation)
  const sha256 = createHash('sha256').update(payload).digest('hex')
  // A release of agents is a file of this program, and in no catalogue.
  const artefact = action === 'update' ? null : authorisation.artefact
  if (artefact !== null) {
    // Until the commit it stays in the catalogue, and after it this authorisation keeps it there.
    const module = await transaction
      .selectFrom('artefacts')
      .select('sha256')
      .where('sha256', '=', artefact.sha256)
      .forKeyShare()
      .executeTakeFirst()
    if (module === undefined) {
      throw new DomainError('artefact_not_found', 'The module was removed from the catalogue: upload it again.')
    }
  }
  await transaction
    .insertInto('authorisations')
    .values({
      ...{ id, sha256, payload, action, patch: authorisation.patch, artefact_sha256: artefact?.sha256 ?? null, reason },
      ...{ host_count: hosts.length, approvals_needed: approvalsNeeded, rollout_id: authorisation.rollout },
      ...{ requested_by: who.userId, requested_by_name: who.username, requested_at: who.now },
      ...{ expires_at: new Date(expiresAt), cancelled_at: null, cancelled_by: null, void_reason: null },
      trace_parent: currentTraceParent(),
    })
    .execute()
  return done(who, {
    action: 'authorisation.request',
    target: authorisationTarget({ ...authorisation, hostCount: hosts.length, hostName: options.hostName }),
    reason,
    after: {
      ...{
        action,
        sha256,
        artefact: authorisation.artefact?.sha256 ?? null,
        hosts: hosts.slice(0, 100).map((host) => host.id),
      },
      ...{ hostCount: hosts.length, expiresAt, downgrade, reversal, approvalsNeeded },
      ...(authorisation.rollout === null ? {} : { rollout: authorisation.rollout }),
    },
  })
}
