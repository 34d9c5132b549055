// Goal: whatever a provider does, one reading ends, follows the contract, holds no secret and invents nothing. Method:
// made-up providers on a host of texts and a virtual clock; reports with every kind of fault.

import { RawFile } from '@rebootless/shared/contract/kernel.ts'
import { type ProviderPatch, ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { providerReport } from '@rebootless/shared/domain/provider-report.ts'
import { PROVIDER_TITLES } from '@rebootless/shared/domain/provider-titles.ts'
import { describe, expect, test } from 'vitest'
import type { HostPrograms, ProgramOptions, ProgramResult } from '../programs/programs.ts'
import { FileTree, treeFs } from '../recorded/tree-fs.ts'
import { createVirtualClock } from '../recorded/virtual-clock.ts'
import { boundReport } from './bound-report.ts'
import type { Provider } from './provider.ts'
import { runProvider } from './run-provider.ts'

const made = (parts: Partial<Provider>): Provider => ({
  ...{ name: 'ksplice', title: PROVIDER_TITLES.ksplice },
  ...{ detect: async () => true, watches: () => [], read: async () => ({ detail: 'Read.' }) },
  ...parts,
})

interface Tried {
  files?: Record<string, string | { errno: string }>
  run?: (program: string, args: readonly string[], limits: ProgramOptions) => Promise<ProgramResult>
}

const ended = (stdout: string, rest: Partial<Extract<ProgramResult, { ok: true }>> = {}): ProgramResult => ({
  ...{ ok: true, exitCode: 0, stdout, stderr: '', truncated: false },
  ...rest,
})

const notThere: HostPrograms['run'] = async () => ({
  ...{ ok: false, errno: 'ENOENT', detail: 'not there', stdout: '', stderr: '' },
})

const reading = async (provider: Provider, { files = {}, run = notThere }: Tried = {}) => {
  const tree = new FileTree()
  for (const [path, content] of Object.entries(files)) tree.add(path, content)
  const virtual = createVirtualClock(Date.UTC(2026, 10, 26))
  const result = runProvider(provider, {
    fs: treeFs(
      () => tree,
      async () => ({ ok: true, value: undefined }),
    ),
    programs: { run },
    clock: virtual.clock,
    facts: {
      kernel: { release: '6.12.1', version: null, architecture: 'x86_64', bootId: 'boot-1' },
      ...{ operatingSystem: { id: null, name: null, versionId: null }, livepatches: [], modules: [] },
    },
  })
  await virtual.advance(120_000)
  const { report, watches, raw } = await result
  return {
    report: report && ProviderReport.parse(report),
    watches,
    raw: raw.map((file) => RawFile.parse(file)),
    elapsedMs: virtual.elapsedMs(),
  }
}

describe('a reading', () => {
  test('a system that is not there is not spoken of', async () => {
    expect(await reading(made({ detect: async () => false }))).toMatchObject({ report: null, watches: [], raw: [] })
  })

  test('what was found is reported, with what was read for it', async () => {
    const result = await reading(
      made({
        watches: () => ['/a'],
        async read(host) {
          await host.readText('/a')
          await host.readText('/unlisted', { unlisted: true })
          await host.readText('/refused')
          await host.readText('/missing')
          await host.run('/bin/tool', ['show', '-x'])
          await host.run('/bin/none', [])
          return { detail: 'Two updates are in.', version: '1.2' }
        },
      }),
      {
        files: { '/a': 'text', '/unlisted': 'text', '/refused': { errno: 'EACCES' } },
        run: async (program, ...rest) =>
          program === '/bin/tool' ? ended('out', { stderr: 'err\n', exitCode: 4 }) : notThere(program, ...rest),
      },
    )
    expect(result.report).toEqual(providerReport('ksplice', { detail: 'Two updates are in.', version: '1.2' }))
    expect(result.watches).toEqual(['/a'])
    const by = { provider: 'ksplice' }
    expect(result.raw).toEqual([
      { path: '/a', content: 'text', errno: null, truncated: false, ...by },
      { path: '/refused', content: null, errno: 'EACCES', truncated: false, ...by },
      { path: '/bin/tool show -x', content: 'out\nerr\n', errno: null, truncated: false, exitCode: 4, ...by },
    ])
  })

  test('a program that was ended is kept with its errno and what it had printed', async () => {
    const { raw } = await reading(
      made({
        async read(host) {
          await host.run('/bin/tool', [])
          return { detail: 'Read.' }
        },
      }),
      { run: async () => ({ ok: false, errno: 'ETIMEDOUT', detail: 'late', stdout: 'begun', stderr: '' }) },
    )
    expect(raw).toMatchObject([{ path: '/bin/tool', content: 'begun', errno: 'ETIMEDOUT', exitCode: null }])
  })

  test('whether something is there is told of files, folders and what may not be read', async () => {
    const asked: boolean[] = []
    const paths = ['/d/file', '/d', '/d/refused', '/d/none', '/none']
    await reading(
      made({
        async read(host) {
          for (const path of paths) asked.push(await host.exists(path))
          return { detail: 'Read.' }
        },
      }),
      { files: { '/d/file': '', '/d/refused': { errno: 'EACCES' } } },
    )
    expect(asked).toEqual([true, true, true, false, false])
  })
})

describe('a provider that fails', () => {
  test('what it throws is a trouble, and what it had read is kept', async () => {
    const { report, raw } = await reading(
      made({
        async read(host) {
          await host.readText('/a')
          throw new Error('line 3 is odd')
        },
      }),
      { files: { '/a': 'text' } },
    )
    expect(report).toMatchObject({ present: true, patches: null, troubles: [{ code: null }] })
    expect(report?.troubles[0]?.text).toContain('line 3 is odd')
    expect(raw).toHaveLength(1)
  })

  test('one that cannot even tell whether it is there says so, and does not say that it is', async () => {
    const detect = () => Promise.reject(new Error('no'))
    const { report } = await reading(made({ detect }))
    expect(report).toMatchObject({ present: false, troubles: [{ source: 'ksplice' }] })
    const thrown = made({
      watches: () => {
        throw new Error('no list')
      },
    })
    expect((await reading(thrown)).report?.troubles[0]?.text).toContain('no list')
  })

  test('one that never ends costs a minute, and what it does later is refused and not kept', async () => {
    let open = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const later: unknown[] = []
    let finished = (): void => undefined
    const end = new Promise<void>((resolve) => {
      finished = resolve
    })
    const { report, raw } = await reading(
      made({
        async read(host) {
          await host.readText('/a')
          await gate
          later.push(await host.readText('/b'), await host.list('/'), await host.exists('/b'))
          later.push(await host.run('/bin/tool', []))
          finished()
          return { detail: 'Read after all.' }
        },
      }),
      { files: { '/a': 'text', '/b': 'text' } },
    )
    open()
    await end
    expect(report).toMatchObject({ present: true, troubles: [{ text: 'It took longer than 60 s.' }] })
    expect(raw.map(({ path }) => path)).toEqual(['/a'])
    const canceled = { ok: false, errno: 'ECANCELED' }
    expect(later).toMatchObject([canceled, canceled, false, canceled])
    const mute = await reading(made({ detect: () => new Promise(() => undefined) }))
    expect(mute.report).toMatchObject({ present: false, troubles: [{ text: 'It took longer than 10 s.' }] })
  })
})

describe('limits', () => {
  test('of time and output are no larger than a program may have, whatever is asked for', async () => {
    const limits: ProgramOptions[] = []
    await reading(
      made({
        async read(host) {
          await host.run('/bin/tool', [])
          await host.run('/bin/tool', [], { timeMs: 1e9, bytesMax: 1e9 })
          await host.run('/bin/tool', [], { timeMs: 500, bytesMax: 100 })
          return { detail: 'Read.' }
        },
      }),
      {
        run: async (_program, _args, asked) => {
          limits.push(asked)
          return ended('')
        },
      },
    )
    expect(limits).toEqual([
      { timeMs: 10_000, bytesMax: 1024 * 1024 },
      { timeMs: 30_000, bytesMax: 1024 * 1024 },
      { timeMs: 500, bytesMax: 100 },
    ])
  })

  test('a provider that runs a program again and again is stopped', async () => {
    let started = 0
    const errnos = new Set<string>()
    await reading(
      made({
        async read(host) {
          for (let count = 0; count < 200; count += 1) {
            const result = await host.run('/bin/tool', [])
            if (!result.ok) errnos.add(result.errno)
          }
          return { detail: 'Read.' }
        },
      }),
      {
        run: async () => {
          started += 1
          return ended('')
        },
      },
    )
    expect([started, [...errnos]]).toEqual([64, ['EDQUOT']])
  })

  test('what is kept is bounded, each and all, and says that it was cut', async () => {
    const files = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`/d/${index}`, 'x'.repeat(20_000)]))
    const { raw } = await reading(
      made({
        async read(host) {
          for (const path of Object.keys(files)) await host.readText(path)
          await host.readText('/d/0')
          return { detail: 'Read.' }
        },
      }),
      { files },
    )
    expect(raw).toHaveLength(64)
    expect(raw.every(({ truncated }) => truncated)).toBe(true)
    expect(raw.reduce((sum, { content }) => sum + (content?.length ?? 0), 0)).toBe(96 * 1024)
  })
})

