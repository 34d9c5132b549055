// Goal: which hosts a patch fits and what is in its way there, over the API, within the scope of whoever asks and as of what
// the hosts said last. Method: real modules, hosts that say what theirs would, and calls of a whole backend.
import { PatchFit, PatchForecast } from '@rebootless/shared/contract/patch-hosts.ts'
import { PatchDetail, PatchList, type PatchUpload } from '@rebootless/shared/contract/patches.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blockingTask } from '../ingest/test-messages.ts'
import { type CatalogueBench, livepatch, startCatalogueBench } from './test-catalogue.ts'

let bench: CatalogueBench
let plain: PatchUpload
let cumulative: PatchUpload
let as: CatalogueBench['as']
let call: CatalogueBench['call']
let read: CatalogueBench['read']
let host: CatalogueBench['host']

beforeAll(async () => {
  bench = await startCatalogueBench()
  ;({ plain, cumulative, as, call, read, host } = bench)
})
afterAll(() => bench.end())

describe('T07 what a scope does not hold is not counted and not named', () => {
  test('in the list, one entry, its warnings, its fit and its forecast', async () => {
    const scoped = await as('viewer', 'label.env:test')
    const { items } = await read(PatchList, scoped, '/patches')
    expect(items.map(({ hosts }) => hosts.total)).toEqual([1, 1, 1])
    const detail = await read(PatchDetail, scoped, `/patches/${plain.id}`)
    expect(detail.hosts).toEqual({ running: 0, ofItsKernel: 1, total: 1 })
    expect(detail.warnings.map(({ code }) => code)).toContain('unsigned')
    const fit = await read(PatchFit, scoped, `/patches/${plain.id}/fit`)
    expect(fit.items.map(({ host: { name } }) => name)).toEqual(['secret'])
    expect(fit.counts).toEqual({ yes: 1, no: 0, unknown: 0 })
    expect((await read(PatchForecast, scoped, `/patches/${plain.id}/forecast`)).looked).toBe(1)
    const others = await read(PatchFit, await as('viewer', 'label.env:prod'), `/patches/${plain.id}/fit`)
    expect(JSON.stringify(others)).not.toContain('secret')
  })
})

describe('fit', () => {
  const answers = async (id: string, query = '') => {
    const { items } = await read(PatchFit, await as('viewer'), `/patches/${id}/fit${query}`)
    return items.map(({ host: { name }, fits, reasons }) => [
      ...[name, fits],
      reasons.filter(({ kind }) => kind !== 'note').map(({ code }) => code),
    ])
  }

  test('each host with why it cannot take it, by name', async () => {
    expect(await answers(plain.id)).toEqual([
      ['free', 'yes', []],
      ['other', 'no', ['release']],
      ['patched', 'no', ['would_be_replaced']],
      ['secret', 'yes', []],
      ['shy', 'unknown', ['signature_rule']],
      ['strict', 'no', ['unsigned']],
    ])
    const { counts, reasons } = await read(PatchFit, await as('viewer'), `/patches/${plain.id}/fit`)
    expect(counts).toEqual({ yes: 2, no: 3, unknown: 1 })
    expect(reasons).toContainEqual({ code: 'unsigned', kind: 'no', hosts: 1 })
  })

  test('by answer, by reason, by filter, and in pages', async () => {
    expect(await answers(plain.id, '?fits=unknown')).toHaveLength(1)
    expect(await answers(plain.id, '?reason=unsigned')).toHaveLength(1)
    expect(await answers(plain.id, '?filter=label.env:test')).toHaveLength(1)
    const names: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: PatchFit = await read(
        PatchFit,
        await as('viewer'),
        `/patches/${plain.id}/fit?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`,
      )
      names.push(...page.items.map(({ host: { name } }) => name))
      cursor = page.nextCursor
    }
    expect(names).toEqual(['free', 'other', 'patched', 'secret', 'shy', 'strict'])
    const wrong = await call(await as('viewer'), 'GET', `/patches/${cumulative.id}/fit?cursor=abc`)
    expect(wrong.json().type).toBe('/problems/cursor_invalid')
  })

  test('what a host says later counts at once', async () => {
    const fickle = await host('fickle', {}, {}, 'fickle')
    expect(await answers(plain.id, '?filter=label.env:fickle')).toEqual([['fickle', 'yes', []]])
    await bench.database.kysely
      .updateTable('hosts')
      .set({ quarantined_at: new Date() })
      .where('id', '=', fickle.id)
      .execute()
    expect(await answers(plain.id, '?filter=label.env:fickle')).toEqual([['fickle', 'no', ['quarantined']]])
    const { body } = await bench.database.kysely
      .selectFrom('host_readings')
      .select('body')
      .where('host_id', '=', fickle.id)
      .where('kind', '=', 'snapshot')
      .executeTakeFirstOrThrow()
    const later = { ...(body as Snapshot), kernel: { ...(body as Snapshot).kernel, modulesDisabled: true } }
    await bench.database.kysely
      .updateTable('host_readings')
      .set({ body: JSON.stringify(later), sequence: 99 })
      .where('host_id', '=', fickle.id)
      .where('kind', '=', 'snapshot')
      .execute()
    expect(await answers(plain.id, '?filter=label.env:fickle')).toEqual([
      ['fickle', 'no', ['quarantined', 'modules_disabled']],
    ])
    await bench.database.kysely.deleteFrom('hosts').where('id', '=', fickle.id).execute()
  })
})

test('a forecast names the functions, who has them, and the task that sleeps there', async () => {
  const task = blockingTask({ stack: [{ function: 'cmdline_proc_show', offset: null, module: null, held: false }] })
  const now = bench.backend.clock.now().toISOString()
  const sleepy = await host(
    'sleepy',
    {},
    {
      livepatches: [livepatch('lp_other', { transition: true })],
      enabledFunctions: [{ name: 'cmdline_proc_show', module: null, count: 1, ipModify: true, line: 'x (1) R I' }],
      transition: {
        ...{ patch: 'lp_other', target: 'patching', startedAt: now, sampledAt: now, tasksTotal: 9, tasksRemaining: 1 },
        ...{ signalledAt: null, forcedAt: null, blocking: [task], blockingTotal: 1, tasksUnreadable: 0 },
      },
    },
    'sleepy',
  )
  const forecast = await read(
    PatchForecast,
    await as('viewer'),
    `/patches/${plain.id}/forecast?filter=label.env:sleepy`,
  )
  expect(forecast).toMatchObject({ looked: 1, stalling: 1, refusing: 0, total: 1 })
  expect(forecast.items[0]).toMatchObject({
    ...{ host: { name: 'sleepy' }, willStall: true, willRefuse: null, conflictTotal: 1 },
    conflicts: [{ kind: 'instruction_pointer', function: 'cmdline_proc_show', refuses: null }],
    sleepers: [{ comm: 'sleeper', function: 'cmdline_proc_show' }],
  })
  expect(forecast.functions).toEqual([
    ...[
      { object: 'vmlinux', function: 'cmdline_proc_show', conflicts: ['instruction_pointer'], sleeping: 1, hosts: 1 },
    ],
  ])
  expect(forecast.cannotKnow.length).toBeGreaterThan(0)
  await bench.database.kysely.deleteFrom('hosts').where('id', '=', sleepy.id).execute()
})
