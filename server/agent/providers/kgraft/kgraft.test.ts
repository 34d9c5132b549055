// Goal: kGraft's sysfs and kgr are read as one account, either without the other. Method: the samples, each from the source
// it names, through the parser of the state table and the provider on a host of texts.
import { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { providerReport } from '@rebootless/shared/domain/provider-report.ts'
import { describe, expect, test } from 'vitest'
import { type TestHostOptions, testProviderHost } from '../test-provider-host.ts'
import { parseStateTable } from './kgraft-sysfs.ts'
import { kgraftProvider } from './provider.ts'
import * as sample from './samples.ts'

const read = async (options: TestHostOptions) =>
  ProviderReport.parse(providerReport('kgraft', await kgraftProvider.read(testProviderHost(options))))

describe('state of a patch, by its functions', () => {
  const table = (...states: number[]) =>
    `Function  Weak  State\n${states.map((state, index) => `f${index}  0  ${state}\n`).join('')}`
  test.each([
    [sample.STATE_APPLIED, 'applied'],
    [sample.STATE_SLOW_FIRST, 'patching'],
    [sample.STATE_REVERTED, 'disabled'],
    [table(2, 3), 'unpatching'],
    [table(2, 4), 'unknown'],
    [table(5), 'unknown'],
    [table(0), 'unknown'],
    [table(22), 'unknown'],
    [table(), 'unknown'],
    ['', 'unknown'],
    ['Function\nconstructor\n', 'unknown'],
    ['\u001b[31m 2\n2 2 2\n', 'unknown'],
  ])('%j is %s', (text, state) => expect(parseStateTable(text).state).toBe(state))

  test('its functions, whose objects are not told', () =>
    expect(parseStateTable(sample.STATE_APPLIED).objects).toEqual([
      {
        ...{ name: 'unknown', patched: null },
        functions: [
          { name: 'SyS_rename', sympos: 0 },
          { name: 'ext4_rename', sympos: 0 },
        ],
      },
    ]))

  test('10 MB: as many functions as are kept', () =>
    expect(parseStateTable(table(2) + 'function  0  2\n'.repeat(700_000)).objects[0]?.functions).toHaveLength(4096))
})

describe('provider', () => {
  test('the tool’s account with the functions of sysfs', async () => {
    const report = await read(sample.SLE_12)
    expect(report).toMatchObject({
      ...{
        active: true,
        inProgress: false,
        coverage: 'supported',
        coverageUntil: '2017-10-25',
        blockers: [],
        troubles: [],
      },
      detail: '1 live patch is active, 1 other not.',
    })
    expect(report.patches).toMatchObject([
      { id: 'kgraft_patch_1_2_2', state: 'superseded', livepatch: null },
      {
        ...{ id: 'kgraft_patch_2_2_1', state: 'applied', version: '2', cves: ['CVE-2016-8666', 'CVE-2016-6480'] },
        ...{ livepatch: null, protects: true, objects: [{ functions: { length: 2 } }] },
      },
    ])
  })

  test('without the tool, in a transition: sysfs and the processes that are in its way', async () => {
    const report = await read(sample.SLE_12_IN_TRANSITION)
    expect(report).toMatchObject({ active: true, inProgress: true, troubles: [] })
    expect(report.patches).toMatchObject([
      { id: 'kgraft_patch_1_2_2', state: 'superseded', protects: false, cves: [] },
      { id: 'kgraft_patch_2_2_1', state: 'patching', stateText: null, protects: true, cves: [] },
    ])
    expect(report.blockers).toEqual([
      { pid: 17, tid: null, comm: 'hwrng', stack: ['[<ffffffff8154b6c5>] hwrng_fillfn+0x85/0x140'] },
    ])
  })

  test('the tool without sysfs', async () => {
    const files = { '/usr/bin/kgr': '' }
    const programs = { ...sample.SLE_12.programs, '/usr/bin/kgr status': { stdout: 'in_progress\n' } }
    const report = await read({ ...sample.SLE_12, files, programs })
    expect(report).toMatchObject({
      inProgress: true,
      blockers: [],
      patches: [{}, { id: 'kgraft_patch_2_2_1', state: 'patching' }],
    })
  })

  test.each([
    ['an error', { exitCode: 1, stderr: 'kgr: no\n' }],
    ['a time-out', { errno: 'ETIMEDOUT' }],
    ['rubbish', { stdout: '\0\u001b[2J' }],
    ['10 MB', { stdout: sample.TWO_PATCHES.repeat(50_000), truncated: true, exitCode: null }],
  ])('%s of the tool is told, and sysfs answers in its place', async (_what, patches) => {
    const programs = { ...sample.SLE_12.programs, '/usr/bin/kgr -v patches': patches }
    const report = await read({ ...sample.SLE_12, programs })
    expect(report.patches).toMatchObject([{ id: 'kgraft_patch_2_2_1', state: 'applied', stateText: null, cves: [] }])
    expect(report.troubles).toMatchObject([{ source: '/usr/bin/kgr -v patches' }])
  })

  test('neither answers', async () => {
    const report = await read({ ...sample.SLE_12, files: { '/usr/bin/kgr': '' }, programs: {} })
    expect(report).toMatchObject({ patches: null, inProgress: null, active: true, troubles: { length: 2 } })
  })

  test('is found by its sysfs or its tool', async () => {
    const detect = (files: Record<string, string>) => kgraftProvider.detect(testProviderHost({ files }))
    expect(await detect({ '/sys/kernel/kgraft/in_progress': '0\n' })).toBe(true)
    expect(await detect({ '/usr/bin/kgr': '' })).toBe(true)
    expect(await detect({ '/usr/bin/klp': '' })).toBe(false)
  })
})
