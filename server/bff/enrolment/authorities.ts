import type { AuditEntry } from '@rebootless/shared/contract/audit.ts'
import type { AuthorityList } from '@rebootless/shared/contract/certificate-authorities.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type Kysely, sql } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { CertificateAuthorities } from '../link/certificate-authorities.ts'
import { tellCertificatesEnded } from './certificates.ts'
import { tellOfEnrolment } from './enrolment-event.ts'
import type { Doer } from './tokens.ts'

type Retirement = { reason: string; hostsLeftBehind: number }

/** How one certificate authority takes another's place (threat-model T16, T17). */
export const createAuthorityChanges = (
  database: Kysely<DatabaseSchema>,
  authorities: CertificateAuthorities,
  now: () => Date,
) => {
  /** By the newest good certificate of each; one from before there could be two is of the oldest. */
  const hostsByAuthority = async (within: Kysely<DatabaseSchema>): Promise<Map<string, number>> => {
    const { rows } = await sql<{ authority: string; hosts: string }>`
      select authority, count(*) as hosts from (
        select distinct on (host_id) coalesce(authority, ${authorities.shown().fingerprint}) as authority
        from certificates where revoked_at is null and expires_at > ${now()}
        order by host_id, issued_at desc
      ) as newest group by authority`.execute(within)
    return new Map(rows.map((row) => [row.authority, Number(row.hosts)]))
  }

  const audit = (
    doer: Doer,
    action: string,
    fingerprint: string,
    reason: string,
    after: Record<string, number> | null,
  ): AuditEntry => ({
    at: now().toISOString(),
    ...{ actor: doer.actor, action, reason, requestId: doer.requestId },
    target: { kind: 'certificate_authority', id: fingerprint, name: null },
    ...{ result: 'done', problem: null, before: null, after },
  })

  return {
    async list(): Promise<AuthorityList> {
      await authorities.reload()
      const hosts = await hostsByAuthority(database)
      const shown = authorities.shown().fingerprint
      return {
        items: authorities.trusted().map(({ fingerprint, certificate }) => ({
          fingerprint,
          expiresAt: new Date(certificate.validTo).toISOString(),
          shown: fingerprint === shown,
          hosts: hosts.get(fingerprint) ?? 0,
        })),
        asOf: now().toISOString(),
      }
    },

    /** @throws DomainError `authority_change_refused` */
    async make(reason: string, doer: Doer): Promise<void> {
      await database.transaction().execute(async (transaction) => {
        // What has no authority written down is of the only one that there was.
        await transaction
          .updateTable('certificates')
          .set({ authority: authorities.shown().fingerprint })
          .where('authority', 'is', null)
          .execute()
        await tellCertificatesEnded(transaction, '*')
        await authorities.make(now(), ({ fingerprint }) =>
          appendAudit(transaction, audit(doer, 'certificate_authority.make', fingerprint, reason, null)),
        )
        await tellOfEnrolment(transaction, now())
      })
    },

    /**
     * Ends the certificates that the old one signed and the join tokens that name it, then the old one.
     * @throws DomainError `authority_not_found`, `authority_change_refused`, `confirmation_mismatch`
     */
    async retire(fingerprint: string, { reason, hostsLeftBehind }: Retirement, doer: Doer): Promise<void> {
      await database.transaction().execute(async (transaction) => {
        const left = (await hostsByAuthority(transaction)).get(fingerprint) ?? 0
        if (left > hostsLeftBehind) {
          throw new DomainError(
            'confirmation_mismatch',
            `${left} hosts still know this authority alone and would have to enrol anew: give that number, or wait.`,
          )
        }
        await transaction
          .updateTable('certificates')
          .set({ revoked_at: now() })
          .where('authority', '=', fingerprint)
          .where('revoked_at', 'is', null)
          .execute()
        // They carry the old one's pin: a host that has one would find no server that it trusts.
        const revoked = await transaction
          .updateTable('enrolment_tokens')
          .set({ revoked_at: now(), revoked_by: doer.username })
          .where('own', '=', false)
          .where('uses_left', '>', 0)
          .where('revoked_at', 'is', null)
          .where('expires_at', '>', now())
          .executeTakeFirst()
        await tellCertificatesEnded(transaction, '*')
        const after = { hostsLeftBehind: left, tokensRevoked: Number(revoked.numUpdatedRows) }
        await appendAudit(transaction, audit(doer, 'certificate_authority.retire', fingerprint, reason, after))
        // Last: a refusal undoes the rest.
        await authorities.retire(fingerprint)
        await tellOfEnrolment(transaction, now())
      })
    },
  }
}
