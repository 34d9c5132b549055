// Goal: what KernelCare publishes and prints becomes exactly what it means, the vendor is asked seldom, and keys stay on
// the host. Method: the samples, each from the source it names, through the parsers and the provider on a host of texts.
import { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { providerReport } from '@rebootless/shared/domain/provider-report.ts'
import { describe, expect, test } from 'vitest'
import { createProviderHost } from '../provider-host.ts'
import { createRememberedRuns } from '../remembered-runs.ts'
import { type TestHostOptions, testProviderHost } from '../test-provider-host.ts'
import { textMachine } from '../test-text-machine.ts'
import { parseDescription, parseInfo, parsePatchType } from './kcare-info.ts'
import { agentVersion, effectiveVersion, parseConfig, parsePatchInfo, redactLicense } from './kcare-texts.ts'
import { createKernelCareProvider } from './provider.ts'
import * as sample from './samples.ts'
import { ASK_AGAIN_MS, accessOf } from './vendor-answers.ts'

const read = async (options: TestHostOptions, provider = createKernelCareProvider()) => {
  const host = testProviderHost(options)
  const report = ProviderReport.parse(providerReport('kernelcare', await provider.read(host)))
  return { report, asked: host.asked, ran: host.asked.flatMap(({ path }) => /kcarectl (.+)/.exec(path)?.[1] ?? []) }
}
const withPrograms = (options: TestHostOptions, programs: NonNullable<TestHostOptions['programs']>) => ({
  ...options,
  programs: { ...options.programs, ...programs },
})
const withFiles = (options: TestHostOptions, files: NonNullable<TestHostOptions['files']>) => ({
  ...options,
  files: { ...options.files, ...files },
})

describe('a host', () => {
  test('up to date, by its files; running programs apart', async () => {
    const { report, ran } = await read(sample.WITH_FILES)
    expect(ran).toEqual(['--version', '--info', '--info --json', '--status', '--license-info'])
    const patch = { stateText: null, livepatch: null, atNextBoot: null, protects: true, withdrawn: false }
    expect(report).toMatchObject({
      ...{ detail: 'KernelCare level 1 is in the kernel.', version: '2.22-1', active: true },
      ...{ effectiveKernel: '5.4.0-1030.33', coverage: 'supported', access: 'ok', behind: false, reboot: 'no' },
      ...{ accessDetail: 'Key-based valid license found: [redacted]', steps: null, inProgress: null },
      ...{ checkedAt: '2026-11-26T09:00:00.000Z', troubles: [] },
      settings: [
        { name: 'AUTO_UPDATE', value: 'True' },
        { name: 'PATCH_METHOD', value: 'smart' },
        { name: 'UPDATE_DELAY', value: '24h' },
        { name: 'STICKY_PATCHSET', value: 'K20230908_02' },
        { name: 'patch type', value: 'default' },
      ],
    })
    expect(report.patches).toEqual([
      {
        ...{ ...patch, id: '1', name: 'KernelCare level 1', version: '1', target: 'kernel', state: 'applied' },
        ...{ stateText: 'patch is applied', cves: ['CVE-2021-3348', 'CVE-2021-20194'] },
      },
      {
        ...{ ...patch, id: 'libcare', name: 'LibCare patches of running programs', version: null },
        ...{ target: 'user_space', state: 'applied', cves: ['CVE-2022-4450'] },
      },
    ])
  })

  test('behind, with extra patches', async () => {
    const { report } = await read(sample.BEHIND)
    expect(report).toMatchObject({ behind: true, coverage: 'supported', reboot: 'unknown' })
    expect(report.patches?.[0]).toMatchObject({ id: '11-extra', name: 'KernelCare level 11, extra', version: '11' })
  })

  test('with an old agent: CVEs by --patch-info, the effective kernel by its header', async () => {
    const { report, ran } = await read(sample.TOOL_ONLY)
    expect(ran).toEqual(['--version', '--info', '--info --json', '--patch-info', '--status', '--license-info'])
    expect(report).toMatchObject({ effectiveKernel: '2.6.32-696.6.3.el6', behind: true, access: 'unknown' })
    expect(report).toMatchObject({ settings: [], troubles: [] })
    expect(report.patches).toMatchObject([{ id: '3', state: 'applied', cves: ['CVE-2017-7895'] }])
  })

  test('of a kernel that is not supported; updates are switched off, so the vendor is not asked', async () => {
    const { report, ran } = await read(sample.UNSUPPORTED)
    expect(ran).toEqual(['--version', '--info', '--info --json', '--uname'])
    expect(report).toMatchObject({
      ...{ detail: 'KernelCare has no patches for this kernel.', coverage: 'unsupported', patches: [], active: false },
      ...{ effectiveKernel: '5.4.0-1029-raspi', behind: null, troubles: [] },
    })
  })

  test('with nothing applied, and a set that is to be had', async () => {
    const { report, ran } = await read(sample.NOTHING_APPLIED)
    expect(ran).toEqual(['--version', '--info', '--info --json', '--uname', '--status', '--check', '--license-info'])
    expect(report).toMatchObject({ detail: 'KernelCare has no patch set in.', active: null, behind: true, patches: [] })
    expect(report.settings).toContainEqual({ name: 'patch type', value: 'unset' })
    expect(report).toMatchObject({ coverage: 'unknown', reboot: 'unknown', troubles: [] })
    const { '/proc/kcare/cvelist': _list, ...files } = sample.WITH_FILES.files ?? {}
    expect((await read({ ...sample.NOTHING_APPLIED, files })).report.patches).toMatchObject([{ target: 'user_space' }])
  })

  test('without the tool: the list in /proc still says what is fixed', async () => {
    const { report } = await read({ files: { '/proc/kcare/cvelist': 'CVE-2021-3348\n' } })
    expect(report.patches).toMatchObject([{ id: 'kcare', version: null, state: 'applied', cves: ['CVE-2021-3348'] }])
  })
})

const USAGE = 'usage: kcarectl [-h] [-i]\nkcarectl: error: unrecognized arguments\n'
const TRACEBACK = 'Traceback (most recent call last):\n  File "/usr/bin/kcarectl", line 1, in <module>\n'

describe('the vendor', () => {
  test('is asked once in four hours, sooner only when another set has come', async () => {
    const provider = createKernelCareProvider()
    const start = Date.parse('2026-11-26T09:00:00Z')
    const at = async (minutes: number, options = sample.BEHIND) => {
      const { report, ran } = await read({ ...options, now: start + minutes * 60_000 }, provider)
      return { ran: ran.includes('--status'), behind: report.behind, checkedAt: report.checkedAt }
    }
    const updated = withPrograms(sample.BEHIND, {
      '/usr/bin/kcarectl --info': { stdout: sample.INFO_EXTRA.replace('11-extra', '12-extra') },
      '/usr/bin/kcarectl --status': { exitCode: 0 },
    })
    const first = '2026-11-26T09:00:00.000Z'
    expect(await at(0)).toEqual({ ran: true, behind: true, checkedAt: first })
    expect(await at(10)).toEqual({ ran: false, behind: true, checkedAt: first })
    expect(await at(239)).toEqual({ ran: false, behind: true, checkedAt: first })
    expect(await at(ASK_AGAIN_MS / 60_000)).toMatchObject({ ran: true, behind: true })
    expect(await at(245, updated)).toEqual({ ran: false, behind: null, checkedAt: null })
    expect(await at(251, updated)).toMatchObject({ ran: true, behind: false })
    // A clock that was set back does not hold it up.
    expect(await at(-600, updated)).toMatchObject({ ran: true })
  })

  test('each boot of each host has its own answer', async () => {
    const provider = createKernelCareProvider()
    await read(sample.BEHIND, provider)
    expect((await read(sample.WITH_FILES, provider)).report.behind).toBe(false)
    expect((await read(sample.BEHIND, provider)).report.behind).toBe(true)
  })

  test.each([
    ['AUTO_UPDATE=NO\n', false],
    ['UPDATE_POLICY=LOCAL\n', false],
    ['UPDATE_POLICY=LOCAL_FIRST\nAUTO_UPDATE=YES\n', true],
  ])('%j: asked %s', async (config, asked) => {
    const { ran } = await read(withFiles(sample.BEHIND, { '/etc/sysconfig/kcare/kcare.conf': config }))
    expect(ran.includes('--status')).toBe(asked)
  })

  test.each([
    [0, 'supported', false],
    [2, 'supported', true],
    [3, 'unsupported', null],
  ])('--status exits with %i, and --check is not needed', async (exitCode, coverage, behind) => {
    const { report, ran } = await read(withPrograms(sample.BEHIND, { '/usr/bin/kcarectl --status': { exitCode } }))
    expect(report).toMatchObject({ coverage, behind, troubles: [] })
    expect(ran).not.toContain('--check')
  })

  test.each([
    ['--status 1, --check 0: there is one for a kernel that has none', { exitCode: 1 }, { exitCode: 0 }, true, []],
    ['--status 1, --check 1: there is none', { exitCode: 1 }, { exitCode: 1 }, false, []],
    ['--status 7, --check 0', { exitCode: 7 }, { exitCode: 0 }, true, ['--status']],
    ['--status 7, --check 7', { exitCode: 7 }, { exitCode: 7 }, null, ['--status', '--check']],
    ['a signal, --check 1', { exitCode: null }, { exitCode: 1 }, false, ['--status']],
    ['--status hangs: --check is not tried', { errno: 'ETIMEDOUT' }, { exitCode: 0 }, null, ['--status']],
    ['no --status; argparse ends with 2', { exitCode: 2, stderr: USAGE }, { exitCode: 0 }, true, ['--status']],
    [
      'no --check either',
      { exitCode: 2, stderr: USAGE },
      { exitCode: 2, stderr: USAGE },
      null,
      ['--status', '--check'],
    ],
    [
      'it falls over with 1',
      { exitCode: 1, stderr: TRACEBACK },
      { exitCode: 1, stderr: TRACEBACK },
      null,
      ['--status', '--check'],
    ],
  ])('%s', async (_what, status, check, behind, sources) => {
    const { report } = await read(
      withPrograms(sample.BEHIND, { '/usr/bin/kcarectl --status': status, '/usr/bin/kcarectl --check': check }),
    )
    // That the kernel is supported, and may stay as it is, is told by `--status` alone.
    expect(report).toMatchObject({ behind, coverage: 'unknown', reboot: 'unknown' })
    expect(report.troubles.map(({ source }) => source)).toEqual(sources.map((verb) => `/usr/bin/kcarectl ${verb}`))
    expect(report.checkedAt === null).toBe(behind === null)
  })

  test.each([
    ['No valid license found.', 'not_registered'],
    ['Server is not registered', 'not_registered'],
    ['Your trial license has expired', 'expired'],
    ['Key-based valid license found', 'ok'],
    ['License: something else', 'unknown'],
  ])('licence: %s', (text, access) => {
    expect(accessOf(text)).toBe(access)
  })
})

describe('what is not as it should be', () => {
  test.each([
    ['a time-out', { errno: 'ETIMEDOUT' }],
    ['an error', { exitCode: 1, stdout: 'Unable to run: [Errno 5]\n' }],
    ['rubbish', { stdout: '\0\x1b[2J{"a":' }],
    ['nothing', {}],
    ['ten megabytes', { stdout: 'kpatch-state'.repeat(900_000), truncated: true }],
    ['JSON', { stdout: sample.INFO_JSON }],
  ])('%s of --info is a trouble, and the vendor is left alone', async (_, output) => {
    const { report, ran } = await read(withPrograms(sample.TOOL_ONLY, { '/usr/bin/kcarectl --info': output }))
    expect(report).toMatchObject({
      ...{ patches: null, detail: 'KernelCare is here; what it has in the kernel could not be read.' },
      troubles: [{ source: '/usr/bin/kcarectl --info' }],
    })
    expect(ran).not.toContain('--status')
  })

  test('a refused file is told', async () => {
    const { report } = await read(withFiles(sample.WITH_FILES, { '/proc/kcare/cvelist': { errno: 'EACCES' } }))
    expect(report.troubles[0]).toEqual({
      source: '/proc/kcare/cvelist',
      code: null,
      text: 'It could not be read: EACCES.',
    })
  })

  test('more CVEs than a report holds', async () => {
    const list = Array.from({ length: 3000 }, (_, index) => `CVE-2021-${10_000 + index}`).join('\n')
    const { report } = await read(withFiles(sample.WITH_FILES, { '/proc/kcare/cvelist': list }))
    expect(report.patches?.[0]?.cves).toHaveLength(2048)
    expect(report.troubles).toMatchObject([{ text: 'It names 3000 CVEs; 2048 are kept.' }])
  })

  test('T04 escape sequences stay text, a state of other words is unknown', async () => {
    const info = sample.INFO_2021.replace('patch is applied', '\x1b[31mpatch is held\u202e')
    const { report } = await read(withPrograms(sample.WITH_FILES, { '/usr/bin/kcarectl --info': { stdout: info } }))
    expect(report.patches?.[0]).toMatchObject({ state: 'unknown', stateText: '\x1b[31mpatch is held\u202e' })
  })
})

describe('--info --json', () => {
  test.each([
    [sample.INFO_JSON, 'default'],
    [sample.INFO_JSON_EXTRA, 'extra'],
    ['{"patch-type":"free","message":"x","__proto__":{"a":1}}', 'free'],
    ['{"patch-type":"unset"}', 'unset'],
    ['{"patch-type":"FREE"}', null],
    ['{"patch-type":["free"]}', null],
    ['{"patch-type":null}', null],
    ['{"__proto__":{"patch-type":"free"}}', null],
    ['["patch-type"]', null],
    ['"patch-type"', null],
    ['null', null],
    ['{"patch-type":"free"', null],
    [`${'['.repeat(100_000)}`, null],
    [sample.INFO_2021, null],
    ['', null],
  ])('%j', (text, type) => expect(parsePatchType(text)).toBe(type))

  test.each([
    ['that knows it', { stdout: sample.INFO_JSON }, 1],
    ['that ignores it', { stdout: sample.INFO_2021 }, 1],
    ['that refuses it', { exitCode: 2, stderr: USAGE }, 1],
    ['that fails over it', { exitCode: 1, stderr: TRACEBACK }, 3],
  ])('an agent %s is asked once while its text is the same', async (_what, output, count) => {
    const remembered = createRememberedRuns()
    let runs = 0
    const reading = async (info: string) => {
      const machine = textMachine(
        withPrograms(sample.WITH_FILES, {
          '/usr/bin/kcarectl --info': { stdout: info },
          '/usr/bin/kcarectl --info --json': output,
        }),
      )
      const run: typeof machine.programs.run = (program, args, limits) => {
        runs += Number(args.includes('--json'))
        return machine.programs.run(program, args, limits)
      }
      const { host } = createProviderHost({
        ...{ ...machine, programs: { run }, now: () => 0, keptFor: 'kernelcare', remembered },
        signal: new AbortController().signal,
      })
      expect((await createKernelCareProvider().read(host)).troubles).toEqual([])
    }
    for (let again = 0; again < 3; again += 1) await reading(sample.INFO_2021)
    expect(runs).toBe(count)
    await reading(sample.INFO_EXTRA)
    expect(runs).toBe(count + 1)
  })
})

test('T31 nothing that is kept or reported has a key', async () => {
  for (const options of sample.samples) {
    const { report, asked } = await read(options)
    expect(JSON.stringify([report, asked.map(({ kept }) => kept)])).not.toContain(sample.KEY)
  }
  expect(JSON.stringify(sample.WITH_FILES)).toContain(sample.KEY)
  expect(redactLicense('Expires 2027-01-31, server 12ab-34, for 192.0.2.1')).toBe(
    'Expires 2027-01-31, server [redacted], for [redacted]',
  )
})

test('texts', () => {
  expect(parseInfo('')).toBeNull()
  expect(parseInfo(sample.INFO_UNKNOWN_KERNEL)).toEqual({ patched: false, kernel: 'unknown' })
  expect(parseDescription('3;3.16.36-1+deb8u2')).toEqual({
    ...{ level: '3', type: null, effectiveKernel: '3.16.36-1+deb8u2' },
  })
  expect(parseDescription('3-x;')).toBeNull()
  expect(parsePatchInfo('OS: centos6\n')).toBeNull()
  expect(effectiveVersion('Linux version 5.4.0-1028.31 (gcc version 9.3.0)')).toBe('5.4.0-1028.31')
  expect(effectiveVersion('v5, kernel-2.6\n')).toBeNull()
  expect(agentVersion('KernelCare 2.90-1\n')).toBe('2.90-1')
  expect(parseConfig('AUTO_UPDATE = True\nPREFIX=a b\nHTTPS_PROXY=x\nauto_update=no\n')).toEqual([
    { name: 'AUTO_UPDATE', value: 'True' },
  ])
})

test('found by its tool or by /proc; not found on another host', async () => {
  const { detect } = createKernelCareProvider()
  expect(await detect(testProviderHost({ files: { '/usr/bin/kcarectl': '' } }))).toBe(true)
  expect(await detect(testProviderHost({ files: { '/proc/kcare/cvelist': '' } }))).toBe(true)
  expect(await detect(testProviderHost({ files: { '/usr/sbin/kpatch': '' } }))).toBe(false)
})
