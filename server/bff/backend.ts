import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from './clock.ts'
import type { DatabaseSchema } from './database/schema.ts'
import type { EnrolmentStore, Ingest } from './link/ports.ts'
import type { BackendSettings } from './settings.ts'

export interface BackendDatabase {
  readonly kysely: Kysely<DatabaseSchema>
  /** LISTEN on a channel; survives lost connections. `onPayload(undefined)` says that some may have been missed. */
  listen(channel: string, onPayload: (payload: string | undefined) => void): Promise<{ close(): Promise<void> }>
}

export interface BackendOptions {
  readonly settings: BackendSettings
  /** Migrated already. The backend does not close it: whoever opened it does, after `close()`. */
  readonly database: BackendDatabase
  readonly log: Logger
  readonly clock?: Clock
  /** The built pages, `web/dist`; a page says so when they are missing. */
  readonly webFolder: string
  /** `createJoinToken` of bff/link/join-token.ts, with the authority's fingerprint and randomness bound. */
  readonly createJoinToken: () => { token: string; hash: string }
}

export interface SignInLink {
  /** `http://127.0.0.1:8080/sign-in#token=…`: for the terminal only, never for a log. */
  readonly url: string
  readonly expiresAt: Date
}

export interface Backend {
  readonly ingest: Ingest
  readonly enrolmentStore: EnrolmentStore
  /** Listens on HOST and PORT. Rejects with a SettingsError when the port is taken. */
  listen(): Promise<{ url: string; port: number }>
  /** A one-time link for the first user; undefined when REBOOTLESS_ADMIN_PASSWORD is set. After `listen()`. */
  createSignInLink(): Promise<SignInLink | undefined>
  /** Stops accepting, ends event streams, and waits for requests under way (at most 5 s). */
  close(): Promise<void>
}

/** Puts the backend together: HTTP, event streams, sweeper, and the ports that the agents' side calls. */
export async function createBackend(options: BackendOptions): Promise<Backend> {
  throw new Error(`not built yet, on ${options.settings.host}`)
}
