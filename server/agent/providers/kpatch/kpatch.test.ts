// Goal: what kpatch and the package managers print, of every version, becomes exactly what they mean, and rubbish becomes
// a trouble. Method: the samples, each from the source it names, through the parsers and the provider on a host of texts.
import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { ProviderReport as ProviderReportSchema } from '@rebootless/shared/contract/provider.ts'
import { providerReport } from '@rebootless/shared/domain/provider-report.ts'
import { describe, expect, test } from 'vitest'
import { type TestHostOptions, testProviderHost } from '../test-provider-host.ts'
import { cvesOfModule, moduleVersion, packagePrefix } from './kernel-names.ts'
import { fixedUpTo, parseChangelog } from './kpatch-changelog.ts'
import { parseKpatchList } from './kpatch-list.ts'
import { metadataAgeMs, parseKpatchDnfStatus, parseSupport, parseUpdateInfo } from './package-lists.ts'
import { kpatchProvider } from './provider.ts'
import * as sample from './samples.ts'

const read = async (options: TestHostOptions): Promise<ProviderReport> =>
  ProviderReportSchema.parse(providerReport('kpatch', await kpatchProvider.read(testProviderHost(options))))

const states = (report: ProviderReport) => report.patches?.map(({ id, state }) => `${id} ${state}`)

describe('kpatch list', () => {
  test('versions to 0.9.10', () => {
    expect(parseKpatchList(sample.LIST_0_9_10)).toEqual({
      loaded: [
        { name: 'kpatch_3_10_0_1062_1_1_1_4', state: 'applied', stateText: 'enabled' },
        { name: 'kpatch_3_10_0_1062_1_1_1_5', state: 'applied', stateText: 'enabled' },
      ],
      installed: [
        { name: 'kpatch_3_10_0_1062_1_1_1_4', release: '3.10.0-1062.1.1.el7.x86_64' },
        { name: 'kpatch_3_10_0_1062_1_1_1_5', release: '3.10.0-1062.1.2.el7.x86_64' },
      ],
      stalled: [],
      notUnderstood: 0,
    })
  })

  test('0.9.11 with stalled processes and functions', () => {
    expect(parseKpatchList(sample.LIST_0_9_11)).toEqual({
      loaded: [
        { name: 'kpatch_5_14_0_427_13_1_1_1', state: 'applied', stateText: 'enabled' },
        { name: 'livepatch_a', state: 'disabled', stateText: 'disabled' },
        { name: 'livepatch_hotfix', state: 'patching', stateText: 'enabling...' },
      ],
      installed: [{ name: 'kpatch_5_14_0_427_13_1_1_1', release: '5.14.0-427.13.1.el9_4.x86_64' }],
      stalled: [
        {
          ...{ tid: 4242, comm: 'kworker/3:1' },
          stack: ['[<0>] worker_thread+0x5f/0x3b0', '[<0>] kthread+0xe2/0x110'],
        },
      ],
      notUnderstood: 0,
    })
  })

  test('a recorded one, of 0.9.10 in a transition that stalls', () => {
    const list = parseKpatchList(sample.LIST_RECORDED)
    expect(list).toMatchObject({
      loaded: [
        { name: 'lp_killable', state: 'patching', stateText: 'enabling...' },
        { name: 'lp_simple', state: 'applied', stateText: 'enabled' },
      ],
      installed: [{ name: 'lp_simple', release: '6.12.117+deb12-cloud-amd64' }],
      stalled: [{ tid: 272, comm: 'worker-3' }],
      notUnderstood: 0,
    })
    expect(list?.stalled[0]?.stack).toHaveLength(8)
  })

  test('without states, with the names of files', () => {
    expect(parseKpatchList(sample.LIST_WITHOUT_STATES)).toMatchObject({
      loaded: [{ name: 'kpatch_meminfo_string', state: null, stateText: null }],
      installed: [{ name: 'kpatch_meminfo_string', release: '3.10.0-1062.1.1.el7.x86_64' }],
    })
  })

  test('a line with tabs between the sections', () => {
    const list = parseKpatchList(sample.LIST_AMAZON_2)
    expect(list?.loaded.map(({ name }) => name)).toEqual([
      ...['livepatch_cifs_lease_buffer_len', 'livepatch_CVE_2019_20096', 'livepatch_CVE_2020_8648'],
    ])
    expect(list?.installed).toHaveLength(3)
    expect(list?.notUnderstood).toBe(0)
  })

  test('empty sections', () =>
    expect(parseKpatchList(sample.LIST_EMPTY)).toEqual({ loaded: [], installed: [], stalled: [], notUnderstood: 0 }))

  test.each(['', 'usage: kpatch <command> [<args>]\n', '\0\0\0', 'kpatch_a [enabled]\n'])('%j is no list', (text) =>
    expect(parseKpatchList(text)).toBeNull(),
  )

  test('an unknown state stays unknown, and keeps its word', () =>
    expect(parseKpatchList('Loaded patch modules:\na [constructor]\nb [forced]\n')?.loaded).toEqual([
      { name: 'a', state: 'unknown', stateText: 'constructor' },
      { name: 'b', state: 'unknown', stateText: 'forced' },
    ]))

  test('lines that name no module are counted and left out', () => {
    const text =
      'Loaded patch modules:\n\u001b[31mred [enabled]\n\u202eevil [enabled]\nok [enabled]\n\nInstalled patch modules:\n(3.10.0-1062.1.2.el7.x86_64)\n'
    expect(parseKpatchList(text)).toMatchObject({ loaded: [{ name: 'ok' }], installed: [], notUnderstood: 3 })
  })
})

