import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { Call, Handlers, SignedIn } from '../http/call.ts'
import type { AgentFile } from '../link/agent-file.ts'
import type { CertificateAuthorities } from '../link/certificate-authorities.ts'
import { isLoopback } from '../settings.ts'
import { createAuthorityChanges } from './authorities.ts'
import { decideWaiting, listWaiting } from './decide-waiting.ts'
import { createHostActs } from './host-acts.ts'
import { readHostIdentity } from './host-identity.ts'
import { type Doer, keepToken, listTokens, revokeToken } from './tokens.ts'

export interface EnrolmentRouteOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly authorities: CertificateAuthorities
  readonly createJoinToken: () => { token: string; hash: string }
  /** What hosts dial; undefined: the name that the browser used, which reaches this machine too. */
  readonly agentAddress: string | undefined
  readonly agentHost: string
  readonly agentPort: () => number
  readonly agentFile: AgentFile | undefined
}

type EnrolmentHandlers = Pick<
  Handlers,
  | 'GET /api/v1/enrolment'
  | 'GET /api/v1/enrolment-tokens'
  | 'POST /api/v1/enrolment-tokens'
  | 'DELETE /api/v1/enrolment-tokens/:id'
  | 'GET /api/v1/waiting-room'
  | 'POST /api/v1/waiting-room/:id/approve'
  | 'POST /api/v1/waiting-room/:id/deny'
  | 'GET /api/v1/certificate-authorities'
  | 'POST /api/v1/certificate-authorities'
  | 'POST /api/v1/certificate-authorities/:fingerprint/retire'
  | 'GET /api/v1/hosts/:id/identity'
  | 'DELETE /api/v1/hosts/:id'
  | 'POST /api/v1/hosts/:id/revoke-certificates'
  | 'POST /api/v1/hosts/:id/quarantine'
  | 'POST /api/v1/hosts/:id/lift-quarantine'
>

const doerOf = ({ actor, signedIn, requestId }: Pick<Call, 'actor' | 'requestId'> & { signedIn: SignedIn }): Doer => ({
  actor,
  username: signedIn.username,
  requestId,
})

export const enrolmentHandlers = (options: EnrolmentRouteOptions): EnrolmentHandlers => {
  const { database, authorities } = options
  const now = () => options.clock.now()
  const iso = () => now().toISOString()
  const acts = createHostActs(database, now)
  const changes = createAuthorityChanges(database, authorities, now)
  const serverFor = (hostName: string) => `https://${options.agentAddress ?? `${hostName}:${options.agentPort()}`}`
  const reachedFromHere = (hostName: string) =>
    isLoopback(options.agentHost) || (options.agentAddress === undefined && isLoopback(hostName))

  return {
    'GET /api/v1/enrolment': async ({ hostName }) => ({
      server: serverFor(hostName),
      onlyThisMachine: reachedFromHere(hostName),
      authorityFingerprint: Buffer.from(authorities.shown().fingerprint, 'base64url').toString('hex'),
      agentFile:
        options.agentFile === undefined ? null : { sha256: options.agentFile.sha256, bytes: options.agentFile.bytes },
    }),
    'GET /api/v1/enrolment-tokens': async () => ({ items: await listTokens(database, now()), asOf: iso() }),
    'POST /api/v1/enrolment-tokens': async ({ body, hostName, ...call }) => {
      const { token, hash } = options.createJoinToken()
      const expiresAt = new Date(now().getTime() + body.validMinutes * 60_000)
      const id = await keepToken(database, { ...body, hash, expiresAt }, doerOf(call), now())
      const command = `rebootless-agent enrol --server ${serverFor(hostName)} --token ${token}`
      return { id, token, command, uses: body.uses, expiresAt: expiresAt.toISOString() }
    },
    'DELETE /api/v1/enrolment-tokens/:id': async ({ params, body, ...call }) => {
      await revokeToken(database, params.id, body.reason, doerOf(call), now())
      return null
    },

    'GET /api/v1/waiting-room': async () => ({ items: await listWaiting(database, now()), asOf: iso() }),
    'POST /api/v1/waiting-room/:id/approve': async ({ params, body, ...call }) => {
      await decideWaiting(database, params.id, { state: 'approved', ...body }, doerOf(call), now())
      return null
    },
    'POST /api/v1/waiting-room/:id/deny': async ({ params, body, ...call }) => {
      await decideWaiting(database, params.id, { state: 'denied', ...body }, doerOf(call), now())
      return null
    },

    'GET /api/v1/certificate-authorities': () => changes.list(),
    'POST /api/v1/certificate-authorities': async ({ body, ...call }) => {
      await changes.make(body.reason, doerOf(call))
      return null
    },
    'POST /api/v1/certificate-authorities/:fingerprint/retire': async ({ params, body, ...call }) => {
      await changes.retire(params.fingerprint, body, doerOf(call))
      return null
    },

    'GET /api/v1/hosts/:id/identity': ({ params }) => readHostIdentity(database, params.id, now()),
    'DELETE /api/v1/hosts/:id': async ({ params, body, ...call }) => {
      await acts.remove(params.id, body, doerOf(call))
      return null
    },
    'POST /api/v1/hosts/:id/revoke-certificates': async ({ params, body, ...call }) => {
      await acts.revokeCertificates(params.id, body, doerOf(call))
      return null
    },
    'POST /api/v1/hosts/:id/quarantine': async ({ params, body, ...call }) => {
      await acts.quarantine(params.id, body.reason, doerOf(call))
      return null
    },
    'POST /api/v1/hosts/:id/lift-quarantine': async ({ params, body, ...call }) => {
      await acts.liftQuarantine(params.id, body.reason, doerOf(call))
      return null
    },
  }
}
