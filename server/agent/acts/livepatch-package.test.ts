// Goal: a package manager is asked for one package, made of the release by known words alone, and its dry run counts only when
// it says that this package changes and nothing else. Method: releases good and hostile; what dnf 4.14 and zypper 1.14 printed
// over a repository with such packages, and the same texts with one thing more.
import { describe, expect, test } from 'vitest'
import { dnfChange, livepatchPackage, zypperChange } from './livepatch-package.ts'

test.each([
  ['kpatch', '5.14.0-70.13.1.el9_0.x86_64', 'kpatch-patch-5_14_0-70_13_1'],
  ['kpatch', '3.10.0-1062.1.1.el7.x86_64', 'kpatch-patch-3_10_0-1062_1_1'],
  ['kpatch', '6.1.12-17.42.amzn2023.aarch64', 'kernel-livepatch-6.1.12-17.42'],
  ['klp', '6.4.0-150600.23.25-default', 'kernel-livepatch-6_4_0-150600_23_25-default'],
])('T27 the one package for %s on %s is %s', (provider, release, name) => {
  expect(livepatchPackage(provider, release)).toBe(name)
})

test.each([
  ['kpatch', '6.1.0-56-amd64'],
  ['kpatch', '5.14.0-70.el9.x86_64+rt'],
  ['kpatch', '5.14.0-70 kernel.el9.x86_64'],
  ['kpatch', '5.14.0-70*.el9.x86_64'],
  ['kpatch', '5.14.0-70.el9.x86_64\n'],
  ['klp', '6.4.0-150600.23.25-default --force'],
  ['klp', '--force-6.4.0-150600.23-default'],
  ['klp', '6.4.0-150600.23.25-custom'],
  ['klp', '6.4.0-150600.23.25-default\n'],
  ['klp', ''],
])('T27 no package is asked for by %s on %j', (provider, release) => {
  expect(livepatchPackage(provider, release)).toBeNull()
})

const LINE = '='.repeat(80)
const RED_HAT = 'kpatch-patch-5_14_0-70_13_1'
const ROW = ` ${RED_HAT}       x86_64       2-1.el9_0         r       5.5 k\n`
const table = (rows: string, summary: string) =>
  `Last metadata expiration check: 0:00:16 ago on Thu Nov 26 21:01:50 2026.\nDependencies resolved.\n${LINE}
 Package                           Architecture Version           Repo     Size\n${LINE}\n${rows}
Transaction Summary\n${LINE}\n${summary}\n\nTotal size: 5.5 k\n`

describe('dnf', () => {
  const alone = { package: `${RED_HAT}-2-1.el9_0.x86_64` }
  test.each<[string, string, unknown]>([
    ['installs', table(`Installing:\n${ROW}`, 'Install  1 Package'), alone],
    ['updates', table(`Upgrading:\n${ROW}`, 'Upgrade  1 Package'), alone],
    ['updates, in yum’s words', table(`Updating:\n${ROW}`, 'Upgrade  1 Package'), alone],
    [
      'a name with no room in its line',
      table(
        `Installing:\n ${RED_HAT}\n                 x86_64    2-1.el9_0    rhel-9-baseos-rpms    999\n`,
        'Install  1 Package',
      ),
      alone,
    ],
    ['nothing', 'Dependencies resolved.\nNothing to do.\nComplete!\n', 'nothing'],
    ['nothing, in yum’s words', 'Loaded plugins: priorities\nNo packages marked for update\n', 'nothing'],
    [
      'T27 a dependency',
      table(`Installing:\n${ROW}Installing dependencies:\n other noarch 1-1 r 5.4 k\n`, 'Install  2 Packages'),
      'other',
    ],
    [
      'T27 a dependency, counted as one',
      table(`Installing:\n${ROW} other noarch 1-1 r 5.4 k\n`, 'Install  1 Package'),
      'other',
    ],
    [
      'T27 what it replaces',
      table(`Installing:\n${ROW}     replacing  openssh.x86_64 9-1\n`, 'Install  1 Package'),
      'other',
    ],
    [
      'T27 a removal',
      table(`Installing:\n${ROW}Removing:\n openssh x86_64 9-1 r 1 M\n`, 'Install  1 Package\nRemove   1 Package'),
      'other',
    ],
    [
      'T27 a removal that only the summary tells',
      table(`Installing:\n${ROW}`, 'Install  1 Package\nRemove   1 Package'),
      'other',
    ],
    ['T27 another package', table('Installing:\n kernel x86_64 6-1 r 80 M\n', 'Install  1 Package'), 'other'],
    ['T27 a downgrade', table(`Downgrading:\n${ROW}`, 'Downgrade  1 Package'), 'other'],
    [
      'T27 a version with an option in it',
      table(`Installing:\n ${RED_HAT} x86_64 --nogpgcheck r 5 k\n`, 'Install  1 Package'),
      'other',
    ],
    ['T27 nothing at all', '', 'other'],
  ])('%s', (_, printed, expected) => {
    expect(dnfChange(printed, RED_HAT)).toEqual(expected)
  })
})