describe('names', () => {
  test.each([
    ['kpatch_3_10_0_1062_1_1_1_4', '3.10.0-1062.1.1.el7.x86_64', '1-4'],
    ['kpatch_5_14_0_427_13_1_1_1', '5.14.0-427.13.1.el9_4.x86_64', '1-1'],
    ['kpatch_5_14_0_427_13_1_1_1', '5.14.0-427.el9.x86_64', null],
    ['livepatch_hotfix', '5.14.0-427.el9.x86_64', null],
  ])('the version of %s on %s is %s', (module, release, version) =>
    expect(moduleVersion(module, release)).toBe(version),
  )

  test.each([
    ['5.14.0-658.el9.x86_64', 'kpatch-patch-5_14_0-658-'],
    ['6.1.12-17.42.amzn2023.x86_64', 'kernel-livepatch-6.1.12-17.42-'],
    ['6.12.1', null],
  ])('packages for %s begin with %s', (release, prefix) => expect(packagePrefix(release)).toBe(prefix))

  test.each([
    ['livepatch_CVE_2022_36946', ['CVE-2022-36946']],
    ['livepatch_CVE_2022_1_CVE_2022_36946', ['CVE-2022-36946']],
    ['livepatch_cifs_lease_buffer_len', []],
    ['XCVE_2022_36946', []],
  ])('%s fixes %j', (module, cves) => expect(cvesOfModule(module)).toEqual(cves))
})

describe('change log', () => {
  const entries = parseChangelog(sample.CHANGELOG)
  test('a module has what was fixed up to its version', () => {
    expect(fixedUpTo('1-4', entries)).toEqual(['CVE-2018-12207', 'CVE-2019-11135'])
    expect(fixedUpTo('1-3', entries)).toEqual(['CVE-2019-11135'])
    expect(fixedUpTo('1-9', entries)).toEqual([])
  })
  test('rubbish fixes nothing', () => expect(parseChangelog('CVE-2018-12207\n]\n[\n')).toEqual([]))
})

