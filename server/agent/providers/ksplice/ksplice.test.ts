// Goal: what Ksplice's clients write and print becomes exactly what it means, and the access key never leaves the host.
// Method: the samples, each from the source it names, through the parsers and the provider on a host of texts.
import { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { providerReport } from '@rebootless/shared/domain/provider-report.ts'
import { describe, expect, test } from 'vitest'
import { type TestHostOptions, testProviderHost } from '../test-provider-host.ts'
import { parseClientPackage } from './client-package.ts'
import { parseConflicts } from './loaded-updates.ts'
import { kspliceProvider } from './provider.ts'
import { redactUptrackConfig, redactUptrackFile } from './redact-uptrack.ts'
import * as sample from './samples.ts'
import { cvesOfTitle, isFix } from './update-titles.ts'
import { parseEffectiveKernel, parsePlan, parseResults } from './uptrack-files.ts'
import { kernelVersion, parseUptrackShow, parseUserShow } from './uptrack-text.ts'

const read = async (options: TestHostOptions) => {
  const host = testProviderHost(options)
  const report = ProviderReport.parse(providerReport('ksplice', await kspliceProvider.read(host)))
  return {
    report,
    asked: host.asked,
    ran: host.asked.filter(({ path }) => path.startsWith('/usr/')).map((a) => a.path),
  }
}
const withFiles = (options: TestHostOptions, files: NonNullable<TestHostOptions['files']>): TestHostOptions => ({
  ...options,
  files: { ...options.files, ...files },
})
const without = (options: TestHostOptions, ...paths: readonly string[]): TestHostOptions => ({
  ...options,
  files: Object.fromEntries(Object.entries(options.files ?? {}).filter(([path]) => !paths.includes(path))),
})
const RESULTS = `${sample.DIRECTORY}/results`
const PLAN = `${sample.DIRECTORY}/upgrade_plan`

describe('by files alone', () => {
  test('a host that is up to date', async () => {
    const { report, ran } = await read(sample.UP_TO_DATE)
    expect(ran).toEqual([])
    expect(report).toMatchObject({
      ...{ detail: 'Ksplice has 4 updates in the kernel.', version: '1.2.82', active: true },
      ...{ effectiveKernel: '5.15.0-208.159.3.el9uek', coverage: 'supported', access: 'ok', steps: [], behind: false },
      ...{ inProgress: false, reboot: 'no', blockers: [], checkedAt: '2026-11-26T08:30:02.000Z', troubles: [] },
      settings: [
        { name: 'autoinstall', value: 'yes' },
        { name: 'install_on_reboot', value: 'yes' },
        { name: 'Known-Exploit-Detection enabled', value: 'yes' },
      ],
    })
    expect(report.patches).toEqual(
      [
        ['nf9nfyzj', 'Enablement update for live patching.', [], true, false],
        ['fe2qyrtu', 'Denial-of-service when checking if an address is a jump label.', [], false, true],
        ['aq4p03vt', 'Known exploit detection for CVE-2019-9213.', [], false, false],
        [
          ...['gsf5wlo8', 'CVE-2024-36934: Information leak in QLogic BR-series Ethernet driver.'],
          ...[['CVE-2024-36934'], true, true],
        ],
      ].map(([id, name, cves, atNextBoot, protects]) => ({
        ...{ id, name, cves, atNextBoot, protects, version: null, target: 'kernel', state: 'applied' },
        ...{ stateText: 'applied', livepatch: null, withdrawn: false },
      })),
    )
  })

  test('a host that is behind: the steps in their order, removals included, and a patch taken back', async () => {
    const { report, ran } = await read(sample.BEHIND)
    expect(ran).toEqual([])
    expect(report.steps).toEqual([
      {
        ...{ action: 'remove', id: 'gsf5wlo8', cves: ['CVE-2024-36934'] },
        name: 'CVE-2024-36934: Information leak in QLogic BR-series Ethernet driver.',
      },
      {
        ...{ action: 'remove', id: 'fe2qyrtu', cves: [] },
        name: 'Denial-of-service when checking if an address is a jump label.',
      },
      {
        ...{ action: 'install', id: 'gsf5wlo8', cves: ['CVE-2024-36934'] },
        name: 'CVE-2024-36934: Information leak in QLogic BR-series Ethernet driver.',
      },
      {
        ...{ action: 'install', id: 'iw8wjvh1', cves: ['CVE-2025-38477'] },
        name: 'CVE-2025-38477: Use-after-free in Quick Fair Queueing scheduler (QFQ) driver.',
      },
    ])
    expect(report.patches?.filter(({ withdrawn }) => withdrawn).map(({ id }) => id)).toEqual(['fe2qyrtu'])
    expect(report).toMatchObject({ behind: true, reboot: 'unknown' })
  })

  test('an update that failed names who was in its way', async () => {
    const { report } = await read(sample.BUSY)
    expect(report.blockers).toEqual([{ pid: 1234, tid: null, comm: 'crond', stack: ['qfq_change_class'] }])
    expect(report.troubles).toEqual([{ source: 'results', code: 1, text: 'Install [iw8wjvh1] failed: code_busy.' }])
    expect(report).toMatchObject({ access: 'unknown', accessDetail: null, coverage: 'unknown', reboot: 'unknown' })
    expect(report.patches?.filter(({ state }) => state === 'failed')).toMatchObject([
      { id: 'iw8wjvh1', stateText: 'code_busy', cves: ['CVE-2025-38477'] },
    ])
    const since = withFiles(sample.BUSY, { '/sys/module/ksplice_iw8wjvh1/ksplice/stage': 'applied\n' })
    expect((await read(since)).report.patches?.some(({ state }) => state === 'failed')).toBe(false)
  })

  test('the effective kernel holds only for this boot’s kernel and just these updates', async () => {
    const other = withFiles(sample.UP_TO_DATE, {
      '/var/lib/uptrack/effective_kernel': sample.EFFECTIVE_KERNEL.replace('#2 SMP Thu', '#3 SMP Fri'),
    })
    expect((await read(other)).report.effectiveKernel).toBeNull()
    const fewer = without(sample.UP_TO_DATE, '/sys/module/ksplice_gsf5wlo8/ksplice/stage')
    expect((await read(fewer)).report.effectiveKernel).toBeNull()
    const more = withFiles(sample.UP_TO_DATE, { '/sys/module/ksplice_iw8wjvh1/ksplice/stage': 'applied\n' })
    expect((await read(more)).report.effectiveKernel).toBeNull()
  })

  test('files elsewhere in the cache are found; those of another kernel are not taken', async () => {
    const moved = (release: string): TestHostOptions => ({
      ...sample.BEHIND,
      files: Object.fromEntries(
        Object.entries(sample.BEHIND.files ?? {}).map(([path, text]) => [
          path.replace(sample.DIRECTORY, `/var/cache/uptrack/v3/${release}/state`),
          text,
        ]),
      ),
    })
    expect((await read(moved(sample.KERNEL.release))).report.steps).toHaveLength(4)
    expect((await read(moved('5.15.0-1.el9uek.x86_64'))).report.steps).toBeNull()
    const version = withFiles(sample.BEHIND, {
      [`${sample.DIRECTORY}/status`]: sample.STATUS.replaceAll('#2 SMP Thu', '#3 SMP Fri'),
    })
    expect((await read(version)).report).toMatchObject({
      steps: null,
      troubles: [{ source: '/var/cache/uptrack' }, { source: '/usr/sbin/uptrack-show' }, {}],
    })
  })
})

describe('by the tools, for what files lack', () => {
  test('the enhanced client: kernel and running programs apart, one update that is being tried', async () => {
    const { report, ran } = await read(sample.ENHANCED)
    expect(ran).toEqual(Object.keys(sample.ENHANCED.programs ?? {}).filter((line) => !line.includes('uname')))
    expect(report.patches?.map(({ id, target, state, cves }) => [id, target, state, cves])).toEqual([
      ['fe2qyrtu', 'kernel', 'applied', []],
      ['gsf5wlo8', 'kernel', 'applied', ['CVE-2024-36934']],
      ['iw8wjvh1', 'kernel', 'patching', []],
      ['h73qvumn', 'user_space', 'applied', ['CVE-2014-7817']],
      ['ml55ngz4', 'user_space', 'applied', ['CVE-2015-1781']],
    ])
    expect(report.blockers).toEqual([
      { pid: 1234, tid: null, comm: 'crond', stack: ['qfq_change_class', 'qfq_dequeue'] },
      { pid: 77, tid: null, comm: 'Web Content', stack: ['qfq_dequeue'] },
    ])
    expect(report).toMatchObject({
      ...{ detail: 'Ksplice has 2 updates in the kernel. 2 more are in running programs.', inProgress: true },
      ...{ effectiveKernel: '5.15.0-208.159.3.el9uek', behind: true, access: 'unknown' },
    })
    expect(report.steps?.map(({ id, action, cves }) => [id, action, cves])).toEqual([
      ['iw8wjvh1', 'install', ['CVE-2025-38477']],
      ['ibyh7gbw', 'install', ['CVE-2020-27170', 'CVE-2020-27171']],
    ])
    expect(report.troubles.map(({ source }) => source)).toEqual(['/usr/sbin/ksplice kernel show --available'])
  })

  test('Uptrack’s tools alone: its list counts where sysfs shows nothing', async () => {
    const { report } = await read(sample.TOOLS_ONLY)
    expect(report.patches?.map(({ id, state, stateText }) => [id, state, stateText])).toEqual(
      ['nf9nfyzj', 'fe2qyrtu', 'aq4p03vt', 'gsf5wlo8'].map((id) => [id, 'applied', null]),
    )
    expect(report).toMatchObject({ steps: [], behind: false, effectiveKernel: '5.15.0-208.159.3.el9uek' })
  })

  test('no library that can be patched is no trouble', async () => {
    const text = 'No active user-space Ksplice targets.\nHave you installed Ksplice-aware libraries and rebooted?\n'
    const programs = { ...sample.ENHANCED.programs, '/usr/sbin/ksplice user show': { exitCode: 1, stderr: text } }
    const { report } = await read({ ...sample.ENHANCED, programs })
    expect(report.patches?.filter(({ target }) => target === 'user_space')).toEqual([])
    expect(report.troubles).toHaveLength(1)
  })

  test('an update without a title is still one', async () => {
    const { report } = await read(
      withFiles(sample.UP_TO_DATE, { '/sys/module/ksplice_zzzzzzzz/ksplice/stage': 'applied\n' }),
    )
    expect(report.patches?.at(-1)).toMatchObject({ id: 'zzzzzzzz', name: 'Update zzzzzzzz', cves: [], protects: true })
    expect(report.troubles.map(({ source }) => source)).toEqual(['/usr/sbin/uptrack-show'])
  })
})

describe('access and coverage', () => {
  test.each([
    [10, 'unreachable', 'unknown'],
    [13, 'ok', 'unsupported'],
    [14, 'refused', 'unknown'],
    [17, 'expired', 'unknown'],
    [18, 'unreachable', 'unknown'],
    [19, 'not_registered', 'unknown'],
    [20, 'not_registered', 'unknown'],
    [1, 'unknown', 'unknown'],
    [255, 'unknown', 'unknown'],
  ])('results with code %i: access %s, coverage %s', async (code, access, coverage) => {
    const { report } = await read(withFiles(sample.UP_TO_DATE, { [RESULTS]: sample.results(code) }))
    expect(report).toMatchObject({ access, coverage, reboot: 'unknown' })
  })

  test('by the exit code of a tool', async () => {
    const { report } = await read(sample.EXPIRED)
    expect(report).toMatchObject({
      ...{ access: 'expired', accessDetail: 'The subscription has expired.', patches: [], steps: null, behind: null },
      troubles: [
        { source: '/usr/sbin/uptrack-show', code: 17, text: 'Your subscription has expired.' },
        { source: '/usr/sbin/uptrack-show --available', code: 17 },
        { source: '/usr/bin/uptrack-uname -r', code: null },
      ],
    })
  })

  test('the vendor no longer supports the kernel', async () => {
    const text = sample.results(0, "''", '[]', '  Alert: This kernel is no longer supported.\n  Desupported: true\n')
    const { report } = await read(withFiles(sample.UP_TO_DATE, { [RESULTS]: text }))
    expect(report).toMatchObject({ coverage: 'end_of_life', reboot: 'unknown' })
  })

  test.each(['INSERT_ACCESS_KEY', ''])('no key: %j', async (key) => {
    const { report } = await read(
      withFiles(without(sample.UP_TO_DATE, RESULTS), {
        '/etc/uptrack/uptrack.conf': sample.CONFIG.replace(sample.ACCESS_KEY, key),
      }),
    )
    expect(report).toMatchObject({ access: 'not_registered' })
  })

  test('an offline client needs no key: updates come by packages', async () => {
    const { report } = await read(sample.OFFLINE)
    expect(report).toMatchObject({ access: 'ok', version: '1.2.84', active: true, troubles: [] })
    expect(report.settings).toContainEqual({ name: 'client', value: 'offline' })
    expect(parseClientPackage('uptrack 1.2.84\nuptrack-offline 1\u001b[31m\n')).toEqual({
      offline: false,
      version: '1.2.84',
    })
    expect(parseClientPackage('package uptrack is not installed\n')).toBeNull()
  })

  test('switched off by a file or on the command line: no tool is run', async () => {
    const byFile = await read(withFiles(sample.TOOLS_ONLY, { '/etc/uptrack/disable': '' }))
    expect(byFile.report).toMatchObject({
      ...{ active: false, access: 'disabled', accessDetail: 'Switched off by /etc/uptrack/disable.', patches: [] },
      detail: 'Ksplice has no update in the kernel. It is switched off by /etc/uptrack/disable.',
    })
    const byLine = await read(withFiles(sample.UP_TO_DATE, { '/proc/cmdline': 'ro nouptrack quiet\n' }))
    expect(byLine.report.patches?.map(({ atNextBoot }) => atNextBoot)).toEqual([false, false, false, false])
    expect([...byFile.ran, ...byLine.ran]).toEqual([])
  })
})

describe('what is not as it should be', () => {
  test('a time-out, rubbish, nothing, more than is read', async () => {
    for (const shown of [
      { errno: 'ETIMEDOUT' },
      { stdout: '\x1b[2J\0[bad] x\n' },
      {},
      { stdout: `Installed updates:\n${'[zzzz'.repeat(2_000_000)}`, truncated: true },
    ]) {
      const { report } = await read({ ...sample.TOOLS_ONLY, programs: { '/usr/sbin/uptrack-show': shown } })
      expect(report.patches).toEqual([])
      expect(report.effectiveKernel).toBeNull()
      expect(report.troubles[0]?.source).toBe('/usr/sbin/uptrack-show')
    }
  })

  test.each([
    ['cut', sample.UPGRADE_PLAN.slice(0, 300)],
    ['empty', ''],
    ['rubbish', '\0\x1b]0;x\x07{{{'],
    ['a step not understood', sample.UPGRADE_PLAN.replace('Command: Install', 'Command: Freeze')],
    ['ten megabytes', `Plan:\n${'- {Command: Install, ID: aaaaaaaa, Name: x}\n'.repeat(230_000)}`],
  ])('a plan that is %s is no plan, or is cut', async (_, text) => {
    const { report } = await read(withFiles(sample.UP_TO_DATE, { [PLAN]: text }))
    expect(report.steps?.length ?? 512).toBe(512)
    expect(report.troubles.length).toBeGreaterThan(0)
  })

  test('a file that is refused is told; absent ones are not', async () => {
    const { report } = await read(withFiles(sample.UP_TO_DATE, { [PLAN]: { errno: 'EACCES' } }))
    expect(report.troubles[0]).toEqual({ source: PLAN, code: null, text: 'It could not be read: EACCES.' })
  })

  test('a stage of another word stays unknown', async () => {
    const { report } = await read(
      withFiles(sample.UP_TO_DATE, { '/sys/module/ksplice_gsf5wlo8/ksplice/stage': 'thawing\n' }),
    )
    expect(report.patches?.find(({ id }) => id === 'gsf5wlo8')).toMatchObject({
      state: 'unknown',
      stateText: 'thawing',
    })
  })

  test('T04 escape sequences in a title stay text', async () => {
    const name = '\x1b[31mCVE-2024-1: \u202ered'
    const { report } = await read({
      ...sample.TOOLS_ONLY,
      programs: { '/usr/sbin/uptrack-show': { stdout: `Installed updates:\n[aaaaaaaa] ${name}\n` } },
    })
    expect(report.patches).toMatchObject([{ id: 'aaaaaaaa', name, cves: [] }])
  })
})

describe('T31 secrets', () => {
  test('nothing that is kept or reported has the access key, a password, or who the host is', async () => {
    for (const options of sample.samples) {
      const { report, asked } = await read(options)
      const kept = JSON.stringify([report, asked.map((file) => file.kept)])
      for (const secret of sample.SECRETS) expect(kept).not.toContain(secret)
    }
    // The samples do hold them.
    for (const secret of sample.SECRETS) expect(JSON.stringify(sample.BUSY.files)).toContain(secret)
  })

  test.each([
    `Client: {Key: ${sample.ACCESS_KEY}}\nTime: 2026-11-26 08:30:02`,
    `{Client: {Key: ${sample.ACCESS_KEY}}}`,
    `Time: x\rClient:\r  Key: ${sample.ACCESS_KEY}`,
    `Client:\n  UptrackVersion: 1\n  UptrackVersion: 1 Key ${sample.ACCESS_KEY}`,
    `Client:\n...\n  Key: ${sample.ACCESS_KEY.slice(0, 40)}`,
    `Client:\n  Key:\n- ${sample.ACCESS_KEY.slice(0, 40)}\n# ${sample.ACCESS_KEY.slice(0, 40)}`,
    `Result:\n  Message: see https://x/${sample.ACCESS_KEY}/status`,
    `Newer part: ${sample.ACCESS_KEY.slice(0, 40)}`,
  ])('a file in another form gives nothing away: %j', (text) => {
    expect(redactUptrackFile(text)).not.toMatch(sample.ACCESS_KEY.slice(0, 40))
  })

  test('of the configuration only known settings are kept', () => {
    expect(redactUptrackConfig(sample.CONFIG)).toBe(
      [
        ...['[Auth]', 'accesskey = [redacted]', '[Network]', 'https_proxy = [redacted]', '[Settings]'],
        ...['install_on_reboot = yes', 'autoinstall = yes', '[Known-Exploit-Detection]', 'enabled = yes'],
      ].join('\n'),
    )
  })
})

test('titles: which fix, and what', () => {
  expect(cvesOfTitle('CVE-2020-27170, cve-2020-27171: Information disclosure, like CVE-2019-1.')).toEqual([
    ...['CVE-2020-27170', 'CVE-2020-27171'],
  ])
  expect(cvesOfTitle('Known exploit detection for CVE-2019-9213.')).toEqual([])
  expect(['KPTI enablement for Ksplice.', 'Protective update for X.'].map(isFix)).toEqual([false, false])
})

test('texts', () => {
  expect(parseUptrackShow('Installed updates:\nNone\n')).toEqual({
    ...{ installed: [], available: null, effectiveKernel: null },
  })
  expect(parseUptrackShow('Unable to read the package list.\n')).toEqual({
    ...{ installed: null, available: null, effectiveKernel: null },
  })
  expect(kernelVersion('Linux\n')).toBeNull()
  expect(kernelVersion('5.15.0-318.199.3.2.1.el9uek\n')).toBe('5.15.0-318.199.3.2.1.el9uek')
  expect(parseUserShow(sample.USER_SHOW).map(({ id }) => id)).toEqual(['h73qvumn', 'ml55ngz4'])
  expect(parseConflicts('a b c 12 f\nnone\n\nx 3\n')).toEqual([
    { pid: 12, tid: null, comm: 'a b c', stack: ['f'] },
    { pid: 3, tid: null, comm: 'x', stack: [] },
  ])
})

test('files', () => {
  expect(parseEffectiveKernel('a: b')).toBeNull()
  expect(parsePlan(sample.NOTHING_PLANNED)).toEqual({ time: '2026-11-26T08:30:02.000Z', steps: [] })
  expect(parseResults(sample.results(10, 'Could not connect'))).toMatchObject({
    code: 10,
    message: 'Could not connect',
  })
})

test('found by its programs, its configuration, or what it wrote; not found on another host', async () => {
  const detects = (files: NonNullable<TestHostOptions['files']>) => kspliceProvider.detect(testProviderHost({ files }))
  expect(await detects({ '/usr/sbin/ksplice': '' })).toBe(true)
  expect(await detects({ '/etc/uptrack/uptrack.conf': '' })).toBe(true)
  expect(await detects({ '/var/lib/uptrack/effective_kernel': '' })).toBe(true)
  expect(await detects({ '/usr/sbin/kpatch': '' })).toBe(false)
})
