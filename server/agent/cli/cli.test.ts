// Goal: clear answers and exit statuses, and no host text that paints on a terminal. Method: the command line as a
// function, over a kernel that cannot be read; tables for arguments; properties for escaping.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { printable, printableJson } from '@rebootless/shared/domain/printable.ts'
import { providerReport } from '@rebootless/shared/domain/provider-report.ts'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLinkBench, sampleSnapshot } from '../../bff/link/link-test-bench.ts'
import { processLockHolder } from '../../process/process-lock.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import { createSystemClock } from '../kernel/system-clock.ts'
import { parseArguments } from './arguments.ts'
import { runCli } from './main.ts'
import { snapshotText } from './snapshot-text.ts'

const nothing: KernelFs = {
  read: async () => ({ ok: false, errno: 'EACCES' }),
  list: async () => ({ ok: false, errno: 'EACCES' }),
  hold: async () => ({ ok: false, errno: 'EACCES' }),
  write: async () => ({ ok: false, errno: 'EACCES' }),
  followKernelLog: async () => ({ ok: false, errno: 'EACCES' }),
}

let data: string
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'rebootless-cli-'))
})
afterEach(() => rm(data, { recursive: true, force: true }))

const run = async (words: string[], options: { input?: string; signal?: AbortSignal } = {}) => {
  let out = ''
  let error = ''
  const status = await runCli([...words, '--data', data, '--config', join(data, 'agent.json')], {
    terminal: {
      out: (text) => {
        out += text
      },
      error: (text) => {
        error += text
      },
      input: Readable.from([options.input ?? '']),
    },
    fs: nothing,
    programs: { run: async () => ({ ok: false, errno: 'ENOENT', detail: 'not there', stdout: '', stderr: '' }) },
    clock: createSystemClock(),
    signal: options.signal ?? AbortSignal.abort(),
  })
  return { status, out, error }
}

describe('commands', () => {
  test('--version and --help', async () => {
    expect(await run(['--version'])).toMatchObject({ status: 0, out: expect.stringMatching(/^rebootless-agent \d/) })
    expect((await run(['--help'])).out).toContain('inspect [--json]')
  })

  test('inspect reads a kernel that shows nothing, and says so', async () => {
    const { status, out } = await run(['inspect', '--json'])
    expect(status).toBe(0)
    expect(JSON.parse(out).livepatches).toBeNull()
    expect((await run(['inspect'])).out).toContain('Livepatches: not known')
  })

  test('status and run on a host that is not enrolled', async () => {
    expect(await run(['status'])).toMatchObject({ status: 3, out: expect.stringContaining('Enrolled:    no') })
    expect(await run(['run'])).toMatchObject({ status: 3, error: expect.stringContaining('not enrolled') })
  })

  test('T28 stop and resume: a file of local root, and status says so', async () => {
    expect(await run(['stop'])).toMatchObject({ status: 0, out: expect.stringContaining('are stopped') })
    expect((await run(['status'])).out).toMatch(/^Stopped: +all changes/m)
    expect(await run(['resume'])).toMatchObject({ status: 0 })
    expect((await run(['status'])).out).not.toMatch(/^Stopped/m)
  })

  test('enrol, status, run twice', async () => {
    const bench = await createLinkBench()
    const enrolled = await run(['enrol', '--server', bench.url, '--token', '-'], { input: `${await bench.token()}\n` })
    expect(enrolled).toMatchObject({ status: 0, out: expect.stringMatching(/Enrolled as host [0-9a-f-]{36}/) })
    const again = ['enrol', '--server', bench.url, '--token', 'x']
    expect(await run(again)).toMatchObject({ status: 1, error: expect.stringContaining('enrolled already') })
    expect((await run([...again, '--force'])).error).toContain('not a join token')

    const stop = new AbortController()
    const first = run(['run'], { signal: stop.signal })
    while ((await processLockHolder(data, 'run')) === undefined) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(await run(['run'])).toMatchObject({ status: 4, error: expect.stringContaining(`process ${process.pid}`) })
    while (!(await run(['status'])).out.includes('connected')) await new Promise((resolve) => setTimeout(resolve, 20))
    expect((await run(['status'])).out).toMatch(/Last heard: .*s ago[\s\S]*Class: .*observe — there is no/)
    stop.abort()
    expect((await first).status).toBe(0)
    expect((await run(['status'])).out).toContain('not running')
    await bench.end()
  })

  test('a name given at enrolment stays the name of the host', async () => {
    const bench = await createLinkBench()
    await run(['enrol', '--server', bench.url, '--token', await bench.token(), '--name', 'db-7'])
    const stop = new AbortController()
    const running = run(['run'], { signal: stop.signal })
    const names = () =>
      bench.memory.applied.flatMap(({ message }) => {
        return message.type === 'hello'
          ? [message.hostName]
          : message.type === 'snapshot'
            ? [message.snapshot.hostName]
            : []
      })
    while (names().length < 2) await new Promise((resolve) => setTimeout(resolve, 20))
    stop.abort()
    await running
    expect(names()).toEqual(['db-7', 'db-7'])
    await bench.end()
  })

  test('a token that was used: refused, status 5', async () => {
    const bench = await createLinkBench()
    const token = await bench.token()
    await run(['enrol', '--server', bench.url, '--token', token])
    const second = await run(['enrol', '--server', bench.url, '--token', token, '--force'])
    expect(second).toMatchObject({ status: 5, error: expect.stringContaining('unknown, used, or past its end') })
    await bench.end()
  })

  test('a damaged identity is an error that says what to do', async () => {
    await writeFile(join(data, 'identity.json'), '{"hostId":1}')
    expect(await run(['run'])).toMatchObject({ status: 1, error: expect.stringContaining('enrol this host again') })
  })
})

