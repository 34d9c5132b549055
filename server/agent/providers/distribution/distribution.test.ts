// Goal: what the distribution's files and package managers hold becomes facts, and what they do not hold stays unknown.
// Method: hosts of texts, with the layout and the outputs of each distribution.
import { DistributionFacts } from '@rebootless/shared/contract/provider.ts'
import { describe, expect, test } from 'vitest'
import { createProviderHost } from '../provider-host.ts'
import { createRememberedRuns } from '../remembered-runs.ts'
import { type TestHostOptions, testProviderHost } from '../test-provider-host.ts'
import { textMachine } from '../test-text-machine.ts'
import { parseDpkgStatus, parseRpmNames } from './livepatch-packages.ts'
import { newestOf, parseMetaPackages } from './newest-known.ts'
import { readDistribution } from './read-distribution.ts'

const read = async (options: TestHostOptions) =>
  DistributionFacts.parse(await readDistribution(testProviderHost(options)))

const kernels = (...releases: string[]) =>
  Object.fromEntries(releases.map((release) => [`/lib/modules/${release}/modules.dep`, '']))

const APT = '/usr/bin/apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= show --no-all-versions'

/** Debian 12, `apt-cache show linux-image-amd64`, shortened. */
const META_PACKAGE = `Package: linux-image-amd64
Source: linux-signed-amd64 (6.1.192+2)
Version: 6.1.192-2
Provides: linux-image-generic, linux-latest-modules-6.1.0-56-amd64, wireguard-modules (= 1.0.0)
Depends: linux-image-6.1.0-56-amd64 (= 6.1.192-2)
Description: Linux for 64-bit PCs (meta-package)

`

describe('kernels on disk', () => {
  test('oldest first, the newest of the running one’s kind', async () => {
    const files = kernels('6.8.0-106-generic', '6.8.0-45-generic', '6.8.0-1015-aws', '6.11.0-9-lowlatency')
    expect(await read({ kernel: { release: '6.8.0-45-generic' }, files })).toMatchObject({
      installedKernels: ['6.8.0-45-generic', '6.8.0-106-generic', '6.8.0-1015-aws', '6.11.0-9-lowlatency'],
      newestInstalled: '6.8.0-106-generic',
    })
  })

  test('a folder that a removed kernel left behind does not count, the running one does', async () => {
    const files = {
      ...kernels('6.4.0-150600.23.7-default'),
      '/lib/modules/6.4.0-150600.23.25-default/weak-updates/x.ko': '',
      '/lib/modules/6.4.0-150600.23.14-default/weak-updates/x.ko': '',
      '/lib/modules/README': '',
      '/lib/modules/-r/modules.dep': '',
    }
    const facts = await read({ kernel: { release: '6.4.0-150600.23.14-default' }, files })
    expect(facts.installedKernels).toEqual(['6.4.0-150600.23.7-default', '6.4.0-150600.23.14-default'])
    expect(facts.newestInstalled).toBe('6.4.0-150600.23.14-default')
  })

  test('where /lib is no link to /usr/lib', async () => {
    const files = { '/usr/lib/modules/6.12.1/vmlinuz': '' }
    expect((await read({ files })).installedKernels).toEqual(['6.12.1'])
  })

  test('the newest 64 of very many', async () => {
    const files = kernels(...Array.from({ length: 100 }, (_, index) => `6.1.${index}`))
    const facts = await read({ kernel: { release: '6.1.99' }, files })
    expect(facts.installedKernels).toHaveLength(64)
    expect(facts.newestInstalled).toBe('6.1.99')
  })

  test('nothing to be read: nothing is known', async () =>
    expect(await read({})).toEqual({
      ...{ installedKernels: null, newestInstalled: null, newestKnown: null, rebootRequired: null, rebootPackages: [] },
      ...{ livepatchPackages: null, offer: null },
    }))
})

