// Goal: a package manager changes a host only after its dry run named the one package and nothing else; whatever else it says,
// nothing is installed. Method: the act over a package manager of a few answers, whose runs are told.
import { describe, expect, test } from 'vitest'
import type { ActJournal, ActPorts } from './ports.ts'
import { update } from './update.ts'
import { updatePackage } from './update-package.ts'

const SUSE = 'kernel-livepatch-6_4_0-150600_23_25-default'
const RED_HAT = 'kpatch-patch-5_14_0-70_13_1'
type Answer = { readonly exitCode?: number | null; readonly stdout?: string; readonly errno?: string }

/** @param stops changes are stopped from this effect on */
const act = async (
  run: (ports: ActPorts, journal: ActJournal) => Promise<unknown>,
  answers: readonly (readonly [RegExp, Answer])[],
  stops = Number.POSITIVE_INFINITY,
) => {
  const runs: string[] = []
  const ports = {
    refresh: () => undefined,
    programs: {
      run: async (program: string, args: readonly string[]) => {
        const commandLine = [program, ...args].join(' ')
        runs.push(commandLine)
        const {
          errno,
          exitCode = 0,
          stdout = '',
        } = answers.find(([of]) => of.test(commandLine))?.[1] ?? { errno: 'ENOENT' }
        return errno === undefined
          ? { ok: true as const, exitCode, stdout, stderr: '', truncated: false }
          : { ok: false as const, errno, detail: `${program}: ${errno}`, stdout, stderr: '' }
      },
    },
  } as unknown as ActPorts
  const journal = {
    effect: async () => {
      runs.push('journal')
      return runs.filter((one) => one === 'journal').length >= stops ? { code: 'stopped', detail: 'a file' } : null
    },
  } as unknown as ActJournal
  return { outcome: await run(ports, journal), runs }
}

const suse = (ports: ActPorts, journal: ActJournal) => updatePackage('klp', SUSE, ports, journal)
const redHat = (ports: ActPorts, journal: ActJournal) => updatePackage('kpatch', RED_HAT, ports, journal)

const zypperSays = (names: readonly string[]) =>
  `<stream><install-summary download-size="1" space-usage-diff="0">\n<to-install>\n${names
    .map((name) => `<solvable type="package" name="${name}" edition="3-1.1" arch="x86_64"/>\n`)
    .join('')}</to-install>\n</install-summary>\n</stream>`
const line = '='.repeat(80)
const dnfSays = (rows: string, counted: string) =>
  `${line}\n Package  Arch  Version  Repository  Size\n${line}\n${rows}\n\nTransaction Summary\n${line}\n${counted}\n\nTotal size: 1 k\n`
const alone = dnfSays(`Upgrading:\n ${RED_HAT} x86_64 1-4.el9_0 updates 24 k`, 'Upgrade  1 Package')

describe('T27 zypper: what its dry run names alone is installed, and nothing else', () => {
  const install = /zypper --non-interactive --no-refresh install .*-3-1\.1\.x86_64$/
  const says = (stdout: string, exitCode = 0) => [/--dry-run/, { stdout, exitCode }] as const
  test('one package: it is journalled, then installed by its whole name', async () => {
    const { outcome, runs } = await act(suse, [says(zypperSays([SUSE])), [install, { stdout: 'done' }]])
    expect(outcome).toMatchObject({ state: 'done' })
    expect(runs).toEqual([expect.stringMatching(/--dry-run /), 'journal', expect.stringMatching(install)])
  })

  test.each<[string, readonly (readonly [RegExp, Answer])[], object | string]>([
    ['another package with it', [says(zypperSays([SUSE, 'kernel-default']))], { code: 'package_not_alone' }],
    ['another in its place', [says(zypperSays(['kernel-default']))], { code: 'package_not_alone' }],
    ['nothing that is understood', [says('Loading repository data...')], { code: 'package_not_alone' }],
    ['no such package', [says('', 104)], { state: 'failed', code: 'tool_failed' }],
    ['another zypper runs', [says('', 7)], { state: 'failed', code: 'tool_failed' }],
    ['one package, and an error', [says(zypperSays([SUSE]), 4)], { state: 'failed', code: 'tool_failed' }],
    ['too slow', [[/--dry-run/, { errno: 'ETIMEDOUT' }]], { state: 'failed', code: 'ETIMEDOUT' }],
    ['not there', [], { state: 'refused', code: 'tool_missing' }],
    ['nothing newer', [says('<install-summary download-size="0">\n</install-summary>')], 'nothing'],
  ])('%s: nothing is installed', async (_, answers, expected) => {
    const { outcome, runs } = await act(suse, answers)
    if (typeof expected === 'string') expect(outcome).toBe(expected)
    else expect(outcome).toMatchObject(expected)
    expect(runs).toEqual([expect.stringMatching(/--dry-run /)])
  })

  test('changes were stopped after the dry run', async () => {
    const { outcome, runs } = await act(suse, [says(zypperSays([SUSE]))], 1)
    expect(outcome).toMatchObject({ state: 'refused', code: 'stopped' })
    expect(runs).toEqual([expect.stringMatching(/--dry-run /), 'journal'])
  })

  test.each([
    [102, 'done'],
    [107, 'failed'],
  ])('its exit code %i after the installation: %s', async (exitCode, state) => {
    const { outcome } = await act(suse, [says(zypperSays([SUSE])), [install, { exitCode }]])
    expect(outcome).toMatchObject({ state })
  })
})

