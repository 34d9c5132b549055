import type { commandRoutes } from '@rebootless/shared/contract/routes/commands.ts'
import { isDangerous, possibleActions } from '@rebootless/shared/domain/possible-actions.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { hostNotFound } from '../hosts/host-scope.ts'
import { requireProof } from '../http/authorise.ts'
import type { Call, Handlers } from '../http/call.ts'
import type { CommandKey } from '../link/command-key.ts'
import type { OfferedAgent } from './agent-release-file.ts'
import { listApproverKeys, registerApproverKey, revokeApproverKey } from './approver-keys.ts'
import { listAuthorisations, readAuthorisation } from './authorisation-views.ts'
import { readCommandHosts } from './command-facts.ts'
import { listCommands } from './command-list.ts'
import { cancelAuthorisation, reverseAuthorisation } from './end-authorisation.ts'
import { freezeFleet, liftFreeze, readFreeze } from './freeze.ts'
import { requestAuthorisation } from './request-authorisation.ts'
import { signAuthorisation } from './sign-authorisation.ts'

export interface CommandRouteOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly key: CommandKey
  readonly offered?: OfferedAgent | undefined
}

export const commandHandlers = ({
  database,
  clock,
  key,
  offered,
}: CommandRouteOptions): Pick<Handlers, keyof typeof commandRoutes> => {
  const person = ({
    actor,
    requestId,
    signedIn,
  }: Pick<Call, 'actor' | 'requestId'> & { signedIn: SignedInCaller }) => ({
    ...{ actor, requestId, now: clock.now() },
    ...{ userId: signedIn.userId, username: signedIn.username, role: signedIn.role, via: signedIn.via },
  })
  /** Of an admin every one, of an approver his own. */
  const ownKeysOnly = ({ role, userId }: SignedInCaller) => (role === 'admin' ? null : userId)
  const detail = (id: string, who: Parameters<typeof readAuthorisation>[2]) =>
    readAuthorisation(database, id, who, clock.now())

  return {
    'GET /api/v1/hosts/:id/actions': async ({ params, signedIn }) => {
      const host = (await readCommandHosts(database, [params.id])).get(params.id)
      if (host === undefined) throw hostNotFound()
      const { facts } = host
      return {
        hostClass: facts.hostClass,
        classReason: facts.policy?.reason ?? null,
        hours: facts.policy?.hours ?? null,
        approvers: facts.policy?.approvers ?? [],
        threshold: facts.policy?.threshold ?? 1,
        actions: possibleActions(facts, signedIn.role),
        asOf: clock.now().toISOString(),
      }
    },
    'GET /api/v1/authorisations': ({ query, scope }) => listAuthorisations(database, scope, query, clock.now()),
    'POST /api/v1/authorisations': async (call) => {
      const proof = { by: 'person', reauthenticate: true } as const
      if (isDangerous(call.body)) requireProof(proof, call.signedIn, clock.now())
      const who = { ...person(call), scope: call.scope }
      return detail(await requestAuthorisation(database, call.body, who, offered), who)
    },
    'GET /api/v1/authorisations/:id': (call) => detail(call.params.id, { ...person(call), scope: call.scope }),
    'POST /api/v1/authorisations/:id/signatures': async (call) => {
      const who = { ...person(call), scope: call.scope }
      await signAuthorisation(database, call.params.id, call.body, who)
      return detail(call.params.id, who)
    },
    'POST /api/v1/authorisations/:id/cancel': async (call) => {
      const who = { ...person(call), scope: call.scope }
      await cancelAuthorisation(database, call.params.id, who)
      return detail(call.params.id, who)
    },
    'POST /api/v1/authorisations/:id/reversal': async (call) => {
      const who = { ...person(call), scope: call.scope }
      await reverseAuthorisation(database, call.params.id, call.body.reason, who)
      return detail(call.params.id, who)
    },
    'GET /api/v1/commands': async ({ query, scope }) => ({
      items: await listCommands(database, scope, query),
      asOf: clock.now().toISOString(),
    }),
    'GET /api/v1/fleet/freeze': () => readFreeze(database),
    'POST /api/v1/fleet/freeze': (call) => freezeFleet(database, call.body.reason, person(call), key),
    'POST /api/v1/fleet/unfreeze': (call) => liftFreeze(database, person(call), key),
    'GET /api/v1/approver-keys': async ({ signedIn }) => ({
      items: await listApproverKeys(database, ownKeysOnly(signedIn)),
    }),
    'POST /api/v1/approver-keys': (call) => registerApproverKey(database, call.body, person(call)),
    'DELETE /api/v1/approver-keys/:id': async (call) => {
      await revokeApproverKey(database, call.params.id, ownKeysOnly(call.signedIn), call.body.reason, person(call))
      return null
    },
  }
}

type SignedInCaller = NonNullable<Call['signedIn']>