const SUSE = 'kernel-livepatch-6_4_0-150600_23_25-default'
const solvable = (name = SUSE, edition = '3-150600.4.4.1') =>
  `<solvable type="package" name="${name}" edition="${edition}" arch="x86_64" edition-old="2-150600.4.4.1" arch-old="x86_64" summary="a &lt;patch&gt;">\n<description>d</description></solvable>\n`
const summary = (inside: string) =>
  `<?xml version='1.0'?>\n<stream>\n<message type="info">Resolving package dependencies...</message>\n<install-summary download-size="5653" space-usage-diff="0" packages-to-change="1">\n${inside}</install-summary>\n<prompt id="0">\n<text>Continue?</text>\n</prompt>\n</stream>\n`

describe('zypper', () => {
  const alone = { package: `${SUSE}-3-150600.4.4.1.x86_64` }
  test.each<[string, string, unknown]>([
    ['updates', summary(`<to-upgrade>\n${solvable()}</to-upgrade>\n`), alone],
    ['installs', summary(`<to-install>\n${solvable()}</to-install>\n`), alone],
    [
      'one that describes nothing',
      summary(`<to-install>\n${solvable().replace(/>\n.*\n$/, '/>\n')}</to-install>\n`),
      alone,
    ],
    ['nothing', summary(''), 'nothing'],
    ['T27 a second package', summary(`<to-install>\n${solvable()}${solvable('other')}</to-install>\n`), 'other'],
    [
      'T27 a removal beside it',
      summary(`<to-install>\n${solvable()}</to-install>\n<to-remove>\n${solvable('openssh')}</to-remove>\n`),
      'other',
    ],
    ['T27 its own removal', summary(`<to-remove>\n${solvable()}</to-remove>\n`), 'other'],
    ['T27 a downgrade', summary(`<to-downgrade>\n${solvable()}</to-downgrade>\n`), 'other'],
    [
      'T27 another vendor',
      summary(`<to-upgrade>\n${solvable()}</to-upgrade>\n<to-change-vendor>\n${solvable()}</to-change-vendor>\n`),
      'other',
    ],
    [
      'T27 a patch of that name',
      summary(`<to-install>\n${solvable().replace('"package"', '"patch"')}</to-install>\n`),
      'other',
    ],
    ['T27 another package', summary(`<to-install>\n${solvable('kernel-default')}</to-install>\n`), 'other'],
    [
      'T27 an edition with an option in it',
      summary(`<to-install>\n${solvable(SUSE, '--force')}</to-install>\n`),
      'other',
    ],
    ['T27 two summaries', summary('') + summary(`<to-install>\n${solvable()}</to-install>\n`), 'other'],
    ['T27 nothing at all', '', 'other'],
  ])('%s', (_, printed, expected) => {
    expect(zypperChange(printed, SUSE)).toEqual(expected)
  })
})