describe('secrets', () => {
  const key = 'b7'.repeat(32)
  const SECRETS = [
    `accesskey = ${key}`,
    `Client:\n  Key: ${key}\n`,
    `{"Client":{"Key":"${key}"}}`,
    `Key: ${key.slice(0, 20)}`,
    `note ${key} note`,
    `{"machineToken": "M12abcdefghijk", "resource-token":"R98zyxwvut"}`,
    `token: C14KxyzABCDEFGHIJKLMNOP`,
    'registration_key=AB12CD34EF56GH78',
    'http_proxy=http://user:hunter2@proxy.example:3128/',
    'password: hunter2',
    '{"password":"hunter2 and more"}',
    'Authorization: Bearer abcdefghijklmnop',
  ]
  const HIDDEN = [
    key,
    key.slice(0, 20),
    'M12abc',
    'R98zyx',
    'C14K',
    'AB12CD',
    'hunter2',
    'and more',
    'abcdefghijklmnop',
  ]

  test('T31 keys, tokens and passwords are gone before the provider or anyone else sees the text', async () => {
    const seen: string[] = []
    const { raw, report } = await reading(
      made({
        async read(host) {
          for (const [index] of SECRETS.entries()) {
            const result = await host.readText(`/d/${index}`)
            if (result.ok) seen.push(result.value)
          }
          const result = await host.run('/bin/tool', [])
          seen.push(result.stdout, result.stderr)
          return { detail: 'Read.', accessDetail: seen.join(' ').slice(0, 300) }
        },
      }),
      {
        files: Object.fromEntries(SECRETS.map((text, index) => [`/d/${index}`, text])),
        run: async () => ended(SECRETS.join('\n'), { stderr: SECRETS.join('\n') }),
      },
    )
    const told = JSON.stringify([seen, raw, report])
    for (const secret of HIDDEN) expect(told).not.toContain(secret)
    expect(seen[0]).toBe('accesskey = [redacted]')
    expect(seen[10]).toBe('{"password":"[redacted]"}')
    expect(seen[8]).toBe('http_proxy=http://[redacted]@proxy.example:3128/')
  })

  test('T31 what a provider takes out by itself is neither kept nor given to it', async () => {
    const redact = (text: string) => text.replaceAll('only this tool knows', '…')
    const { raw, report } = await reading(
      made({
        async read(host) {
          const file = await host.readText('/a', { redact })
          const printed = await host.run('/bin/tool', [], { redact })
          return { detail: `${file.ok ? file.value : ''} ${printed.stdout}` }
        },
      }),
      { files: { '/a': 'only this tool knows' }, run: async () => ended('only this tool knows') },
    )
    expect(report?.detail).toBe('… …')
    expect(raw.map(({ content }) => content)).toEqual(['…', '…'])
  })

  test('text without secrets is left as it is', async () => {
    const plain = [
      'Installed updates:\n[1jg2kztv] Denial-of-service in key: management of access token: parsing.',
      'CVE-2022-3564: Token: bypass; srcversion 8C5B4E0D2A3F4B5C6D7E8F9',
      'kernel-livepatch-6_4_0-150600_23_25-default basic x86_64 https://ubuntu.com/livepatch me@example',
      'commit 0123456789abcdef0123456789abcdef01234567',
    ]
    const seen: string[] = []
    await reading(
      made({
        async read(host) {
          for (const [index] of plain.entries()) {
            const result = await host.readText(`/d/${index}`)
            if (result.ok) seen.push(result.value)
          }
          return { detail: 'Read.' }
        },
      }),
      { files: Object.fromEntries(plain.map((text, index) => [`/d/${index}`, text])) },
    )
    expect(seen).toEqual(plain)
  })
})

