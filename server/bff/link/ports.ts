import type { AgentMessage } from '@rebootless/shared/contract/agent-message.ts'
import type { Labels } from '@rebootless/shared/contract/host.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'

/** What the agents' side of the backend needs from the store. Implemented over PostgreSQL in bff/ingest and bff/enrolment. */

export interface EnrolmentStore {
  /**
   * Keeps a token's hash; the token itself is never stored. `origin` is what its host will be, `agent` unless said
   * otherwise: no host says of itself that it is a recording (threat-model T18).
   */
  addToken(token: {
    hash: string
    labels: Labels
    expiresAt: Date
    createdBy: string
    origin?: HostOrigin
  }): Promise<void>
  /** Whether a token could be used now: a cheap look, before the work of a certificate. `enrol` alone decides. */
  tokenIsGood(tokenHash: string, now: Date): Promise<boolean>
  /**
   * Uses up the token and creates host and certificate in one atomic write (threat-model T15). False when the token is
   * unknown, used, or past its end: then nothing was written.
   */
  enrol(request: {
    tokenHash: string
    host: { id: string; name: string }
    certificate: { fingerprint: string; expiresAt: Date }
    now: Date
  }): Promise<boolean>
  /** The host that a certificate (SHA-256 of its DER, hex) belongs to; undefined when unknown or revoked. */
  hostOfCertificate(fingerprint: string): Promise<{ hostId: string } | undefined>
  /**
   * One more certificate for a host that has one (threat-model T17); the older stay until the new one is used. False
   * when there is no such host.
   */
  addCertificate(request: {
    hostId: string
    certificate: { fingerprint: string; expiresAt: Date }
    now: Date
  }): Promise<boolean>
  /** A link was opened with this certificate: those of the host that were issued before it end. */
  certificateUsed(fingerprint: string, now: Date): Promise<void>
}

export interface Ingest {
  /** Applies one message; a repeated or late one changes nothing. */
  accept(hostId: string, message: AgentMessage, receivedAt: Date): Promise<{ snapshotWanted: boolean }>
  /** The greatest epoch that is stored of a host; null: none. */
  lastEpoch(hostId: string): Promise<number | null>
  linkOpened(hostId: string, linkId: string, at: Date): Promise<void>
  /** Ignored when another link of this host has been opened since. */
  linkClosed(hostId: string, linkId: string, at: Date): Promise<void>
  /** Host's clock minus ours, milliseconds. */
  clockMeasured(hostId: string, skewMs: number): Promise<void>
}