describe('T27 dnf and yum: what their dry run names alone is installed, and nothing else', () => {
  const asked = (verb: string, stdout: string, exitCode = 1) =>
    [new RegExp(`dnf --assumeno .* ${verb} `), { stdout, exitCode }] as const
  const there = [/rpm -q/, { exitCode: 0 }] as const
  const notThere = [/rpm -q/, { exitCode: 1 }] as const
  const install = [/dnf -y .* install kpatch-patch-5_14_0-70_13_1-1-4\.el9_0\.x86_64$/, {}] as const

  test.each([
    ['update', there],
    ['install', notThere],
  ] as const)('%s, by whether it is there', async (verb, rpm) => {
    const { outcome, runs } = await act(redHat, [rpm, asked(verb, alone), install])
    expect(outcome).toMatchObject({ state: 'done' })
    expect(runs).toEqual([
      ...[`/usr/bin/rpm -q ${RED_HAT}`, expect.stringMatching(/--assumeno/)],
      ...['journal', expect.stringMatching(install[0])],
    ])
  })

  test.each<[string, string, number, object | string]>([
    ['a dependency', alone.replace('1 Package', '2 Packages'), 1, { code: 'package_not_alone' }],
    ['a removal', alone.replace('1 Package', '1 Package\nRemove   1 Package'), 1, { code: 'package_not_alone' }],
    ['no such package', 'No match for argument: x\n', 1, { state: 'failed', code: 'tool_failed' }],
    ['a table and a signal’s end', alone, 137, { state: 'failed', code: 'tool_failed' }],
    ['nothing newer', 'Nothing to do.\n', 0, 'nothing'],
    ['nothing to do, after an error', 'Nothing to do.\n', 3, { state: 'failed', code: 'tool_failed' }],
  ])('%s: nothing is installed', async (_, stdout, exitCode, expected) => {
    const { outcome, runs } = await act(redHat, [there, asked('update', stdout, exitCode), install])
    if (typeof expected === 'string') expect(outcome).toBe(expected)
    else expect(outcome).toMatchObject(expected)
    expect(runs).toHaveLength(2)
  })

  test('without dnf yum is asked, and without both nothing is run', async () => {
    const yum = [/yum --assumeno update/, { stdout: alone, exitCode: 1 }] as const
    const { outcome } = await act(redHat, [there, yum, [/yum -y install /, {}]])
    expect(outcome).toMatchObject({ state: 'done' })
    expect((await act(redHat, [there])).outcome).toMatchObject({ state: 'refused', code: 'tool_missing' })
  })

  test('what was stopped after the installation says that it is installed', async () => {
    const authorisation = { provider: 'kpatch', kernel: { release: '5.14.0-70.13.1.el9_0.x86_64' } }
    const plan = { authorisation, packageUpdates: true } as unknown as Parameters<typeof update>[0]
    const both = (ports: ActPorts, journal: ActJournal) => update(plan, ports, journal)
    const { outcome, runs } = await act(both, [there, asked('update', alone), install, [/kpatch load/, {}]], 2)
    expect(outcome).toMatchObject({ state: 'failed', code: 'stopped', detail: expect.stringContaining(RED_HAT) })
    expect(runs.at(-1)).toBe('journal')
    expect(runs).not.toContainEqual(expect.stringContaining('kpatch load'))
  })
})