describe('arguments', () => {
  test.each<[string[], RegExp]>([
    [[], /command is missing/],
    [['fly'], /"fly" is no command/],
    [['run', 'fast'], /"fast" is one word too many/],
    [['run', '--json'], /--json means nothing to "run"/],
    [['enrol', '--server', 'x'], /--token/],
    [['inspect', '--colour'], /--colour/],
    [['status', '--data'], /--data/],
  ])('%j', (words, wrong) => {
    expect(parseArguments(words)).toMatchObject({ wrong: expect.stringMatching(wrong) })
  })
})

describe('host text', () => {
  const hostile = 'a\u001b[31m\r\u202eb\u0007\u2028\u200f\u{e0041}'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come through
  const raw = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/

  test('T04 no control or bidi character reaches the terminal', () => {
    expect(printable(hostile)).toBe('a\\u{1b}[31m\\u{d}\\u{202e}b\\u{7}\\u{2028}\\u{200f}\\u{e0041}')
    const snapshot = sampleSnapshot({
      hostName: hostile,
      livepatches: [
        {
          name: hostile,
          enabled: true,
          transition: null,
          replace: null,
          stackOrder: null,
          objects: [{ name: hostile, patched: null, functions: [{ name: hostile, sympos: 1 }] }],
          unknownAttributes: [],
        },
      ],
      providers: [
        providerReport('ksplice', {
          ...{
            detail: hostile,
            version: hostile,
            effectiveKernel: hostile,
            accessDetail: hostile,
            rebootReason: hostile,
          },
          steps: [{ action: 'install', id: hostile, name: hostile, cves: [] }],
          troubles: [{ source: hostile, code: 1, text: hostile }],
        }),
      ],
    })
    expect(snapshotText(snapshot)).not.toMatch(raw)
    expect(printableJson(snapshot)).not.toMatch(raw)
  })

  test('what each live patching system says is printed, one fact a line', () => {
    const snapshot = sampleSnapshot({
      providers: [
        providerReport('ksplice', {
          ...{ detail: 'One update is in.', effectiveKernel: '6.12.9', coverage: 'end_of_life', access: 'expired' },
          patches: [
            {
              ...{
                id: 'a1',
                name: 'Fix of a',
                version: null,
                target: 'kernel',
                state: 'applied',
                stateText: 'Installed',
              },
              ...{ cves: ['CVE-2026-12345'], livepatch: null, atNextBoot: null, protects: true, withdrawn: false },
            },
          ],
          steps: [{ action: 'remove', id: 'b2', name: 'Fix of b', cves: [] }],
          troubles: [{ source: '/usr/sbin/uptrack-show', code: 3, text: 'No network.' }],
        }),
      ],
    })
    expect(snapshotText(snapshot).split('\n')).toEqual(
      expect.arrayContaining([
        '  ksplice: One update is in.',
        '    effective kernel: 6.12.9',
        '    coverage: end of life',
        '    access: expired',
        '    patch Fix of a: Installed, CVE-2026-12345',
        '    would remove: Fix of b',
        '    trouble: /usr/sbin/uptrack-show (exit 3): No network.',
      ]),
    )
  })

  test('T04 JSON stays the same data', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = printableJson(value)
        expect(text).not.toMatch(raw)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})
