// Goal: what klp prints becomes exactly what it means; a patch that fixes nothing never counts as protection. Method: the
// samples, each from the source it names, through the parsers and the provider on a host of texts.
import { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { providerReport } from '@rebootless/shared/domain/provider-report.ts'
import { describe, expect, test } from 'vitest'
import { type TestHostOptions, testProviderHost } from '../test-provider-host.ts'
import { lifecycleEnd } from './lifecycle.ts'
import { parseSuseSearch, susePackage } from './package-offers.ts'
import { klpProvider } from './provider.ts'
import * as sample from './samples.ts'
import {
  parseBlocking,
  parseSusePatches,
  parseSuseStatus,
  patchedByUname,
  rpmEdition,
  rpmVersion,
} from './suse-text.ts'

const read = async (options: TestHostOptions) =>
  ProviderReport.parse(providerReport('klp', await klpProvider.read(testProviderHost(options))))

describe('klp -v patches', () => {
  test('an initial patch', () =>
    expect(parseSusePatches(sample.INITIAL)).toEqual({
      patches: [
        {
          ...{ name: 'livepatch_1_5_3_2', active: '1', cves: [], initial: true },
          rpm: 'kernel-livepatch-5_3_18-24_34-default-1-5.3.2.x86_64',
        },
      ],
      notUnderstood: 0,
    }))

  test('one that follows it, and remarks', () =>
    expect(parseSusePatches(`# a remark\n${sample.CUMULATIVE}`).patches).toMatchObject([
      { name: 'livepatch_1_5_3_2', active: '0', rpm: null, cves: [], initial: false },
      {
        name: 'livepatch_2_2_1',
        active: '1',
        cves: ['CVE-2021-26930', 'CVE-2021-26931', 'CVE-2021-26932'],
        initial: false,
      },
    ]))

  test('names one a line, as without -v, are not taken for patches: whether they are active is not said', () =>
    expect(parseSusePatches('livepatch_1_5_3_2\nlivepatch_2_2_1\n')).toEqual({ patches: [], notUnderstood: 2 }))

  test('what bears no module’s name is no patch', () =>
    expect(parseSusePatches('no patches\n    active: 1\n\n\u001b[31mx\n    active: 1\n\n    active: 1\n')).toEqual({
      ...{ patches: [], notUnderstood: 3 },
    }))

  test('nothing', () => expect(parseSusePatches('')).toEqual({ patches: [], notUnderstood: 0 }))
})

describe('the rest of its words', () => {
  test.each([
    ['ready\n', 'ready'],
    ['in_progress\n', 'in_progress'],
    ['', null],
    ['ready in_progress', null],
  ])('status %j', (text, status) => expect(parseSuseStatus(text)).toBe(status))

  test.each([
    ['kernel-livepatch-5_3_18-24_34-default-1-5.3.2.x86_64', '1', '1-5.3.2'],
    ['kgraft-patch-3_12_62-60_64_8-default-2-2.1.x86_64', '2', '2-2.1'],
    ['kernel-livepatch-6_4_0-150600_23_25-default-11-150600.13.6.1.ppc64le', '11', '11-150600.13.6.1'],
    ['(none)', null, null],
    [null, null, null],
  ])('package %s', (rpm, version, edition) => {
    expect(rpmVersion(rpm)).toBe(version)
    expect(rpmEdition(rpm)).toBe(edition)
  })

  test.each([
    ['4242\n4343\n', [4242, 4343]],
    ['no threads with klp_in_progress set\n', []],
    ['4242 /usr/bin/sleep 1000\n    stack\n', [4242]],
    ['', []],
  ])('blocking %j', (text, pids) => expect(parseBlocking(text)).toEqual(pids))

  test.each([
    ['#1 SMP Thu Nov 19 12:00:00 UTC 2020 (b2a976e/lp-cd28ef5)', true],
    ['#1 SMP Thu Nov 19 12:00:00 UTC 2020 (b2a976e/kGraft-8b8f2e8)', true],
    ['#1 SMP PREEMPT_DYNAMIC (b2a976e/lp)', true],
    ['#1 SMP Thu Nov 19 12:00:00 UTC 2020 (b2a976e)', false],
    [null, false],
  ])('uname -v %s', (version, patched) => expect(patchedByUname(version)).toBe(patched))
})

describe('lifecycle data', () => {
  const name = 'kernel-livepatch-5_3_18-24_34-default'
  test('the line of this kernel; expressions are passed over', () =>
    expect(lifecycleEnd(sample.LIFECYCLE, name, null)).toBe('2021-12-02'))
  test.each([
    [`${name},*,2021-12-02\n${name},*,2022-01-02\n`, '1-1', '2022-01-02'], // The last counts.
    [`${name},1-*,2021-12-02\n`, '1-5.3.2', '2021-12-02'],
    [`${name},1-*,2021-12-02\n`, '2-5.3.2', null],
    [`${name},1-*,2021-12-02\n`, null, null],
    ['kernel-livepatch-*-default,*,2021-12-02\n', null, '2021-12-02'],
    ['kernel-*-5_3*-rt,*,2021-12-02\n', null, null],
    [`${name},*,,successor\n`, null, null],
    [`${name},*,2021-02-30\n`, null, null],
    ['\0,,,\n"', null, null],
  ])('%j', (text, edition, day) => expect(lifecycleEnd(text, name, edition)).toBe(day))
})

describe('provider', () => {
  test('an initial patch is in, and does not protect', async () =>
    expect(await read(sample.SLE_15_INITIAL)).toMatchObject({
      ...{
        active: true,
        inProgress: false,
        coverage: 'supported',
        coverageUntil: '2021-12-02',
        troubles: [],
        blockers: [],
      },
      detail: '1 live patch is active; it is the initial one, which fixes nothing.',
      settings: [{ name: 'lifecycle data', value: '/usr/share/lifecycle/data/sle-module-live-patching.lifecycle' }],
      patches: [
        {
          ...{ id: 'livepatch_1_5_3_2', version: '1', state: 'applied', stateText: 'active: 1', cves: [] },
          ...{ livepatch: 'livepatch_1_5_3_2', protects: false, withdrawn: false, atNextBoot: null },
        },
      ],
    }))

  test('a transition, with its blocking processes from /proc', async () => {
    const report = await read(sample.SLE_15_IN_TRANSITION)
    expect(report.patches).toMatchObject([
      { id: 'livepatch_1_5_3_2', state: 'superseded' },
      { id: 'livepatch_2_2_1', state: 'patching', version: '2', protects: true, cves: { length: 3 } },
    ])
    expect(report.blockers).toEqual([
      {
        ...{ pid: 4242, tid: null, comm: 'kworker/3:1' },
        stack: ['[<0>] worker_thread+0x5f/0x3b0', '[<0>] kthread+0xe2/0x110'],
      },
      { pid: 4343, tid: null, comm: null, stack: [] },
    ])
  })

  test('command lines of processes are not asked for', async () => {
    const host = testProviderHost(sample.SLE_15_IN_TRANSITION)
    await klpProvider.read(host)
    expect(host.asked.map(({ path }) => path).filter((path) => path.includes('blocking'))).toEqual([
      '/usr/bin/klp blocking',
    ])
    expect(host.asked.some(({ path }) => path.endsWith('/cmdline'))).toBe(false)
  })

  test('the year is over', async () =>
    expect(await read({ ...sample.SLE_15_INITIAL, now: Date.parse('2021-12-03T00:00:00Z') })).toMatchObject({
      ...{ coverage: 'end_of_life', coverageUntil: '2021-12-02' },
    }))

  test('without lifecycle data nothing is known of it', async () =>
    expect(await read({ ...sample.SLE_15_INITIAL, files: { '/usr/bin/klp': '' } })).toMatchObject({
      ...{ coverage: 'unknown', coverageUntil: null },
    }))

  test('no patch', async () => {
    const programs = { ...sample.SLE_15_INITIAL.programs, '/usr/bin/klp -v patches': { stdout: '' } }
    expect(await read({ ...sample.SLE_15_INITIAL, programs })).toMatchObject({
      ...{ patches: [], active: false, detail: 'No live patch is active.' },
    })
  })

  test.each([
    ['an error', { exitCode: 1, stderr: 'klp: not root\n' }],
    ['a time-out', { errno: 'ETIMEDOUT' }],
    ['rubbish', { stdout: '\u001b[2J\0{}\n' }],
    ['10 MB', { stdout: 'x\n    active: 1\n\n'.repeat(700_000), truncated: true, exitCode: null }],
  ])('%s: which patches are in is not known, and why is told', async (_what, patches) => {
    const programs = { ...sample.SLE_15_INITIAL.programs, '/usr/bin/klp -v patches': patches }
    const report = await read({ ...sample.SLE_15_INITIAL, programs })
    // `uname -v` hints at one.
    expect(report).toMatchObject({ patches: null, active: true, troubles: [{ source: '/usr/bin/klp -v patches' }] })
  })

  test('status fails: sysfs answers', async () => {
    const programs = { ...sample.SLE_15_IN_TRANSITION.programs, '/usr/bin/klp status': { stdout: 'maybe\n' } }
    const report = await read({ ...sample.SLE_15_IN_TRANSITION, programs })
    expect(report).toMatchObject({ inProgress: true, troubles: [{ source: '/usr/bin/klp status' }] })
  })

  test('status fails, and sysfs too: an active patch is not said to be applied', async () => {
    const programs = { '/usr/bin/klp -v patches': { stdout: sample.INITIAL } }
    const report = await read({ ...sample.SLE_15_INITIAL, livepatches: null, programs })
    expect(report).toMatchObject({ inProgress: null, patches: [{ state: 'unknown' }] })
  })

  test('is found by its tool', async () => {
    expect(await klpProvider.detect(testProviderHost({ files: { '/usr/bin/klp': '' } }))).toBe(true)
    expect(await klpProvider.detect(testProviderHost({ files: { '/usr/bin/kgr': '' } }))).toBe(false)
  })
})

describe('what zypper’s lists offer', () => {
  const name = 'kernel-livepatch-5_3_18-24_34-default'
  const command = `/usr/bin/zypper --non-interactive --no-refresh --xmlout search --details --match-exact --type package ${name}`
  const reading = (program: object) => ({
    ...sample.SLE_15_INITIAL,
    files: { ...sample.SLE_15_INITIAL.files, '/usr/bin/zypper': '' },
    programs: { ...sample.SLE_15_INITIAL.programs, [command]: program },
  })

  test('a newer version than the one that is there is the one step', async () => {
    const report = await read(reading({ stdout: sample.ZYPPER_SEARCH }))
    const id = `${name}-3-2.1.x86_64`
    expect(report).toMatchObject({ steps: [{ action: 'install', id, name: id, cves: [] }], troubles: [] })
  })

  test('the newest counts once it is in the kernel; where that is not known, once it is installed', () => {
    const newest = (active: string | null | undefined, text = sample.ZYPPER_SEARCH) =>
      parseSuseSearch(text, name, active)?.map(({ id }) => id)
    const step = [`${name}-3-2.1.x86_64`]
    expect(newest('1-5.3.2')).toEqual(step)
    expect(newest('3-2.1')).toEqual([])
    expect(newest(undefined)).toEqual(step)
    const installed = sample.ZYPPER_SEARCH.replace('"other-version"', '"installed"')
    expect(newest(undefined, installed)).toEqual([])
    expect(newest(null, installed)).toEqual(step)
    // Numbers are compared as such.
    expect(newest('3-2.1', sample.ZYPPER_SEARCH.replace('"1-5.3.2"', '"10-2.1"'))).toEqual([`${name}-10-2.1.x86_64`])
    expect(parseSuseSearch(sample.ZYPPER_SEARCH, 'kernel-livepatch-5_3_18-24_37-default', null)).toBeNull()
  })

  test('lists without it say nothing: their repository may not be registered', async () => {
    const report = await read(reading({ exitCode: 104, stdout: '<stream></stream>' }))
    expect(report).toMatchObject({ steps: null, troubles: [] })
  })

  test.each([
    ['another zypper runs', { exitCode: 7, stdout: 'System management is locked' }, 7],
    ['no list', { stdout: 'x' }, 0],
  ])('%s: a trouble', async (_, program, code) => {
    expect(await read(reading(program))).toMatchObject({ steps: null, troubles: [{ code }] })
  })

  test('a kernel for which SUSE makes no package asks for none', () => {
    expect(susePackage('6.4.0-150600.23.25-default')).toBe('kernel-livepatch-6_4_0-150600_23_25-default')
    expect(susePackage('6.4.0-1-vanilla')).toBeNull()
  })
})
