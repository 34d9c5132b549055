// Goal: a program is not run again while what its answer depends on is the same, and what it said is kept for the page all
// the same; nothing passing is remembered. Method: readings one after another of a made-up program that is counted.
import { expect, test } from 'vitest'
import type { ProgramResult } from '../programs/programs.ts'
import { createProviderHost } from './provider-host.ts'
import { createRememberedRuns } from './remembered-runs.ts'
import { textMachine } from './test-text-machine.ts'

const ended = (stdout: string, rest: Partial<Extract<ProgramResult, { ok: true }>> = {}): ProgramResult => ({
  ...{ ok: true, exitCode: 0, stdout, stderr: '', truncated: false },
  ...rest,
})

/** Readings of one host, each with a limit of its own on what it runs; `answers` says what the program prints. */
const host = (answers: (count: number) => ProgramResult) => {
  const remembered = createRememberedRuns()
  let count = 0
  const run = async () => {
    count += 1
    return answers(count)
  }
  return async (nowMs: number, dependsOn?: string, argument = 'list') => {
    const opened = createProviderHost({
      ...textMachine({}),
      ...{ programs: { run }, now: () => nowMs, keptFor: 'kpatch', remembered },
      signal: new AbortController().signal,
    })
    const redact = (text: string) => text.replace('secret', '[redacted]')
    const result = await opened.host.run('/bin/tool', [argument], {
      redact,
      ...(dependsOn === undefined ? {} : { dependsOn }),
    })
    return { said: result.stdout, count, kept: opened.kept().map(({ path, content }) => [path, content]) }
  }
}
const DAY_MS = 86_400_000

test('run once while it is the same; kept and redacted each time', async () => {
  const read = host((count) => ended(`secret ${count}`))
  const first = { said: '[redacted] 1', count: 1, kept: [['/bin/tool list', '[redacted] 1']] }
  expect(await read(0, 'a')).toEqual(first)
  expect(await read(DAY_MS - 1, 'a')).toEqual(first)
  expect(await read(DAY_MS - 1, 'b')).toMatchObject({ said: '[redacted] 2', count: 2 })
  expect(await read(DAY_MS - 1, 'a')).toMatchObject({ count: 3 })
  expect(await read(DAY_MS - 1, 'a', 'other')).toMatchObject({ count: 4 })
})

test('a day at most, and not across a clock that was set back', async () => {
  const read = host((count) => ended(`${count}`))
  await read(0, 'a')
  expect(await read(DAY_MS, 'a')).toMatchObject({ said: '2' })
  expect(await read(0, 'a')).toMatchObject({ said: '3' })
})

test('what depends on nothing told is run each time', async () => {
  const read = host((count) => ended(`${count}`))
  await read(0)
  expect(await read(0)).toMatchObject({ said: '2' })
})

test.each<[string, ProgramResult]>([
  ['an exit code', ended('no', { exitCode: 1 })],
  ['a signal', ended('', { exitCode: null })],
  ['output that was cut', ended('x', { truncated: true })],
  ['more output than is worth it', ended('x'.repeat(20_000))],
  ['a time-out', { ok: false, errno: 'ETIMEDOUT', detail: 'too long', stdout: '', stderr: '' }],
])('%s is not remembered', async (_what, result) => {
  const read = host(() => result)
  await read(0, 'a')
  expect(await read(0, 'a')).toMatchObject({ count: 2 })
})

test.each([
  'usage: tool [-h] [-i]\ntool: error: unrecognized arguments: --json\n',
  "tool: unrecognized option '--json'\nTry 'tool --help' for more information.\n",
])('that it does not know its arguments is: %j', async (stderr) => {
  const read = host(() => ended('', { exitCode: 2, stderr }))
  await read(0, 'a')
  expect(await read(0, 'a')).toMatchObject({ count: 1 })
})

test('a host that names ever more command lines is not followed without end', async () => {
  const read = host((count) => ended(`${count}`))
  for (let number = 0; number < 100; number += 1) await read(0, 'a', `${number}`)
  expect(await read(0, 'a', '99')).toMatchObject({ count: 100 })
  expect(await read(0, 'a', '0')).toMatchObject({ count: 101 })
})