describe('package lists', () => {
  test('the end of support', () => {
    const until = '2025-07-22'
    expect(parseSupport(sample.AMAZON_SUPPORT, '2025-07-22')).toEqual({ coverage: 'supported', until })
    expect(parseSupport(sample.AMAZON_SUPPORT, '2025-07-23')).toEqual({ coverage: 'end_of_life', until })
    expect(parseSupport('will no longer receive live patches after 2025-02-30.', '2025-01-01')).toBeNull()
    expect(parseSupport('', '2025-01-01')).toBeNull()
  })

  test('the newest package of the running kernel is the step, with what it fixes', () => {
    const step = {
      ...{ action: 'install', cves: ['CVE-2022-0123', 'CVE-2022-3210'] },
      ...{
        id: 'kernel-livepatch-6.1.12-17.42-1.0-4.amzn2023.x86_64',
        name: 'kernel-livepatch-6.1.12-17.42-1.0-4.amzn2023.x86_64',
      },
    }
    expect(parseUpdateInfo(sample.AMAZON_UPDATE_INFO, 'kernel-livepatch-6.1.12-17.42-')).toEqual([step])
    expect(parseUpdateInfo(sample.AMAZON_UPDATE_INFO, 'kernel-livepatch-6.1.12-17.4-')).toEqual([])
  })

  test('what is no list offers nothing known, rather than nothing', () => {
    expect(parseUpdateInfo('Killed\n', 'kernel-livepatch-')).toBeNull()
    expect(parseUpdateInfo('', 'kernel-livepatch-')).toBeNull()
    // A row that was cut.
    expect(parseUpdateInfo('CVE-2022-0123 important/Sec.\n', 'kernel-livepatch-')).toBeNull()
    expect(parseUpdateInfo('Loaded plugins: x\n7 packages excluded\n', 'kernel-livepatch-')).toEqual([])
    expect(parseKpatchDnfStatus('Killed\n', 'kpatch-patch-')).toBeNull()
  })

  test('dnf kpatch status names packages of all kernels', () => {
    expect(parseKpatchDnfStatus(sample.DNF_KPATCH_STATUS, 'kpatch-patch-5_14_0-658-')?.steps).toEqual([
      {
        action: 'install',
        id: 'kpatch-patch-5_14_0-658-0-0.x86_64',
        name: 'kpatch-patch-5_14_0-658-0-0.x86_64',
        cves: [],
      },
    ])
    expect(parseKpatchDnfStatus(sample.DNF_KPATCH_STATUS, 'kpatch-patch-5_14_0-65-')?.steps).toEqual([])
    // dynup/kpatch-dnf before it looked for packages.
    expect(parseKpatchDnfStatus('kpatch update setting: auto\n', 'kpatch-patch-')?.steps).toBeNull()
  })

  test.each([
    [sample.DNF_KPATCH_STATUS, (31 * 60 + 13) * 1000],
    ['Last metadata expiration check: 2 days, 1:00:00 ago on Fri Jan 16', 49 * 3_600_000],
    ['Last metadata expiration check: never', null],
  ])('the age of the lists', (text, age) => expect(metadataAgeMs(text)).toBe(age))
})

