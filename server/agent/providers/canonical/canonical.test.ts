// Goal: what Canonical's client and the Pro client print, of every version, becomes exactly what it means, and is joined
// with sysfs. Method: the samples, each from the source it names, through the parsers and the provider on a host of texts.
import { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { providerReport } from '@rebootless/shared/domain/provider-report.ts'
import { describe, expect, test } from 'vitest'
import { type TestHostOptions, testProviderHost } from '../test-provider-host.ts'
import { moduleOf, noticeOf, parseStatus } from './livepatch-status.ts'
import { parseProReboot } from './pro-reboot.ts'
import { canonicalProvider } from './provider.ts'
import * as sample from './samples.ts'

const read = async (options: TestHostOptions) => {
  const host = testProviderHost(options)
  const report = ProviderReport.parse(providerReport('canonical', await canonicalProvider.read(host)))
  return { report, asked: host.asked }
}
/** The status of 10.8.3 with something else of its kernel, or of its patch. */
const changed = (patch: object, kernel: object = {}): TestHostOptions => {
  const [first] = sample.STATUS_10.Status
  const Livepatch = { ...first?.Livepatch, ...patch }
  return sample.withStatus({ ...sample.STATUS_10, Status: [{ ...first, ...kernel, Livepatch }] })
}
const withProgram = (line: string, output: NonNullable<TestHostOptions['programs']>[string]): TestHostOptions => ({
  ...sample.APPLIED,
  programs: { ...sample.APPLIED.programs, [line]: output },
})
const UNREAD = { patches: null, active: null, detail: 'Canonical Livepatch is here; its status could not be read.' }

describe('a host', () => {
  test('with a patch of client 10.8.3; a newer kernel waits, and is covered', async () => {
    const { report } = await read(sample.APPLIED)
    expect(report).toMatchObject({
      ...{ detail: 'Canonical Livepatch 104.1: applied.', version: '10.8.3', active: true, effectiveKernel: null },
      ...{ coverage: 'supported', coverageUntil: '2025-03-07', access: 'ok', steps: [], behind: false },
      ...{ inProgress: false, reboot: 'yes_but_covered', checkedAt: '2024-08-20T05:14:28.000Z', troubles: [] },
      rebootReason: 'A reboot brings in linux-image-5.15.0-101-generic',
      settings: [{ name: 'tier', value: 'updates' }],
    })
    expect(report.patches).toEqual([
      {
        ...{ id: '104.1', name: 'LSN-0104-1', version: '104.1', target: 'kernel', state: 'applied' },
        ...{ stateText: 'applied', cves: ['CVE-2023-6270', 'CVE-2024-1086'], atNextBoot: null, protects: true },
        ...{ withdrawn: false, livepatch: 'lkp_Ubuntu_5_15_0_100_110_generic_104' },
      },
    ])
  })

  test('with several kernels: the running one counts, and only what is patched', async () => {
    const { report } = await read(sample.SEVERAL_KERNELS)
    expect(report).toMatchObject({ version: 'v11.0.2', coverageUntil: '2027-10-05', reboot: 'unknown' })
    expect(report.patches).toMatchObject([
      { id: '121.4', livepatch: 'lkp_Ubuntu_6_8_0_1047_50_aws_121', cves: ['CVE-2026-31431'] },
    ])
  })

  test('of 2022, with nothing to apply', async () => {
    const { report } = await read(sample.withStatus(sample.STATUS_2022))
    expect(report).toMatchObject({ patches: [], steps: [], behind: false, coverage: 'unknown', coverageUntil: null })
  })

  test('with a patch that is offered and not applied', async () => {
    const { report } = await read(changed({ State: 'unapplied' }))
    expect(report).toMatchObject({
      ...{ patches: [], behind: true, inProgress: false },
      steps: [
        {
          ...{ action: 'install', id: '104.1', name: 'LSN-0104-1' },
          cves: ['CVE-2023-6270', 'CVE-2024-1086', 'CVE-2024-26581'],
        },
      ],
    })
  })

  test.each([
    ['applied', 'applied'],
    ['applying', 'patching'],
    ['applied-with-bug', 'failed'],
    ['apply-failed', 'failed'],
    ['unknown', 'unknown'],
    ['thawing', 'unknown'],
    ['constructor', 'unknown'],
  ])('state %s: %s', async (State, state) => {
    const { report } = await read(changed({ State }))
    expect(report.patches).toMatchObject([{ state, stateText: State }])
    expect(report.inProgress).toBe(State === 'applying')
    expect(report.steps).toEqual(State === 'applied' ? [] : null)
  })

  test('while a patch goes in, what it is there to fix is told, though nothing is marked as patched', async () => {
    const Fixes = [{ Name: 'cve-2024-1086', Patched: false }]
    const { report } = await read(changed({ State: 'applying', Fixes }))
    expect(report.patches).toMatchObject([{ state: 'patching', cves: ['CVE-2024-1086'] }])
  })

  test.each([
    ['supported', 'supported'],
    ['unsupported', 'unsupported'],
    ['kernel-upgrade-required', 'upgrade_required'],
    ['kernel-end-of-life', 'end_of_life'],
    ['unknown', 'unknown'],
    ['__proto__', 'unknown'],
  ])('support %s: %s', async (Supported, coverage) => {
    expect((await read(changed({}, { Supported }))).report).toMatchObject({ coverage })
  })

  test.each([
    ['checked', 'ok', []],
    ['needs-check', 'unknown', null],
    ['check-failed', 'unreachable', null],
  ])('check state %s: access %s', async (CheckState, access, steps) => {
    expect((await read(changed({ CheckState }))).report).toMatchObject({ access, steps })
  })

  test('an older client said by its state that the kernel is too old', async () => {
    const options = changed({ State: 'Kernel-upgrade-required', Version: '' }, { Supported: undefined })
    const { report } = await read({ ...options, files: { '/snap/bin/canonical-livepatch': '' } })
    expect(report).toMatchObject({
      ...{ coverage: 'upgrade_required', patches: [], reboot: 'yes' },
      rebootReason: 'Livepatch asks for a newer kernel.',
    })
  })
})

describe('exit 1', () => {
  test('not enabled', async () => {
    const { report } = await read(sample.NOT_ENABLED_HOST)
    expect(report).toMatchObject({
      ...{ active: false, access: 'not_registered', patches: [], steps: null },
      detail: 'Canonical Livepatch is installed and not enabled.',
      troubles: [{ source: sample.STATUS_LINE, code: 1, text: sample.NOT_ENABLED.trim() }],
    })
  })

  test('a kernel without patches', async () => {
    const { report } = await read(withProgram(sample.STATUS_LINE, { exitCode: 1, stderr: sample.NOT_ELIGIBLE }))
    expect(report).toMatchObject({ coverage: 'unsupported', patches: [] })
  })

  test('the daemon is down', async () => {
    const { report } = await read(withProgram(sample.STATUS_LINE, { exitCode: 1, stderr: sample.NO_DAEMON }))
    expect(report).toMatchObject({ ...UNREAD, access: 'unknown', troubles: [{ code: 1 }] })
  })
})

describe('joined with sysfs', () => {
  test('by the number in the module’s name; a patch of another number is not it', () => {
    expect(moduleOf('65.1', ['lkp_Ubuntu_4_4_0_168_197_generic_65'])).toBe('lkp_Ubuntu_4_4_0_168_197_generic_65')
    expect(moduleOf('66.1', ['lkp_Ubuntu_4_4_0_168_197_generic_65'])).toBeNull()
    expect(moduleOf('65.1', ['lkp_Ubuntu_a_65', 'lkp_Ubuntu_b_65'])).toBeNull()
    expect(moduleOf('65.1', ['kpatch_65'])).toBeNull()
  })

  test('where sysfs could not be listed', async () => {
    const { report } = await read({ ...sample.APPLIED, livepatches: null })
    expect(report.patches).toMatchObject([{ livepatch: null }])
  })
})

describe('what is not as it should be', () => {
  test.each([
    ['a time-out', { errno: 'ETIMEDOUT' }],
    ['rubbish', { stdout: '\x1b[2J\0{{' }],
    ['nothing', {}],
    ['another JSON', { stdout: '[1]' }],
    ['ten megabytes', { stdout: '['.repeat(10_000_000), truncated: true }],
    ['a deep one', { stdout: `{"Status":${'['.repeat(400_000)}${']'.repeat(400_000)}` }],
  ])('%s of the status', async (_, output) => {
    const { report } = await read(withProgram(sample.STATUS_LINE, output))
    expect(report).toMatchObject({ ...UNREAD, troubles: [{ source: sample.STATUS_LINE }] })
  })

  test('every key may be missing or of another kind', async () => {
    for (const status of [
      { Status: [] },
      { Status: [null, 7, 'x'] },
      { Status: [{ Running: false }], 'Client-Version': 7 },
      { Status: [{}], tier: null },
      { Status: [{ Livepatch: [], UpgradeRequiredDate: '2025-02-31' }] },
      { Status: [{ Livepatch: { Fixes: [null, { Name: 7 }], Version: {}, State: [] } }] },
    ]) {
      const { report } = await read(sample.withStatus(status))
      expect(report).toMatchObject({ active: true, patches: null, coverageUntil: null, coverage: 'unknown' })
    }
  })

  test('T04 hostile text stays text', async () => {
    const State = '\x1b[31mapplied\u202e'
    const { report } = await read(changed({ State, Version: '\x1b]0;x\x07' }))
    expect(report.patches).toMatchObject([{ id: '\x1b]0;x\x07', state: 'unknown', stateText: State }])
  })
})

describe('a reboot, by the Pro client', () => {
  test.each([
    [sample.proReboot('no'), { reboot: 'no', reason: null }],
    [
      sample.proReboot('yes', ['linux-base'], ['libc6', 7]),
      { reboot: 'yes', reason: 'A reboot brings in linux-base, libc6' },
    ],
    [sample.proReboot('maybe'), { reboot: 'unknown', reason: null }],
    ['{"data":{"attributes":{}}}', null],
    ['x', null],
  ])('%#', (printed, answer) => {
    expect(parseProReboot(printed)).toEqual(answer)
  })

  test('its failure is a trouble and leaves the rest', async () => {
    const { report } = await read(withProgram(sample.PRO_LINE, { exitCode: 2, stderr: 'error: unknown endpoint\n' }))
    expect(report).toMatchObject({ reboot: 'unknown', troubles: [{ source: sample.PRO_LINE, code: 2 }] })
    expect(report.patches).toHaveLength(1)
  })
})

test('T31 the machine’s ID is not kept, and secrets are not asked for', async () => {
  const { report, asked } = await read(sample.APPLIED)
  expect(JSON.stringify([report, asked])).not.toContain(sample.MACHINE_ID)
  expect(JSON.stringify(sample.APPLIED.programs)).toContain(sample.MACHINE_ID)
  expect(asked.map(({ path }) => path).join()).not.toMatch(/secret|token|config/)
})

test('texts', () => {
  expect(noticeOf('104.1')).toBe('LSN-0104-1')
  expect(noticeOf('x')).toBeNull()
  const fixes = '* CVE-2026-1111\n* CVE-2026-2222: LP: #1852141'
  expect(parseStatus(JSON.stringify({ Status: [{ Livepatch: { Fixes: fixes } }] }))?.kernel).toMatchObject({
    fixed: ['CVE-2026-1111', 'CVE-2026-2222'],
  })
})

test('found by its client', async () => {
  expect(await canonicalProvider.detect(testProviderHost(sample.APPLIED))).toBe(true)
  expect(await canonicalProvider.detect(testProviderHost({ files: { '/usr/bin/pro': '' } }))).toBe(false)
})
