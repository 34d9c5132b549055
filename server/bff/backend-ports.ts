import type { SpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { DryRunSimulator } from '@rebootless/shared/domain/rollouts/dry-run/dry-run-work.ts'
import type { Logger } from 'pino'
import type { Clock } from './clock.ts'
import type { OfferedAgent } from './commands/agent-release-file.ts'
import type { Dispatcher } from './commands/dispatcher.ts'
import type { Database } from './database/connect.ts'
import type { ExposureJudge } from './exposure/judge-apart.ts'
import type { AgentFile } from './link/agent-file.ts'
import type { CertificateAuthorities } from './link/certificate-authorities.ts'
import type { CommandKey } from './link/command-key.ts'
import type { AuditWitness, EnrolmentStore, Ingest, TaskLookLinks } from './link/ports.ts'
import type { HeldAgents } from './presence/share-agents.ts'
import type { BackendSettings } from './settings.ts'

export interface BackendOptions {
  readonly settings: BackendSettings
  /** Migrated already. The backend does not close it: whoever opened it does, after `close()`. */
  readonly database: Pick<Database, 'kysely' | 'connection' | 'lent' | 'fault' | 'folder'>
  readonly log: Logger
  readonly clock?: Clock
  /** Where spans go, instead of a collector that settings name. */
  readonly spanProcessor?: SpanProcessor | undefined
  /** The built pages, `web/dist`; a page says so when they are missing. */
  readonly webFolder: string
  /** `createJoinToken` of bff/link/join-token.ts, with the authority's fingerprint and randomness bound. */
  readonly createJoinToken: () => { token: string; hash: string }
  /** The server's own key: it signs the heads of the audit log. */
  readonly commandKey: CommandKey
  readonly authorities: CertificateAuthorities
  /** Where plans are run through without a host. */
  readonly dryRunSimulator: DryRunSimulator
  /** What hosts install; undefined: it was not built. */
  readonly agentFile?: AgentFile | undefined
  /** What hosts may be told to take in its place; undefined: there is no release of the makers. */
  readonly offeredAgent?: OfferedAgent | undefined
  /** The facts of vulnerabilities that ship with this program; undefined: none. */
  readonly shippedFacts?: string | undefined
  /** Instead of the one that judges exposure in a thread of its own. */
  readonly exposureJudge?: ExposureJudge
  /** What agents say is stored in the thread of whoever asks: for tests, which move time. */
  readonly ingestsHere?: boolean
  /** The port that agents reach, where AGENT_PORT is 0. */
  readonly agentPort?: () => number
}

interface SignInLink {
  /** `http://127.0.0.1:8080/sign-in#token=…`: for the terminal only, never for a log. */
  readonly url: string
  readonly expiresAt: Date
}

export interface Backend {
  readonly ingest: Ingest
  readonly enrolmentStore: EnrolmentStore
  /** Of the audit log's heads, which hosts hold. */
  readonly auditWitness: AuditWitness
  readonly commands: Dispatcher
  readonly taskLooks: TaskLookLinks
  /** Calls back whenever certificates have ended, or may have while nobody could be told. @returns ends that */
  onCertificatesEnded(listener: () => void): Promise<() => void>
  /** Begins to share agents with the other backends of this database. @returns ends that */
  shareAgents(agents: HeldAgents, address: string): () => Promise<void>
  /** Listens on HOST and PORT. Rejects with a SettingsError when the port is taken. */
  listen(): Promise<{ url: string; port: number }>
  /** A one-time link for the first user; undefined when REBOOTLESS_ADMIN_PASSWORD is set. After `listen()`. */
  createSignInLink(): Promise<SignInLink | undefined>
  /** Stops accepting, ends event streams, and waits for requests under way (at most 5 s). */
  close(): Promise<void>
}
