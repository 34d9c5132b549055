import type { PatchUpload } from '@rebootless/shared/contract/patches.ts'
import type { patchRoutes } from '@rebootless/shared/contract/routes/patches.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import type { Call, Handlers } from '../http/call.ts'
import type { ArtefactFiles, StoredArtefact } from './artefact-files.ts'
import { compareModules } from './compare-modules.ts'
import { deletePatch } from './delete-patch.ts'
import { readEntry, withHosts } from './entries.ts'
import type { FitHosts } from './fit-hosts.ts'
import { listPatches } from './list-patches.ts'
import { enterVendorUpdate, makePatchSet } from './made-entries.ts'
import { lookAtArtefact, uploadArtefact } from './modules.ts'
import { readPatchFit } from './patch-fit.ts'
import { createKeptForecasts, readPatchForecast } from './patch-forecast.ts'
import { addPatchSignature } from './patch-signatures.ts'
import { listPublisherKeys, registerPublisherKey, revokePublisherKey } from './publisher-keys.ts'
import { readPatch, readWarnings } from './read-patch.ts'
import { changeRemarks } from './remarks.ts'
import type { TaskLooks } from './task-looks.ts'

export interface PatchRouteOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly files: ArtefactFiles
  readonly fitHosts: FitHosts
  readonly taskLooks: Pick<TaskLooks, 'ask'>
}

export const patchHandlers = ({
  database,
  clock,
  files,
  fitHosts,
  taskLooks,
}: PatchRouteOptions): Pick<Handlers, keyof typeof patchRoutes> => {
  const forecasts = createKeptForecasts()
  const person = ({
    actor,
    requestId,
    signedIn,
  }: Pick<Call, 'actor' | 'requestId'> & { signedIn: SignedInCaller }) => ({
    ...{ actor, requestId, now: clock.now(), username: signedIn.username },
  })
  const detail = (scope: HostScope, id: string) => readPatch(database, scope, id, clock.now())

  const uploadAnswer = async (
    { sha256: id, size, facts }: StoredArtefact,
    kept: boolean,
    scope: HostScope,
  ): Promise<PatchUpload> => {
    const found = kept ? await withHosts(database, scope, [await readEntry(database, id)]) : []
    const entry = found[0] ?? null
    const warnings = await readWarnings(database, scope, id, facts, entry?.cves ?? facts.cves)
    return { id, name: facts.name, size, facts, warnings, entry }
  }

  return {
    'GET /api/v1/patches': ({ scope, query }) => listPatches(database, scope, query, clock.now()),
    'POST /api/v1/patches': async (call) => {
      const { dryRun, releaseCounter } = call.query
      if (dryRun === 'true') return uploadAnswer(await lookAtArtefact(files, call.bytes), false, call.scope)
      return uploadAnswer(
        await uploadArtefact(database, files, call.bytes, releaseCounter, person(call)),
        true,
        call.scope,
      )
    },
    'GET /api/v1/patches/:id': ({ scope, params }) => detail(scope, params.id),
    'PATCH /api/v1/patches/:id': async (call) => {
      await changeRemarks(database, call.params.id, call.body, person(call))
      return detail(call.scope, call.params.id)
    },
    'DELETE /api/v1/patches/:id': async (call) => {
      await deletePatch(database, files, call.params.id, call.body.reason, person(call))
      return null
    },
    'GET /api/v1/patches/:id/fit': ({ scope, params, query }) =>
      readPatchFit(database, fitHosts, scope, params.id, query, clock.now()),
    'GET /api/v1/patches/:id/forecast': ({ scope, params, query }) =>
      readPatchForecast(database, forecasts, scope, params.id, query, clock.now()),
    'POST /api/v1/patches/:id/forecast/look': ({ scope, params, body }) => taskLooks.ask(scope, params.id, body.filter),
    'GET /api/v1/patches/:id/compare/:other': ({ params }) => compareModules(database, params.id, params.other),
    'POST /api/v1/patches/:id/signatures': async (call) => {
      await addPatchSignature(database, call.params.id, call.body, person(call))
      return detail(call.scope, call.params.id)
    },
    'POST /api/v1/patch-sets': async (call) =>
      detail(call.scope, await makePatchSet(database, call.body, person(call))),
    'POST /api/v1/vendor-updates': async (call) =>
      detail(call.scope, await enterVendorUpdate(database, call.body, person(call))),
    'GET /api/v1/publisher-keys': async () => ({ items: await listPublisherKeys(database) }),
    'POST /api/v1/publisher-keys': (call) => registerPublisherKey(database, call.body, person(call)),
    'DELETE /api/v1/publisher-keys/:id': async (call) => {
      await revokePublisherKey(database, call.params.id, person(call))
      return null
    },
  }
}

type SignedInCaller = NonNullable<Call['signedIn']>
