// Goal: the catalogue over its API: what an upload is said to be before it is kept, entries of each kind, notes and CVEs,
// publishers' signatures, comparison and removal. Method: real modules that were built for it, and calls of a whole backend.
import { randomUUID, sign } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { PatchComparison } from '@rebootless/shared/contract/patch-comparison.ts'
import { PatchFit } from '@rebootless/shared/contract/patch-hosts.ts'
import { PatchDetail, PatchList, type PatchUpload, PublisherKey } from '@rebootless/shared/contract/patches.ts'
import { PAYLOAD_TYPES, type PayloadType, signingBytes } from '@rebootless/shared/domain/signing-bytes.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newApproverKey } from '../commands/test-fleet.ts'
import { eventually } from '../link/link-test-bench.ts'
import { startTestBackend } from '../test-backend.ts'
import { type CatalogueBench, startCatalogueBench } from './test-catalogue.ts'

let bench: CatalogueBench
let plain: PatchUpload
let cumulative: PatchUpload
let older: PatchUpload
let as: CatalogueBench['as']
let call: CatalogueBench['call']
let read: CatalogueBench['read']
let upload: CatalogueBench['upload']
let host: CatalogueBench['host']
const kept = () => readdir(path.join(bench.backend.dataFolder, 'artefacts'))

beforeAll(async () => {
  bench = await startCatalogueBench()
  ;({ plain, cumulative, older, as, call, read, upload, host } = bench)
})
afterAll(() => bench.end())

describe('an upload', () => {
  test('is read whole and warned of before anything is kept', async () => {
    const before = [await kept(), (await read(PatchList, await as('viewer'), '/patches')).total]
    const seen = await upload('6.12/lpi_objects', '?dryRun=true')
    expect(seen).toMatchObject({ name: 'lpi_objects', entry: null, facts: { maker: 'source', replace: false } })
    expect(seen.warnings.map(({ code }) => code)).toEqual([
      ...['unsigned_refused', 'not_cumulative', 'callbacks', 'no_cve', 'taints'],
    ])
    expect([await kept(), (await read(PatchList, await as('viewer'), '/patches')).total]).toEqual(before)
    const audit = bench.database.kysely.selectFrom('audit').select('target_id').where('target_id', '=', seen.id)
    expect(await audit.execute()).toEqual([])
  })

  test('that is kept says the same, and how many hosts of the scope it is for', async () => {
    expect(plain.entry).toMatchObject({ id: plain.id, kind: 'module', hosts: { running: 0, ofItsKernel: 4, total: 5 } })
    expect(cumulative.entry?.hosts.running).toBe(0)
    const detail = await read(PatchDetail, await as('viewer'), `/patches/${cumulative.id}`)
    expect(detail).toMatchObject({ facts: cumulative.facts, hosts: { running: 1, ofItsKernel: 5, total: 6 } })
  })

  test('again keeps its place', async () => {
    expect((await upload('6.12/lpi_plain')).entry?.releaseCounter).toBe(plain.entry?.releaseCounter)
  })
})

test('two modules are compared by function', async () => {
  const compared = await read(PatchComparison, await as('viewer'), `/patches/${plain.id}/compare/${cumulative.id}`)
  expect(compared.counts).toEqual({ both: 0, left: 1, right: 3 })
  expect(compared.summary).toMatch(/^Loaded after lpi_plain, lpi_cumulative takes its place/)
  const nowhere = await call(await as('viewer'), 'GET', `/patches/${plain.id}/compare/${'0'.repeat(64)}`)
  expect(nowhere.json().type).toBe('/problems/patch_not_found')
})

