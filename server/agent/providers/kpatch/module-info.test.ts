// Goal: what installed modules say of themselves is asked seldom, and tells which of them this kernel would refuse. Method:
// recorded answers of the tool, and spoilt ones, through the parser and the provider on a host of texts.
import { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { providerReport } from '@rebootless/shared/domain/provider-report.ts'
import { describe, expect, test } from 'vitest'
import { createProviderHost } from '../provider-host.ts'
import { createRememberedRuns } from '../remembered-runs.ts'
import { type TestHostOptions, testProviderHost } from '../test-provider-host.ts'
import { textMachine } from '../test-text-machine.ts'
import { parseModuleInfo } from './module-info.ts'
import { kpatchProvider } from './provider.ts'
import * as sample from './samples.ts'

const RELEASE = '6.12.117+deb12-cloud-amd64'
const FILE = `/var/lib/kpatch/${RELEASE}/lp_simple.ko`
const COMMAND = `/usr/sbin/kpatch info ${FILE}`

type Programs = NonNullable<TestHostOptions['programs']>

const read = async (options: TestHostOptions) =>
  ProviderReport.parse(providerReport('kpatch', await kpatchProvider.read(testProviderHost(options))))
const withInfo = (info: Programs[string]) =>
  read({ ...sample.DEBIAN_IN_TRANSITION, programs: { ...sample.DEBIAN_IN_TRANSITION.programs, [COMMAND]: info } })
const simple = (report: ProviderReport) => report.patches?.find(({ name }) => name === 'lp_simple')

describe('the text', () => {
  test('a recorded one', () =>
    expect(parseModuleInfo(sample.INFO_RECORDED)).toEqual({ version: null, release: RELEASE, isLivepatch: true }))

  test.each([
    ['', null],
    [sample.INFO_FAILED.stdout, null],
    ['\u001b[2Jvermagic:  6.1 SMP', null],
    ['vermagic:', null],
    ['vermagic:       6.1.0 SMP \nvermagic:       6.2.0\n', { version: null, release: '6.1.0', isLivepatch: false }],
    ['livepatch:      N\nversion:        \n', { version: null, release: null, isLivepatch: false }],
    ['livepatch: Y\nversion:  1.2 \u202e\n', { version: '1.2 \u202e', release: null, isLivepatch: true }],
  ])('%j', (text, info) => expect(parseModuleInfo(text)).toEqual(info))
})

describe('in the report', () => {
  test('a module of this kernel comes back; its version is told where its name tells none', async () => {
    const stdout = sample.INFO_RECORDED.replace('livepatch: ', 'version:        2.1\nlivepatch: ')
    const report = await withInfo({ stdout })
    expect(simple(report)).toMatchObject({ version: '2.1', atNextBoot: true })
    expect(report.troubles).toEqual([])
    expect((await read(sample.RHEL_8)).patches?.[0]?.version).toBe('1-4')
  })

  test.each([
    [
      'built for another kernel',
      sample.INFO_RECORDED.replace(`vermagic:       ${RELEASE}`, 'vermagic:       6.12.100+deb12-cloud-amd64'),
      'built for 6.12.100+deb12-cloud-amd64',
    ],
    [
      'no livepatch',
      sample.INFO_RECORDED.replace('livepatch:      Y\n', ''),
      'not marked as a livepatch, so this kernel does not enable it',
    ],
  ])('one that is %s: said, and whether it comes back is not known', async (_what, stdout, value) => {
    const report = await withInfo({ stdout })
    expect(report.troubles).toEqual([])
    expect(report.settings).toContainEqual({ name: 'lp_simple', value })
    expect(simple(report)).toMatchObject({ state: 'applied', atNextBoot: null })
  })

  test('a kernel before 4.7 marks none', async () => {
    const path = '/var/lib/kpatch/4.4.0-1-lab/lp_simple.ko'
    const programs = {
      '/usr/sbin/kpatch list': { stdout: sample.LIST_EMPTY },
      '/usr/sbin/kpatch version': { stdout: '0.9.10\n' },
      [`/usr/sbin/kpatch info ${path}`]: { stdout: 'vermagic:       4.4.0-1-lab SMP mod_unload \n' },
    }
    const files = { '/usr/sbin/kpatch': '', [path]: '' }
    const { settings } = await read({ kernel: { release: '4.4.0-1-lab' }, files, programs })
    expect(settings.map(({ name }) => name)).toEqual(['kpatch.service'])
  })

  test.each<[string, Programs[string], string]>([
    ['a failure', sample.INFO_FAILED, 'could not get modinfo'],
    ['rubbish', { stdout: '\0\u001b[2J' }, 'What it printed is not understood.'],
    ['nothing', { stdout: '' }, 'What it printed is not understood.'],
    ['10 MB', { stdout: 'alias: x\n'.repeat(1_200_000), truncated: true, exitCode: null }, 'more than is read'],
  ])('%s is told, and costs nothing else', async (_what, info, text) => {
    const report = await withInfo(info)
    expect(report.troubles).toMatchObject([{ source: COMMAND, text: expect.stringContaining(text) }])
    expect(simple(report)).toMatchObject({ state: 'applied', atNextBoot: true })
  })
})

describe('how often it is asked', () => {
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`/var/lib/kpatch/${RELEASE}/m${at}.ko`, '']))
  const asked = async (programs: Programs) => {
    const host = testProviderHost({
      ...sample.DEBIAN_IN_TRANSITION,
      files: { '/usr/sbin/kpatch': '', ...many },
      programs: { ...sample.DEBIAN_IN_TRANSITION.programs, ...programs },
    })
    const { settings } = await kpatchProvider.read(host)
    return { count: host.asked.filter(({ path }) => path.includes('kpatch info ')).length, settings }
  }

  test('of eight modules at most, and the rest is told', async () => {
    const { count, settings } = await asked({})
    expect(count).toBe(8)
    expect(settings).toContainEqual({ name: 'kpatch info', value: 'asked of 8 of 12 modules' })
  })

  test('not again after one that hangs, and not of a tool that has not answered', async () => {
    const [first = ''] = Object.keys(many).sort()
    expect((await asked({ [`/usr/sbin/kpatch info ${first}`]: { errno: 'ETIMEDOUT' } })).count).toBe(1)
    expect((await asked({ '/usr/sbin/kpatch list': { errno: 'ETIMEDOUT' } })).count).toBe(0)
  })

  test('once while the same modules are installed; what it printed stays on the page', async () => {
    const remembered = createRememberedRuns()
    const reading = async (files: Record<string, string> = {}) => {
      const machine = textMachine({
        ...sample.DEBIAN_IN_TRANSITION,
        files: { ...sample.DEBIAN_IN_TRANSITION.files, ...files },
      })
      let count = 0
      const run: typeof machine.programs.run = (program, args, limits) => {
        count += Number([program, ...args].join(' ') === COMMAND)
        return machine.programs.run(program, args, limits)
      }
      const { host, kept } = createProviderHost({
        ...{ ...machine, programs: { run }, now: () => 0, keptFor: 'kpatch', remembered },
        signal: new AbortController().signal,
      })
      await kpatchProvider.read(host)
      return { count, text: kept().find(({ path }) => path === COMMAND)?.content }
    }
    const text = sample.INFO_RECORDED
    expect(await reading()).toEqual({ count: 1, text })
    expect(await reading()).toEqual({ count: 0, text })
    expect(await reading({ [`/var/lib/kpatch/${RELEASE}/other.ko`]: '' })).toEqual({ count: 1, text })
  })
})
