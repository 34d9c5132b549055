import type { Labels } from '@rebootless/shared/contract/labels.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import type { ColumnType, Generated } from 'kysely'
import type { Json } from './column-types.ts'

interface EnrolmentTokensTable {
  token_hash: string
  /** What the API calls it. */
  id: Generated<string>
  labels: Json<Labels>
  origin: ColumnType<HostOrigin, HostOrigin | undefined, never>
  /** For an agent of this program's own: used at once, and of no interest to people. */
  own: Generated<boolean>
  uses: Generated<number>
  uses_left: Generated<number>
  created_by: string
  created_at: Generated<Date>
  expires_at: Date
  revoked_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  revoked_by: ColumnType<string | null, string | null | undefined, string | null>
}

/** Which host came by which token; null: it was approved in the waiting room. Outlives both. */
interface EnrolmentsTable {
  host_id: string
  host_name: string
  token_id: string | null
  at: Date
}

/** A host without a token that waits for a person. */
interface EnrolmentRequestsTable {
  id: string
  /** SHA-256 of the key (SubjectPublicKeyInfo, DER), hex. */
  key_fingerprint: string
  host_name: string
  machine_id: string | null
  address: string
  asked_at: Date
  last_asked_at: Date
  state: 'waiting' | 'approved' | 'denied' | 'enrolled'
  decided_at: Date | null
  decided_by: string | null
  labels: Json<Labels>
  host_id: string | null
}

interface CertificatesTable {
  fingerprint: string
  host_id: string
  issued_at: Date
  expires_at: Date
  revoked_at: Date | null
  /** Fingerprint of the authority that signed it; null: before there could be two. */
  authority: ColumnType<string | null, string | null | undefined, string | null>
  /** SHA-256 of its key (SubjectPublicKeyInfo, DER), hex. */
  key_fingerprint: ColumnType<string | null, string | null | undefined, never>
}

/** Boots of a host, so that one that comes back after another began is known for a second machine (T18). */
interface HostBootsTable {
  host_id: string
  boot_id: string
  first_seen_at: Date
  superseded_at: Date | null
}

/** How hosts come in, and what they are known by. */
export interface EnrolmentTables {
  enrolment_tokens: EnrolmentTokensTable
  enrolments: EnrolmentsTable
  enrolment_requests: EnrolmentRequestsTable
  certificates: CertificatesTable
  host_boots: HostBootsTable
}