test('notes and CVEs: each with who says so, in the log, and found by the filter', async () => {
  const operator = await as('operator')
  const body = { notes: 'tried', vendorNotes: 'Also fixes CVE-2025-9000.', cves: ['CVE-2025-9001', 'CVE-2025-9001'] }
  const changed = await call(operator, 'PATCH', `/patches/${plain.id}`, { body })
  expect(changed.status, changed.text).toBe(200)
  expect(PatchDetail.parse(changed.json())).toMatchObject({ notes: 'tried', vendorNotes: body.vendorNotes })
  expect(PatchDetail.parse(changed.json()).cveSources.slice(-3)).toEqual([
    { cve: 'CVE-2025-9000', sources: ['vendor notes'] },
    { cve: 'CVE-2025-9001', sources: ['hand'] },
    { cve: 'CVE-2026-0001', sources: ['metadata'] },
  ])
  const found = await read(PatchList, operator, '/patches?filter=cve:CVE-2025-9001')
  expect(found.items.map(({ id }) => id)).toEqual([plain.id])
  // What is not given stays.
  await call(operator, 'PATCH', `/patches/${plain.id}`, { body: { cves: [] } })
  const { notes, cves } = await read(PatchDetail, operator, `/patches/${plain.id}`)
  expect([notes, cves.includes('CVE-2025-9001'), cves.includes('CVE-2025-9000')]).toEqual(['tried', false, true])
})

describe('publishers', () => {
  const register = async (publicKey: string, name = 'builds') =>
    call(await as('admin'), 'POST', '/publisher-keys', { body: { publicKey, name } })
  const signed = async (
    id: string,
    key: ReturnType<typeof newApproverKey>,
    type: PayloadType = PAYLOAD_TYPES.patch,
  ) => {
    const signature = sign(null, signingBytes(type, id), key.privateKey).toString('base64')
    return call(await as('operator'), 'POST', `/patches/${id}/signatures`, {
      body: { publicKey: key.publicKey, signature },
    })
  }

  test('T23 a signature counts over this file, by a key that is registered, and while it is', async () => {
    const key = newApproverKey()
    expect((await signed(plain.id, key)).json().type).toBe('/problems/signature_refused')
    const { id } = PublisherKey.parse((await register(key.publicKey)).json())
    const otherFile = sign(null, signingBytes(PAYLOAD_TYPES.patch, cumulative.id), key.privateKey).toString('base64')
    const body = { publicKey: key.publicKey, signature: otherFile }
    const wrong = await call(await as('operator'), 'POST', `/patches/${plain.id}/signatures`, { body })
    expect(wrong.json().type).toBe('/problems/signature_refused')
    const otherType = await signed(plain.id, key, PAYLOAD_TYPES.authorisation)
    expect(otherType.json().type).toBe('/problems/signature_refused')
    const good = await signed(plain.id, key)
    expect(good.status, good.text).toBe(201)
    expect(PatchDetail.parse(good.json())).toMatchObject({
      signedBy: ['builds'],
      signatures: [{ publisher: 'builds' }],
    })
    expect((await signed(plain.id, key)).status).toBe(201)

    expect((await call(await as('admin'), 'DELETE', `/publisher-keys/${id}`)).status).toBe(204)
    const after = await read(PatchDetail, await as('viewer'), `/patches/${plain.id}`)
    expect([after.signedBy, after.signatures.length]).toEqual([[], 1])
    expect(after.signatures[0]?.revokedAt).not.toBeNull()
    expect((await register(key.publicKey)).json().type).toBe('/problems/publisher_key_refused')
    expect((await signed(cumulative.id, key)).json().type).toBe('/problems/signature_refused')
  })

  test('T25 an approver’s own key is no publisher’s', async () => {
    const { publicKey } = newApproverKey()
    await call(await as('approver'), 'POST', '/approver-keys', { body: { publicKey, name: 'desk' } })
    expect((await register(publicKey)).json().type).toBe('/problems/publisher_key_refused')
  })
})