describe('the newest that is known', () => {
  const debian = (options: TestHostOptions = {}): TestHostOptions => ({
    kernel: { release: '6.1.0-25-amd64' },
    operatingSystem: { id: 'debian', versionId: '12' },
    files: { '/usr/bin/apt-cache': '' },
    ...options,
  })

  test('Debian: what the meta package depends on', async () => {
    const programs = { [`${APT} linux-image-amd64`]: { stdout: META_PACKAGE } }
    expect((await read(debian({ programs }))).newestKnown).toBe('6.1.0-56-amd64')
  })

  test('apt-cache is run again once the stored lists are others', async () => {
    const archive = '/var/lib/apt/lists/deb.debian.org_debian_dists_bookworm'
    const release = (day: string) => `Origin: Debian\nDate: Sat, ${day} Nov 2026 08:00:00 UTC\nSHA256:\n`
    const remembered = createRememberedRuns()
    let runs = 0
    const newestKnown = async (files: Record<string, string>) => {
      const options = debian({
        files: { '/usr/bin/apt-cache': '', ...files },
        programs: { [`${APT} linux-image-amd64`]: { stdout: META_PACKAGE } },
      })
      const machine = textMachine(options)
      const run: typeof machine.programs.run = (...asked) => {
        runs += Number(asked[0] === '/usr/bin/apt-cache')
        return machine.programs.run(...asked)
      }
      const { host } = createProviderHost({
        ...{ ...machine, programs: { run }, now: () => 0, keptFor: 'distribution', remembered },
        signal: new AbortController().signal,
      })
      return [(await readDistribution(host)).newestKnown, runs]
    }
    const first = { [`${archive}_InRelease`]: release('21') }
    expect(await newestKnown(first)).toEqual(['6.1.0-56-amd64', 1])
    expect(await newestKnown(first)).toEqual(['6.1.0-56-amd64', 1])
    expect(await newestKnown({ [`${archive}_InRelease`]: release('28') })).toEqual(['6.1.0-56-amd64', 2])
    expect(
      await newestKnown({ [`${archive}_InRelease`]: release('28'), [`${archive}_main_binary-amd64_Packages`]: '' }),
    ).toEqual(['6.1.0-56-amd64', 3])
  })

  test.each([
    ['no lists', { exitCode: 100, stderr: 'E: No packages found\n' }],
    ['a time-out', { errno: 'ETIMEDOUT' }],
    ['10 MB', { stdout: `${META_PACKAGE}${'Depends: x\n'.repeat(1_000_000)}`, truncated: true }],
    ['rubbish', { stdout: 'Depends: linux-image-\u001b[31m\0, linux-image-amd64\n' }],
  ])('%s: not known', async (_what, shown) =>
    expect((await read(debian({ programs: { [`${APT} linux-image-amd64`]: shown } }))).newestKnown).toBeNull(),
  )

  test('T29 a kernel’s kind is part of a command line only if it is a name', async () => {
    for (const release of ['6.1.0-25--option=x', '6.1.0-25-$(id)', '6.1.0-25-a b', '6.1.0']) {
      const host = testProviderHost(debian({ kernel: { release } }))
      await readDistribution(host)
      expect(host.asked.filter(({ path }) => path.includes('apt-cache'))).toEqual([])
    }
  })

  test.each([
    ['5.15.0-100-generic', '5.15.0-122-generic'], // The first kernel's line, although there is a newer one.
    ['5.15.0-122-generic', '5.15.0-122-generic'],
    ['6.5.0-41-generic', '6.8.0-45-generic'], // Hardware enablement moved on.
    ['6.11.0-9-generic', null], // Neither knows of it.
  ])('Ubuntu 22.04 on %s: %s', (running, newest) =>
    expect(newestOf(running, ['5.15.0-122-generic', '6.8.0-45-generic'])).toBe(newest),
  )

  test('dependencies with alternatives', () =>
    expect(
      parseMetaPackages(
        'Depends: linux-image-6.8.0-45-generic | linux-image-unsigned-6.8.0-45-generic, linux-modules-6.8.0-45\n',
      ),
    ).toEqual(['6.8.0-45-generic']))
})