describe('provider', () => {
  test('RHEL: joined with the package for its CVEs, and with systemd for the next boot', async () => {
    const report = await read(sample.RHEL_8)
    expect(report).toMatchObject({
      ...{ version: '0.9.2', active: true, inProgress: false, steps: null, blockers: [], troubles: [] },
      detail: '1 patch module loaded, 1 installed for this kernel.',
      settings: [
        { name: 'kpatch.service', value: 'loads at boot' },
        { name: 'for 4.18.0-193.el8.x86_64', value: 'kpatch_4_18_0_193_1_1' },
      ],
    })
    expect(report.patches).toEqual([
      {
        ...{ id: 'kpatch_4_18_0_147_1_4', name: 'kpatch_4_18_0_147_1_4', version: '1-4', target: 'kernel' },
        ...{ state: 'applied', stateText: 'enabled', cves: ['CVE-2018-12207', 'CVE-2019-11135'] },
        ...{ livepatch: 'kpatch_4_18_0_147_1_4', atNextBoot: true, protects: true, withdrawn: false },
      },
    ])
  })

  test('a transition, with what stalls it', async () => {
    const report = await read(sample.RHEL_9_IN_TRANSITION)
    expect(report).toMatchObject({
      inProgress: true,
      version: '0.9.11',
      blockers: [{ pid: 4242, tid: 4242, comm: 'kworker/3:1' }],
    })
    expect(report.patches?.map(({ id, state, atNextBoot }) => [id, state, atNextBoot])).toEqual([
      ['kpatch_5_14_0_427_13_1_1_1', 'applied', false],
      ['livepatch_a', 'disabled', false],
      ['livepatch_hotfix', 'patching', false],
    ])
  })

  test('what stalls it is a thread, and its process is looked up; one that is no longer there has none', async () => {
    const { files } = sample.DEBIAN_IN_TRANSITION
    const [thread] = (await read(sample.DEBIAN_IN_TRANSITION)).blockers
    expect(thread).toMatchObject({ pid: 271, tid: 272, comm: 'worker-3' })
    const status = '/proc/272/status'
    const pidWith = async (text: string | undefined) => {
      const { [status]: _status, ...others } = files ?? {}
      const host = { ...sample.DEBIAN_IN_TRANSITION, files: { ...others, ...(text && { [status]: text }) } }
      return (await read(host)).blockers[0]?.pid
    }
    expect(await pidWith(undefined)).toBeNull()
    expect(await pidWith('Name:\tTgid:\t9\nTgid:\t271\nPid:\t272\n')).toBe(271)
    // The number is another thread's by now, or the text is none of the kernel's.
    expect(await pidWith('Tgid:\t271\nPid:\t273\n')).toBeNull()
    expect(await pidWith('Tgid:\t-1\nPid:\t272\n')).toBeNull()
  })

  test('a version that knows no transitions: sysfs tells of one', async () => {
    const livepatches = sample.RHEL_8.livepatches?.map((patch) => ({ ...patch, transition: true })) ?? []
    const report = await read({ ...sample.RHEL_8, livepatches })
    expect(report).toMatchObject({ inProgress: true, patches: [{ state: 'patching', stateText: 'enabled' }] })
    const leaving = livepatches.map((patch) => ({ ...patch, enabled: false }))
    const list = { stdout: 'Loaded patch modules:\nkpatch_4_18_0_147_1_4 [disabled]\n' }
    const programs = { ...sample.RHEL_8.programs, '/usr/sbin/kpatch list': list }
    expect(states(await read({ ...sample.RHEL_8, livepatches: leaving, programs }))).toEqual([
      'kpatch_4_18_0_147_1_4 unpatching',
    ])
  })

  test('RHEL: what dnf has stored for this kernel', async () => {
    expect(await read(sample.RHEL_9_OFFERED)).toMatchObject({
      ...{ patches: [], active: false, checkedAt: '2026-01-16T10:12:12.000Z' },
      steps: [{ action: 'install', id: 'kpatch-patch-5_14_0-658-0-0.x86_64' }],
    })
  })

  test('Amazon Linux: the CVE from the name, the end of support, the step', async () => {
    const report = await read(sample.AMAZON_2023)
    expect(report).toMatchObject({ coverage: 'supported', coverageUntil: '2025-07-22', troubles: [] })
    expect(report.steps).toHaveLength(1)
    expect(report.patches?.[0]).toMatchObject({ cves: ['CVE-2022-36946'], state: 'applied' })
  })

  test('Amazon Linux 2 after its support: the failure of the command is its answer', async () =>
    expect(await read(sample.AMAZON_2)).toMatchObject({
      coverage: 'end_of_life',
      coverageUntil: null,
      steps: [],
      troubles: [],
    }))

  test('Amazon Linux without the plugin', async () => {
    const programs = {
      ...sample.AMAZON_2.programs,
      '/usr/bin/yum -C --assumeno kernel-livepatch supported': {
        exitCode: 1,
        stderr: 'No such command: kernel-livepatch. Please use /usr/bin/yum --help\n',
      },
    }
    expect(await read({ ...sample.AMAZON_2, programs })).toMatchObject({
      coverage: 'unknown',
      steps: null,
      troubles: [],
    })
  })

  test('a package manager that hangs is asked once', async () => {
    const programs = {
      ...sample.AMAZON_2023.programs,
      '/usr/bin/dnf -C --assumeno kernel-livepatch support': { errno: 'ETIMEDOUT' },
    }
    const host = testProviderHost({ ...sample.AMAZON_2023, programs })
    const findings = await kpatchProvider.read(host)
    expect(findings).toMatchObject({ patches: [{ state: 'applied' }], troubles: [{ text: '/usr/bin/dnf: ETIMEDOUT' }] })
    expect(host.asked.filter(({ path }) => path.startsWith('/usr/bin/dnf'))).toHaveLength(1)
  })

  test('the core from before livepatch: state and functions by its sysfs', async () => {
    const report = await read({ ...sample.OLD_CORE, livepatches: null })
    expect(report.detail).toBe('1 patch module loaded, 1 installed for this kernel; its own core replaces 2 functions.')
    expect(report.patches).toMatchObject([
      {
        ...{ id: 'kpatch_meminfo_string', state: 'applied', livepatch: null },
        objects: [
          {
            name: 'unknown',
            functions: [
              { name: 'meminfo_proc_show', sympos: 0 },
              { name: 'show_stat', sympos: 0 },
            ],
          },
        ],
      },
    ])
  })

  test('the core’s switches are watched, those of its own modules alone', () => {
    const module = { refcnt: 1, sizeBytes: 4096, taint: 'OE' }
    const modules = ['ext4', 'kpatch_a'].map((name) => ({ ...module, name }))
    const watched = kpatchProvider.watches(testProviderHost({ livepatches: null, modules }))
    expect(watched).toContain('/sys/kernel/kpatch/kpatch_a/enabled')
    expect(watched).toContain('/sys/kernel/kpatch/patches/kpatch_a/enabled')
    expect(watched.filter((path) => path.includes('ext4'))).toEqual([])
    expect(kpatchProvider.watches(testProviderHost({ modules }))).not.toContain('/sys/kernel/kpatch/kpatch_a/enabled')
  })

  test('its modules are no livepatches, and need not say so', async () => {
    const report = await read({ ...sample.OLD_CORE, livepatches: null })
    expect(report).toMatchObject({ patches: [{ version: '3' }] })
    expect(report.settings.map(({ name }) => name)).toEqual(['kpatch.service'])
  })

  test('its later layout, without the tool', async () => {
    const report = await read({ ...sample.LATER_CORE, livepatches: null })
    expect(report.patches).toMatchObject([
      {
        ...{ id: 'kpatch_a', state: 'disabled' },
        objects: [
          { name: 'ext4', functions: [{ name: 'ext4_sync_file', sympos: 2 }] },
          { name: 'vmlinux', functions: [{ name: 'meminfo_proc_show', sympos: 1 }] },
        ],
      },
    ])
    expect(report.active).toBe(false)
  })

  test('without the tool, by files and sysfs', async () => {
    const { '/usr/sbin/kpatch': _tool, ...files } = sample.RHEL_8.files ?? {}
    expect(states(await read({ ...sample.RHEL_8, files }))).toEqual(['kpatch_4_18_0_147_1_4 applied'])
  })

  test.each([
    ['an error', { exitCode: 1, stderr: 'kpatch: no\n' }, 'kpatch: no'],
    ['a time-out', { errno: 'ETIMEDOUT' }, '/usr/sbin/kpatch: ETIMEDOUT'],
    ['rubbish', { stdout: '\0\u001b[2J{"a":1}' }, 'What it printed is not understood.'],
    ['nothing', { stdout: '' }, 'What it printed is not understood.'],
  ])('%s of the tool is told, and sysfs answers in its place', async (_what, list, text) => {
    const report = await read({
      ...sample.RHEL_8,
      programs: { ...sample.RHEL_8.programs, '/usr/sbin/kpatch list': list },
    })
    expect(states(report)).toEqual(['kpatch_4_18_0_147_1_4 applied'])
    expect(report.troubles).toMatchObject([{ source: '/usr/sbin/kpatch list', text }])
  })

  test('when neither the tool nor sysfs answers, nothing is said of what is loaded', async () => {
    const programs = { '/usr/sbin/kpatch list': { errno: 'EPERM' } }
    const report = await read({ ...sample.RHEL_8, livepatches: null, programs })
    expect(report).toMatchObject({
      active: null,
      inProgress: null,
      detail: 'Which patch modules are loaded is not known, 1 installed for this kernel.',
    })
    expect(states(report)).toEqual(['kpatch_4_18_0_147_1_4 unknown'])
    expect(await read({ files: { '/usr/sbin/kpatch': '' }, livepatches: null })).toMatchObject({ patches: null })
  })

  test('10 MB of output: what was read counts, its cut line does not, and no module is said not to be loaded', async () => {
    const lines = Array.from({ length: 430_000 }, (_, index) => `module_${index} [enabled]`)
    const stdout = `Loaded patch modules:\n${lines.join('\n')}\nkpatch_4_18_0_147_1_4 [ena`
    const list = { stdout, truncated: true, exitCode: null }
    const report = await read({
      ...sample.RHEL_8,
      programs: { ...sample.RHEL_8.programs, '/usr/sbin/kpatch list': list },
    })
    expect(stdout.length).toBeGreaterThan(10_000_000)
    expect(report.patches).toHaveLength(512)
    expect(report.patches?.every(({ id, state }) => id.startsWith('module_') && state === 'applied')).toBe(true)
    expect(report.troubles.map(({ text }) => text)).toEqual([
      'It printed more than is read; the rest is not known.',
      'It names 430001 patches; only 512 are kept.',
    ])
  })

  test.each([
    ['kpatch.enable=0 on the command line', { '/proc/cmdline': 'ro kpatch.enable=0 quiet\n' }],
    ['a masked unit', { '/etc/systemd/system/kpatch.service': '' }],
  ])('%s: nothing comes back at the next boot', async (_what, files) => {
    const report = await read({ ...sample.RHEL_8, files: { ...sample.RHEL_8.files, ...files } })
    expect(report.patches?.[0]?.atNextBoot).toBe(false)
  })

  test('the kernel’s command line is not kept', async () => {
    const host = testProviderHost(sample.RHEL_8)
    const unlisted: string[] = []
    const readText = host.readText.bind(host)
    host.readText = async (path, options) => {
      if (options?.unlisted) unlisted.push(path)
      return readText(path, options)
    }
    await kpatchProvider.read(host)
    expect(unlisted).toContain('/proc/cmdline')
  })

  test('T29 a package’s name is passed on to rpm only if it is one', async () => {
    const list = { stdout: 'kpatch-patch-4_18_0-147-$(id)\n--root=/x\nkpatch-patch-4_18_0-147-1-4 --pipe=x\n' }
    const host = testProviderHost({
      ...sample.RHEL_8,
      programs: { ...sample.RHEL_8.programs, '/usr/bin/rpm -qa kpatch-patch*': list },
    })
    await kpatchProvider.read(host)
    const run = host.asked.map(({ path }) => path).filter((path) => path.startsWith('/usr/bin/rpm'))
    expect(run).toEqual(['/usr/bin/rpm -qa kpatch-patch*'])
  })

  test('is found by its tool, its modules or its core, and by nothing else', async () => {
    const detect = (files: Record<string, string>) => kpatchProvider.detect(testProviderHost({ files }))
    expect(await detect({ '/usr/sbin/kpatch': '' })).toBe(true)
    expect(await detect({ '/var/lib/kpatch/6.1/a.ko': '' })).toBe(true)
    expect(await detect({ '/sys/kernel/kpatch/a/enabled': '' })).toBe(true)
    expect(await detect({ '/usr/bin/klp': '' })).toBe(false)
  })
})