describe('a set', () => {
  const make = async (modules: readonly string[]) =>
    call(await as('operator'), 'POST', '/patch-sets', { body: { name: 'plain everywhere', modules } })

  test('has one module for each kernel, and fits where one of them does', async () => {
    expect((await make([plain.id, cumulative.id])).json().type).toBe('/problems/patch_refused')
    expect((await make(['0'.repeat(64)])).json().type).toBe('/problems/patch_refused')
    const made = await make([plain.id, older.id])
    expect(made.status, made.text).toBe(201)
    const set = PatchDetail.parse(made.json())
    expect(set.hosts).toEqual({ running: 0, ofItsKernel: 6, total: 6 })
    expect(set.cveSources).toContainEqual({ cve: 'CVE-2026-0001', sources: ['modules'] })
    expect(set.cves).toContain('CVE-2026-0001')
    const { items } = await read(PatchFit, await as('viewer'), `/patches/${set.id}/fit`)
    expect(items.map(({ host: { name }, fits, module }) => [name, fits, module])).toEqual([
      ['free', 'yes', plain.id],
      ['other', 'yes', older.id],
      ['patched', 'no', plain.id],
      ['secret', 'yes', plain.id],
      ['shy', 'unknown', plain.id],
      ['strict', 'no', plain.id],
    ])
    const refused = await call(await as('operator'), 'DELETE', `/patches/${plain.id}`, { body: { reason: 'test' } })
    expect(refused.json()).toMatchObject({
      type: '/problems/patch_in_use',
      detail: expect.stringContaining('everywhere'),
    })
    expect((await read(PatchDetail, await as('viewer'), `/patches/${plain.id}`)).sets).toHaveLength(1)
    expect(
      (await call(await as('operator'), 'DELETE', `/patches/${set.id}`, { body: { reason: 'test' } })).status,
    ).toBe(204)
  })

  test('of another kernel’s modules alone fits no other host', async () => {
    const set = PatchDetail.parse((await make([older.id])).json())
    const fit = await read(PatchFit, await as('viewer'), `/patches/${set.id}/fit?fits=no`)
    expect(fit.reasons.find(({ code }) => code === 'release')?.hosts).toBe(5)
    await call(await as('operator'), 'DELETE', `/patches/${set.id}`, { body: { reason: 'test' } })
  })
})

test('a vendor’s update has a level instead of a file', async () => {
  const operator = await as('operator')
  const body = { name: 'July', provider: 'ksplice', level: '6.12.9-1', vendorNotes: 'CVE-2025-7777' }
  const made = await call(operator, 'POST', '/vendor-updates', { body })
  expect(made.status, made.text).toBe(201)
  const update = PatchDetail.parse(made.json())
  expect(update).toMatchObject({ kind: 'vendor_update', module: null, facts: null, cves: ['CVE-2025-7777'] })
  const { counts } = await read(PatchFit, operator, `/patches/${update.id}/fit`)
  expect(counts).toEqual({ yes: 0, no: 6, unknown: 0 })
  const forecast = await call(operator, 'GET', `/patches/${update.id}/forecast`)
  expect(forecast.json().type).toBe('/problems/patch_refused')
  const listed = await read(PatchList, operator, '/patches?filter=provider:ksplice')
  expect(listed.items.map(({ id }) => id)).toEqual([update.id])
  expect((await call(operator, 'DELETE', `/patches/${update.id}`, { body: { reason: 'test' } })).status).toBe(204)
})

describe('the list', () => {
  test.each([
    ['sort=added', ['6.1', '6.12', 'cumulative']],
    ['sort=-added', ['cumulative', '6.12', '6.1']],
    ['sort=-name', ['6.12', '6.1', 'cumulative']],
    ['sort=-hosts&limit=1', ['cumulative']],
    ['filter=running:yes', ['cumulative']],
    ['filter=-cumulative:yes&sort=release', ['6.1', '6.12']],
  ])('%s', async (query, expected) => {
    const { items } = await read(PatchList, await as('viewer'), `/patches?${query}`)
    const short = new Map([
      [older.id, '6.1'],
      [plain.id, '6.12'],
      [cumulative.id, 'cumulative'],
    ])
    const found = items.map(({ id }) => short.get(id))
    // Two have one name: which of them comes first is the id's affair.
    expect(query.includes('name') ? [...found].sort() : found).toEqual(
      query.includes('name') ? [...expected].sort() : expected,
    )
  })

  test('by a function: those whose files say that they replace it', async () => {
    const viewer = await as('viewer')
    const all = (await read(PatchList, viewer, '/patches')).items
    const details = await Promise.all(all.map(({ id }) => read(PatchDetail, viewer, `/patches/${id}`)))
    const namesOf = ({ facts }: PatchDetail) =>
      (facts?.objects ?? []).flatMap(({ functions }) => functions.map(({ name }) => name))
    const [name = ''] = details.flatMap(namesOf)
    expect(name).not.toBe('')
    const having = details.filter((detail) => namesOf(detail).includes(name)).map(({ id }) => id)
    for (const [filter, expected] of [
      [`function:${name}`, having],
      [`-function:${name}`, all.map(({ id }) => id).filter((id) => !having.includes(id))],
      ['function:no_such_function', []],
    ] as const) {
      const { items } = await read(PatchList, viewer, `/patches?filter=${encodeURIComponent(filter)}`)
      expect([filter, items.map(({ id }) => id).sort()]).toEqual([filter, [...expected].sort()])
    }
  })

  test('in pages, each entry once', async () => {
    const viewer = await as('viewer')
    const first = await read(PatchList, viewer, '/patches?limit=2')
    const second = await read(PatchList, viewer, `/patches?limit=2&cursor=${first.nextCursor}`)
    expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(3)
    expect(second.nextCursor).toBeNull()
    const odd = await call(viewer, 'GET', `/patches?filter=${encodeURIComponent('nope:x')}`)
    expect(odd.json().type).toBe('/problems/filter_invalid')
  })
})