describe('a report', () => {
  const patch: ProviderPatch = {
    ...{ id: 'p1', name: 'p1', version: null, target: 'kernel', state: 'applied', stateText: null, cves: [] },
    ...{ livepatch: null, atNextBoot: null, protects: true, withdrawn: false },
  }
  const whole = providerReport('kpatch', {
    detail: 'One patch.',
    patches: [patch],
    checkedAt: '2026-11-26T09:00:00.000Z',
  })
  /** As a provider with a fault would make it: past what the types allow. */
  const faulty = (change: Record<string, unknown>) => boundReport(Object.assign({ ...whole }, change))

  test('that follows the contract stays as it is', () => {
    expect(boundReport(whole)).toEqual(whole)
  })

  test.each([
    ['a field', { checkedAt: 'yesterday' }, { checkedAt: null }],
    ['a word', { coverage: 'perhaps', reboot: 7 }, { coverage: 'unknown', reboot: 'unknown' }],
    ['no list', { patches: 'none' }, { patches: null }],
    ['a field that there is not', { colour: 'red' }, {}],
    ['a text', { version: 'v'.repeat(100) }, { version: 'v'.repeat(64) }],
    ['a patch', { patches: [patch, { ...patch, state: 'fine', id: 7 }, { id: 'p2' }] }, { patches: [patch] }],
    ['a field of a patch that there is not', { patches: [{ ...patch, extra: 1 }, patch] }, { patches: [patch] }],
    [
      'parts of a patch and the patch',
      {
        patches: [
          { ...patch, cves: ['x', 'y'], protects: 'no' },
          { ...patch, cves: ['CVE-2026-12345', 'cve'] },
        ],
      },
      { patches: [{ ...patch, cves: ['CVE-2026-12345'] }] },
    ],
    [
      'a long name in a long list',
      { patches: Array.from({ length: 600 }, () => ({ ...patch, name: 'n'.repeat(400) })) },
      { patches: Array.from({ length: 512 }, () => ({ ...patch, name: 'n'.repeat(300) })) },
    ],
    ['a number', { blockers: [{ pid: -1, tid: null, comm: null, stack: [] }] }, { blockers: [] }],
  ])('loses %s that breaks it, nothing else, and says so', (_what, change, expected) => {
    const { troubles, ...rest } = ProviderReport.parse(faulty(change))
    const { troubles: _none, ...before } = whole
    expect(rest).toEqual({ ...before, ...expected })
    expect(troubles).toMatchObject([{ source: 'kpatch', text: expect.stringContaining(Object.keys(change)[0] ?? '') }])
  })

  test('that is no report at all leaves only that the system is there', () => {
    const round: Record<string, unknown> = {}
    round.self = round
    const { patches, present, troubles } = ProviderReport.parse(faulty({ settings: round }))
    expect({ patches, present, count: troubles.length }).toEqual({ patches: null, present: true, count: 1 })
  })

  test('T04 keeps hostile text as text', () => {
    const hostile = '\u001b]0;x\u0007\u202e\u0000<script>'
    expect(faulty({ detail: hostile, patches: [{ ...patch, id: hostile }] })).toMatchObject({
      ...{ detail: hostile, patches: [{ id: hostile }], troubles: [] },
    })
  })
})
