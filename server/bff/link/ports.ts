import type { Readable } from 'node:stream'
import type { CommandResult, Hello, ReadingMessage, ServerMessage } from '@rebootless/shared/contract/agent-message.ts'
import type { Labels } from '@rebootless/shared/contract/labels.ts'
import type { Signed } from '@rebootless/shared/contract/signed.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'

/** What the agents' side of the backend needs from the store. Implemented over PostgreSQL in bff/ingest and bff/enrolment. */

export interface CertifiedHost {
  readonly hostId: string
  /** There are older certificates of this host that are still good: `certificateUsed` ends them. */
  readonly supersedes: boolean
  /** The greatest epoch that is stored of it; null: none. */
  readonly epochSeen: number | null
  /** What it said of its machine and its boot last; null: nothing yet. */
  readonly machineId: string | null
  readonly bootId: string | null
}

export interface StoredCertificate {
  /** SHA-256 of its DER, hex. */
  readonly fingerprint: string
  readonly expiresAt: Date
  /** Fingerprint of the authority that signed it. */
  readonly authority?: string
  /** SHA-256 of its key (SubjectPublicKeyInfo, DER), hex. */
  readonly keyFingerprint?: string
}

/** Who comes, by his own word and by the connection. */
export interface Newcomer {
  readonly name: string
  readonly machineId?: string | undefined
  /** IP address; null: not from outside. */
  readonly address?: string | null
}

/** What became of a host that asks to be let in. `full`: too many wait, from one place or in all. */
export type Asked =
  | { readonly state: 'waiting'; readonly expiresAt: Date }
  | { readonly state: 'enrolled'; readonly hostId: string }
  | { readonly state: 'denied' | 'full' }

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
    /** How many hosts it serves; 1 unless said otherwise. */
    uses?: number
    /** For an agent of this program's own. */
    own?: boolean
  }): Promise<void>
  /** Whether a token could be used now: a cheap look, before the work of a certificate. `enrol` alone decides. */
  tokenIsGood(tokenHash: string, now: Date): Promise<boolean>
  /**
   * Uses the token once and creates host and certificate in one atomic write (threat-model T15). False when the token is
   * unknown, revoked, used as often as it may be, or past its end: then nothing was written.
   */
  enrol(request: {
    tokenHash: string
    host: Newcomer & { id: string }
    certificate: StoredCertificate
    now: Date
  }): Promise<boolean>
  /** Writes down that a host was not let in (T15). A flood of them is written down as a number. */
  enrolmentRefused(refusal: { who: Newcomer; problem: string; now: Date }): Promise<void>
  /**
   * A host without a token asks, by a key whose SHA-256 (hex) is `keyFingerprint`; whom a person has approved is given
   * the certificate that `certify` makes for its id.
   */
  ask(request: {
    who: Newcomer
    keyFingerprint: string
    certify: (hostId: string) => Promise<StoredCertificate>
    now: Date
  }): Promise<Asked>
  /** Whose certificate (SHA-256 of its DER, hex) this is; undefined when unknown or revoked. */
  certifiedHost(fingerprint: string): Promise<CertifiedHost | undefined>
  /** The ids of certificates' hosts, by fingerprint; those that are unknown or revoked are not in it. */
  hostsOfCertificates(fingerprints: readonly string[]): Promise<ReadonlyMap<string, string>>
  /**
   * One more certificate for a host that has one (threat-model T17); the older stay until the new one is used. False
   * when there is no such host.
   */
  addCertificate(request: { hostId: string; certificate: StoredCertificate; now: Date }): Promise<boolean>
  /** A link was opened with this certificate: those of the host that were issued before it end. */
  certificateUsed(fingerprint: string, now: Date): Promise<void>
  /**
   * A link of this host began on this machine in this boot, one of which is news. Another machine, or a boot that
   * another has followed already, is a second machine under the same identity: the host is quarantined (T18).
   */
  machineSeen(seen: { hostId: string; machineId: string | null; bootId: string | null; now: Date }): Promise<void>
}

/** What was stored of a host before its link was opened. */
export interface LinkOpening {
  /** Host's clock minus ours, milliseconds; null: never measured. */
  readonly clockSkewMs: number | null
  readonly snapshotWanted: boolean
}

/** An open link, as far as commands need it. */
export interface CommandLink {
  readonly linkId: string
  readonly hostId: string
  /** Of the certificate that it was opened with: SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer
  /** Sent if the link is still open; whether it arrived, only the host's answer tells. */
  send(message: ServerMessage): void
}

/** What the agents' side of the backend needs to pass commands and freezes on. Implemented in bff/commands. */
export interface CommandLinks {
  /** The hello is stored. Only links of agents that understand commands. */
  linkOpened(link: CommandLink): void
  linkClosed(hostId: string, linkId: string): void
  /** Stores what became of a command; again changes nothing. */
  accept(hostId: string, result: CommandResult, receivedAt: Date): Promise<void>
  /** A module, for a host that has a command for it; undefined for all others. */
  artefact(hostId: string, sha256: string): Promise<{ size: number; stream: Readable } | undefined>
}

export type TaskLookLink = Pick<CommandLink, 'linkId' | 'hostId' | 'send'>

/** Who can be asked which tasks sleep in some functions: bff/patches/task-looks.ts. Only links of agents that understand it. */
export interface TaskLookLinks {
  linkOpened(link: TaskLookLink): void
  linkClosed(hostId: string, linkId: string): void
}

/** Hosts that hold heads of the audit log: bff/audit/head-witness.ts. */
export interface AuditWitness {
  /** The newest head; null: none was signed yet. */
  newest(): Signed | null
  /** A host says which head it holds. */
  held(host: { readonly id: string; readonly name: string }, head: Signed): Promise<void>
}

export interface Ingest {
  /** Applies one message; a repeated or late one changes nothing. */
  accept(hostId: string, message: ReadingMessage, receivedAt: Date): Promise<{ snapshotWanted: boolean }>
  /**
   * A link of this host began with `hello`, which is stored as by `accept`. From now on it is the host's link, whatever
   * others are still open.
   */
  linkOpened(hostId: string, linkId: string, hello: Hello, receivedAt: Date): Promise<LinkOpening>
  /** Ignored when another link of this host has been opened since. */
  linkClosed(hostId: string, linkId: string, at: Date): Promise<void>
  /** Host's clock minus ours, milliseconds. */
  clockMeasured(hostId: string, skewMs: number): Promise<void>
}