test('what an earlier version kept without reading it whole is read at the next start', async () => {
  const { kysely } = bench.database
  await sql`update artefacts set facts = null`.execute(kysely)
  const unread = await read(PatchDetail, await as('viewer'), `/patches/${older.id}`)
  expect([unread.facts, unread.module?.replace, unread.module?.release]).toEqual([null, null, older.facts.release])
  const unknown = await read(PatchFit, await as('viewer'), `/patches/${older.id}/fit?fits=unknown`)
  expect(unknown.reasons.map(({ code }) => code)).toContain('module_unread')

  const next = await startTestBackend(bench.database, { settings: { dataFolder: bench.backend.dataFolder } })
  await eventually('they are read', async () => {
    const { facts } = await read(PatchDetail, await as('viewer'), `/patches/${older.id}`)
    return facts !== null
  })
  await next.close()
  expect((await read(PatchDetail, await as('viewer'), `/patches/${older.id}`)).facts).toEqual(older.facts)
})

describe('removal', () => {
  test('waits for open commands, then takes the file along', async () => {
    const operator = await as('operator')
    const { id: hostId } = await host('target')
    const body = { action: 'load', artefact: plain.id, hosts: [{ id: hostId }], reason: 'CVE-2025-1' }
    const asked = await call(operator, 'POST', '/authorisations', { body })
    expect(asked.status, asked.text).toBe(201)
    const refused = await call(operator, 'DELETE', `/patches/${plain.id}`, { body: { reason: 'test' } })
    expect(refused.json().type).toBe('/problems/patch_in_use')
    expect((await read(PatchDetail, operator, `/patches/${plain.id}`)).cannotDelete).toMatch(/still open/)
    await call(operator, 'POST', `/authorisations/${asked.json<{ id: string }>().id}/cancel`)
    const { kysely } = bench.database
    const now = bench.backend.clock.now()
    await kysely
      .insertInto('rollouts')
      .values({
        ...{ id: randomUUID(), name: 'r', plan: JSON.stringify({ patches: [plain.id] }), plan_sha256: '0'.repeat(64) },
        ...{
          phase: 'draft',
          sentence: '',
          head: '{}',
          offers: '[]',
          version: 1,
          fencing: 1,
          follows: false,
          scope: null,
        },
        ...{ created_by: randomUUID(), created_by_name: 'ann', created_at: now, started_at: null, ended_at: null },
      })
      .execute()
    const named = await call(operator, 'DELETE', `/patches/${plain.id}`, { body: { reason: 'test' } })
    expect(named.json()).toMatchObject({ type: '/problems/patch_in_use', detail: expect.stringContaining('rollout') })
    await kysely.updateTable('rollouts').set({ ended_at: now }).execute()
    expect((await call(operator, 'DELETE', `/patches/${plain.id}`, { body: { reason: 'test' } })).status).toBe(204)
    expect(await kept()).not.toContain(`${plain.id}.ko`)
    expect((await call(operator, 'GET', `/patches/${plain.id}`)).status).toBe(404)
    expect((await call(operator, 'DELETE', `/patches/${plain.id}`, { body: { reason: 'test' } })).status).toBe(404)
  })
})