describe('a reboot that the distribution asks for', () => {
  const ubuntu = { id: 'ubuntu', versionId: '24.04' }
  const hook = { '/usr/share/update-notifier/notify-reboot-required': '' }

  test('Ubuntu, with the packages', async () => {
    const files = {
      ...hook,
      '/run/reboot-required': '*** System restart required ***\n',
      '/run/reboot-required.pkgs': 'linux-image-6.8.0-106-generic\nlinux-base\nlinux-base\n\u001b[31mx\n\n',
    }
    expect(await read({ operatingSystem: ubuntu, files })).toMatchObject({
      rebootRequired: true,
      rebootPackages: ['linux-image-6.8.0-106-generic', 'linux-base'],
    })
  })

  test.each([
    ['Ubuntu with the hook', ubuntu, hook, false],
    ['Ubuntu without what would make the file', ubuntu, {}, null],
    ['Debian with unattended-upgrades', { id: 'debian' }, { '/etc/kernel/postinst.d/unattended-upgrades': '' }, false],
    ['SLES 15, needed', { id: 'sles', versionId: '15.6' }, { '/run/reboot-needed': '' }, true],
    ['SLES 15', { id: 'sles', versionId: '15.6' }, {}, false],
    ['SLES 12, whose zypper knows no such file', { id: 'sles', versionId: '12.5' }, {}, null],
    ['RHEL', { id: 'rhel', versionId: '9.4' }, {}, null],
  ])('%s', async (_what, operatingSystem, files, rebootRequired) =>
    expect(await read({ operatingSystem, files })).toMatchObject({ rebootRequired, rebootPackages: [] }),
  )
})

describe('packages that carry livepatches', () => {
  // "Kernel Live Patching on AL2023", Amazon's manual, with SUSE's and Red Hat's beside it.
  const NAMES = `kernel-livepatch-repo-s3-2023.7.20250428-0.amzn2023.noarch
kernel-livepatch-6.1.134-150.224-1.0-0.amzn2023.x86_64
kernel-livepatch-tools-1.2-150400.1.x86_64
kpatch-patch-5_14_0-658-0-0.x86_64
`
  const RPM = '/usr/bin/rpm -qa kpatch-patch* kernel-livepatch* kgraft-patch*'

  test('by rpm', async () => {
    const facts = await read({ files: { '/usr/bin/rpm': '' }, programs: { [RPM]: { stdout: NAMES } } })
    expect(facts.livepatchPackages).toEqual([
      ...['kernel-livepatch-6.1.134-150.224-1.0-0.amzn2023.x86_64', 'kpatch-patch-5_14_0-658-0-0.x86_64'],
    ])
    expect(parseRpmNames('kpatch-patch-5_14\u001b[31m\n$(id)\n')).toEqual([])
  })

  test('rpm fails: not known', async () => {
    const programs = { [RPM]: { exitCode: 1, stderr: 'error: rpmdb open failed\n' } }
    expect((await read({ files: { '/usr/bin/rpm': '' }, programs })).livepatchPackages).toBeNull()
  })

  test('by dpkg, where there are hardly any', async () => {
    const info = { '/var/lib/dpkg/info/linux-base.list': '', '/var/lib/dpkg/info/libc6:amd64.list': '' }
    expect((await read({ files: info })).livepatchPackages).toEqual([])
    const status = `Package: kpatch-patch-6.1.0-25
Status: install ok installed
Version: 1.0-1
Description: x
 Version: 9

Package: kpatch-patch-6.1.0-26
Status: deinstall ok config-files
Version: 1.0-1
`
    const files = { ...info, '/var/lib/dpkg/info/kpatch-patch-6.1.0-25:amd64.list': '', '/var/lib/dpkg/status': status }
    expect((await read({ files })).livepatchPackages).toEqual(['kpatch-patch-6.1.0-25-1.0-1'])
    expect(parseDpkgStatus('')).toEqual([])
  })
})

describe('what the distribution offers', () => {
  test.each([
    ['rhel', '9.4', 'x86_64', /^Red Hat makes .* kpatch-patch/],
    ['ol', '8.10', 'x86_64', /^Oracle makes Ksplice/],
    ['sles', '15.6', 'x86_64', /kernel-livepatch/],
    ['sles', '12.5', 'x86_64', /kgraft-patch/],
    ['sle-micro', '5.5', 'x86_64', /kernel-livepatch/],
    ['ubuntu', '24.04', 'x86_64', /canonical-livepatch/],
    ['debian', '13', 'x86_64', /^Debian makes no/],
    ['amzn', '2023', 'aarch64', /three months/],
    ['amzn', '2023', 's390x', /only/],
  ])('%s %s on %s', async (id, versionId, architecture, offer) =>
    expect((await read({ operatingSystem: { id, versionId }, kernel: { architecture } })).offer).toMatch(offer),
  )
  test('one not looked into', async () =>
    expect((await read({ operatingSystem: { id: 'constructor' } })).offer).toBeNull())
})
