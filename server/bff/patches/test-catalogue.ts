import type { KernelFacts, Livepatch } from '@rebootless/shared/contract/kernel.ts'
import { PatchUpload } from '@rebootless/shared/contract/patches.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { Role } from '@rebootless/shared/domain/words.ts'
import { expect } from 'vitest'
import { addTestHost } from '../commands/test-fleet.ts'
import { createTestDatabase } from '../database/test-database.ts'
import { signInAs } from '../http/test-users.ts'
import { patchedSnapshot } from '../ingest/test-messages.ts'
import { startTestBackend, type TestCall } from '../test-backend.ts'
import { builtModule } from './module/test-built.ts'

export const livepatch = (name: string, parts: Partial<Livepatch> = {}): Livepatch => ({
  ...{ name, enabled: true, transition: false, replace: true, stackOrder: 1, objects: [], unknownAttributes: [] },
  ...parts,
})

/**
 * A whole backend with three real modules, one of them of another kernel, and six hosts: `free` takes all, `strict` and
 * `shy` have or may have a rule on signatures, `other` runs another kernel, `secret` bears env:test and not env:prod,
 * `patched` has the cumulative module in.
 */
export const startCatalogueBench = async () => {
  const database = await createTestDatabase()
  const backend = await startTestBackend(database)
  const as = (role: Role, scope: string | null = null) => signInAs(database.kysely, role, backend.clock, scope)
  const call = async (cookie: string, method: string, target: string, init: TestCall = {}) =>
    backend.call(method, `/api/v1${target}`, { cookie, ...init })
  const upload = async (name: string, query = ''): Promise<PatchUpload> => {
    const headers = { 'content-type': 'application/octet-stream' }
    const bytes = builtModule(name)
    const answer = await call(await as('operator'), 'POST', `/patches${query}`, { headers, bytes })
    expect(answer.status, answer.text).toBe(201)
    return PatchUpload.parse(answer.json())
  }
  const { release } = (await upload('6.12/lpi_plain', '?dryRun=true')).facts
  const host = (name: string, kernel: Partial<KernelFacts> = {}, snapshot: Partial<Snapshot> = {}, env = 'prod') =>
    addTestHost(database.kysely, {
      ...{ name, now: backend.clock.now(), labels: { env } },
      snapshot: {
        ...{ kernel: { ...patchedSnapshot().kernel, release, ...kernel }, livepatches: [], livepatchModules: [] },
        ...{ memory: [], enabledFunctions: [], ...snapshot },
      },
    })

  const older = await upload('6.1/lpi_plain')
  await host('free')
  await host('strict', { moduleSignatureEnforced: true })
  await host('shy', { lockdown: null })
  await host('other', { release: older.facts.release })
  await host('secret', {}, {}, 'test')
  const plain = await upload('6.12/lpi_plain')
  const cumulative = await upload('6.12/lpi_cumulative')
  const { srcversion } = cumulative.facts
  const module = { name: 'lpi_cumulative', version: null, srcversion, refcnt: 1, taint: 'OK', sizeBytes: 1 }
  await host('patched', {}, { livepatches: [livepatch('lpi_cumulative')], livepatchModules: [module] })

  return {
    ...{ database, backend, as, call, upload, host, older, plain, cumulative },
    async read<T>(schema: { parse(value: unknown): T }, cookie: string, target: string): Promise<T> {
      const answer = await call(cookie, 'GET', target)
      expect(answer.status, answer.text).toBe(200)
      return schema.parse(answer.json())
    },
    async end() {
      await backend.close()
      await database.drop()
    },
  }
}
export type CatalogueBench = Awaited<ReturnType<typeof startCatalogueBench>>
