// Goal: what a rollout would change and did change of exposures, through the API, for those alone who see all its hosts. Method: a
// real backend, a catalogue module that is said to fix a CVE, classes and periods as ingest and judge write them.
import { ExposureChange } from '@rebootless/shared/contract/exposure-change.ts'
import type { RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addTestHost } from '../commands/test-fleet.ts'
import { type Person, type RequestBench, startRequestBench } from '../commands/test-requests.ts'
import { writeExposure } from '../compliance/test-exposure.ts'
import { tell, upstreamCve } from '../exposure/test-exposure-store.ts'

const CVE = 'CVE-2026-1001'
let bench: RequestBench
let operator: Person
let write: ReturnType<typeof writeExposure>
let bare: string
let patched: string
const start = () => bench.backend.clock.now()
const facts = {
  ...{ release: '6.12.1', operatingSystem: { id: 'arch', versionId: null } },
}

beforeAll(async () => {
  bench = await startRequestBench()
  operator = await bench.person('operator')
  write = writeExposure(bench.kysely)
  const kev = { kind: 'kev', addedOn: '2026-01-02', dueOn: null, ransomware: false } as const
  await tell(bench.kysely, CVE, [...upstreamCve('6.12.5'), kev], start())
  await write.cve(CVE, start(), { severity: 'high', knownExploitedOn: kev.addedOn })
  await bench.kysely
    .updateTable('artefacts')
    .set({ srcversion: 'A1B2', hand_cves: [CVE] })
    .where('sha256', '=', bench.artefact)
    .execute()
  bare = await write.class('bare', start(), facts)
  const livepatches = [{ name: 'lp_any', provider: 'livepatch', version: null, cves: [], catalogueCves: [CVE] }]
  patched = await write.class('patched', start(), { ...facts, livepatches })
  await write.verdict(bare, CVE, start(), 'exposed')
  await write.verdict(patched, CVE, start(), 'fixed_by_livepatch')
})
afterAll(() => bench.end())

const snapshot = { livepatches: [], livepatchModules: [], memory: [], enabledFunctions: [] }
const hostOf = async (group: string, env: string, classId = bare) => {
  const host = await addTestHost(bench.kysely, { labels: { group, env }, snapshot })
  await bench.kysely.deleteFrom('host_exposure').where('host_id', '=', host.id).execute()
  await write.host(host.id, classId, start(), { name: host.name })
  return host
}
const planOf = (group: string, change: object = {}) => ({
  ...{ version: 1, name: 'fix', reason: CVE, hosts: `label.group:${group}`, ...change },
  ...{ change: { kind: 'load', patches: [bench.artefact] }, waves: [{ name: 'all', share: { kind: 'rest' } }] },
})
const previewOf = async (who: Person, plan: object) => {
  const answer = await bench.post(who, '/api/v1/rollouts/preview/exposure-change', { plan })
  expect([answer.status, answer.text.slice(0, 200)]).toEqual([200, expect.any(String)])
  return ExposureChange.parse(answer.json())
}

test('T07 a plan closes what its module fixes, on the hosts of the scope that go; who is left out stays exposed', async () => {
  await hostOf('one', 'staging')
  await hostOf('one', 'prod')
  const left = await hostOf('one', 'prod')
  await hostOf('one', 'prod', patched)
  const { ahead, done, sentence } = await previewOf(operator, planOf('one', { exclude: [left.id] }))
  expect(done).toBeNull()
  expect(ahead?.closes).toMatchObject({ exposures: 2, hosts: 2, knownExploited: 2, cveCount: 1 })
  expect(ahead?.closes.cves).toEqual([{ cve: CVE, severity: 'high', knownExploited: true, hosts: 2 }])
  expect(ahead).toMatchObject({ alreadyFixed: 1, notJudged: 0, undoOpens: { exposures: 2 } })
  expect(ahead?.stays).toMatchObject([{ hosts: 1, exposures: 1, names: [left.name] }])
  expect(sentence).toContain('It closes 2 exposures to 1 CVE on 2 hosts; 1 host stays exposed: ')
  const scoped = await bench.person('operator', 'label.env:staging')
  const own = await previewOf(scoped, planOf('one', { exclude: [left.id] }))
  expect(own.ahead).toMatchObject({ closes: { exposures: 1 }, stays: [], alreadyFixed: 0 })
})

test('T07 of a rollout: before it, what it would close; after it, what the periods say that it closed; to no other scope', async () => {
  const host = await hostOf('two', 'prod')
  await hostOf('two', 'prod')
  const made = await bench.post(operator, '/api/v1/rollouts', { plan: planOf('two') })
  const { id } = made.json<RolloutDetail>()
  const read = async (who: Person) => bench.read(who, `/api/v1/rollouts/${id}/exposure-change`)
  const before = ExposureChange.parse((await read(operator)).json())
  expect([before.done, before.ahead?.closes.exposures]).toEqual([null, 2])
  const scoped = await bench.person('operator', 'label.env:staging')
  expect((await read(scoped)).status).toBe(404)

  const started = new Date(start().getTime() + 1000)
  await write.host(host.id, patched, new Date(started.getTime() + 2000), { name: host.name })
  const ended = new Date(started.getTime() + 5000)
  await bench.kysely
    .updateTable('rollouts')
    .set({ started_at: started, ended_at: ended })
    .where('id', '=', id)
    .execute()
  bench.backend.clock.advance(60_000)
  const after = ExposureChange.parse((await read(operator)).json())
  expect(after.ahead).toBeNull()
  expect(after.done).toMatchObject({ closed: { exposures: 1, hosts: 1 }, opened: { exposures: 0 } })
  expect(after.sentence).toBe('It closed 1 exposure to 1 CVE on 1 host.')
})
