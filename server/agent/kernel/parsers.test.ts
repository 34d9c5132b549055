// Goal: each kernel file is parsed as every kernel and machine prints it, and hostile or cut text is unknown, never
// wrong. Method: text from captures; properties over any text.

import { ENABLED_FUNCTIONS_CUT } from '@rebootless/shared/domain/ftrace-confirmation.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FileTree, treeFs } from '../recorded/tree-fs.ts'
import { parseUptime } from './boot.ts'
import { parseEnabledFunctions, readEnabledFunctions } from './enabled-functions.ts'
import { parseOsRelease } from './identity.ts'
import { hasReplacement, parseModuleSymbols } from './kallsyms.ts'
import { parseKernelConfig } from './kernel-config.ts'
import { livepatchEvent, parseKernelLogRecord } from './kernel-log.ts'
import { parseLockdown } from './kernel-switches.ts'
import { parseFunction } from './livepatch-sysfs.ts'
import { parseModules } from './modules.ts'
import { startReading } from './reading.ts'
import { parseTaints } from './taint.ts'

const eventOf = (record: string) => {
  const parsed = parseKernelLogRecord(record)
  return parsed && livepatchEvent(parsed)
}

describe('the kernel log', () => {
  test.each([
    ["5,346,6388844,-;livepatch: enabling patch 'lp_killable'\n", 'enabling', 'lp_killable', 'patching'],
    [
      "5,347,6403066,-;livepatch: 'lp_killable': starting patching transition\n",
      'transition_started',
      'lp_killable',
      'patching',
    ],
    [
      "5,351,27001138,-;livepatch: 'lp_killable': starting unpatching transition\n",
      'transition_started',
      'lp_killable',
      'unpatching',
    ],
    [
      "5,352,32183557,-;livepatch: 'lp_killable': unpatching complete\n",
      'transition_completed',
      'lp_killable',
      'unpatching',
    ],
    ['5,349,22111287,-;livepatch: signaling remaining tasks\n', 'signalled', null, null],
    ['4,343,27913832,-;livepatch: forcing remaining tasks to the patched state\n', 'forced', null, null],
    ["4,360,7918537,-;livepatch: failed to enable patch 'lp_callbacks'\n", 'enable_failed', 'lp_callbacks', null],
    [
      "5,88,7644636,-;livepatch: reverting patch 'lp_mixed' on unloading module 'lptarget'\n",
      'object_reverted',
      'lp_mixed',
      null,
    ],
    [
      "5,89,8784015,-,caller=T1;livepatch: applying patch 'lp_mixed' to loading module 'lptarget'\n",
      'object_applied',
      'lp_mixed',
      null,
    ],
  ])('%j', (record, kind, patch, direction) => {
    expect(eventOf(record)).toMatchObject({ kind, patch, direction })
  })

  test('what a program wrote into the log is not the kernel speaking', () => {
    expect(eventOf("13,346,6388844,-;livepatch: 'x': patching complete\n")).toBeNull()
    expect(eventOf('12,346,6388844,-;livepatch: forcing remaining tasks to the patched state\n')).toBeNull()
  })

  test('other records, and lines that only look like it, say nothing', () => {
    for (const text of [
      'lp_x: enabling patch',
      "livepatch: symbol 'f' not found in symbol table",
      "x livepatch: enabling patch 'y'",
    ]) {
      expect(eventOf(`5,1,1,-;${text}\n`)).toBeNull()
    }
  })

  test('a name is cut, and any text at all is borne', () => {
    expect(eventOf(`5,1,1,-;livepatch: enabling patch '${'n'.repeat(500)}'\n`)?.patch).toHaveLength(64)
    fc.assert(
      fc.property(fc.string(), (text) => {
        eventOf(text)
        eventOf(`5,1,1,-;livepatch: ${text}`)
      }),
    )
  })
})

describe('enabled_functions on four machines', () => {
  test.each([
    [
      'x86-64',
      'lpt_wait_killable [lptarget] (1)   I     M \ttramp: 0xffffffffc0803000 (klp_ftrace_handler+0x0/0x120) ->klp_ftrace_handler+0x0/0x120',
    ],
    [
      '6.1',
      'lpt_wait_killable [lptarget] (1)   I  \ttramp: 0xffffffffc03c7000 (klp_ftrace_handler+0x0/0x110) ->klp_ftrace_handler+0x0/0x110',
    ],
    ['arm64', 'lpt_wait_killable [lptarget] (1)   I   O M \tops: 0xffff00000b06a720 (klp_ftrace_handler+0x0/0x148)'],
    ['ppc64le and s390x', 'lpt_wait_killable [lptarget] (1)   I     M '],
  ])('%s', (_, line) => {
    expect(parseEnabledFunctions(`${line}\n`)).toEqual([
      { name: 'lpt_wait_killable', module: 'lptarget', count: 1, ipModify: true, line },
    ])
  })
  test('a tracer is no patch, and the kernel itself has no brackets', () => {
    expect(parseEnabledFunctions('schedule (2) R  \ttramp: x (I)\n')).toMatchObject([
      { module: null, ipModify: false, count: 2 },
    ])
  })
  test('any text', () => {
    fc.assert(fc.property(fc.string(), (text) => parseEnabledFunctions(text).every(({ name }) => name !== '')))
  })
})

test('/proc/modules, newest first, with the livepatch letter', () => {
  const text =
    'lp_killable 12288 1 - Live 0xffffffffc0801000 (OEK)\nlptarget 20480 0 - Live 0xffffffffc0800000 (OE)\next4 1 2 a,b, Live 0x0\n'
  expect(parseModules(text).map(({ name, taint, refcnt }) => [name, taint, refcnt])).toEqual([
    ['lp_killable', 'OEK', 1],
    ['lptarget', 'OE', 0],
    ['ext4', '', 2],
  ])
})

test('a function and its position, cut at the last comma', () => {
  expect(parseFunction('lpt_dup,2')).toEqual({ name: 'lpt_dup', sympos: 2 })
  expect(parseFunction('odd,name,1')).toEqual({ name: 'odd,name', sympos: 1 })
  for (const odd of ['', 'x', 'x,', 'x,y', ',1']) expect(parseFunction(odd)).toBeNull()
})

test('taint: each bit with letter and meaning, unknown bits too', () => {
  expect(
    parseTaints('45056\n')
      ?.map(({ letter }) => letter)
      .join(''),
  ).toBe('OEK')
  expect(parseTaints('0\n')).toEqual([])
  expect(parseTaints(String(1n << 40n))).toMatchObject([{ bit: 40, letter: '?' }])
  for (const odd of ['', '-1', 'x', '1 2']) expect(parseTaints(odd)).toBeNull()
})

test('lockdown, config, uptime, os-release', () => {
  expect(parseLockdown('none [integrity] confidentiality\n')).toBe('integrity')
  expect(parseLockdown('')).toBeNull()
  expect(parseKernelConfig('CONFIG_A=y\n# CONFIG_LIVEPATCH is not set\n')).toEqual({
    livepatch: false,
    reliableStackTraces: false,
  })
  expect(parseKernelConfig('CONFIG_LIVEPATCH=y\nCONFIG_HAVE_RELIABLE_STACKTRACE=y\n')).toEqual({
    livepatch: true,
    reliableStackTraces: true,
  })
  expect(parseKernelConfig('<html>')).toBeNull()
  expect(parseUptime('12.34 56.78\n')).toBe(12_340)
  expect(parseUptime('soon')).toBeNull()
  expect(parseOsRelease('ID=debian\nPRETTY_NAME="A \\"B\\" C"\nVERSION_ID=\'12\'\n')).toEqual({
    id: 'debian',
    name: 'A "B" C',
    versionId: '12',
  })
  expect(parseOsRelease('')).toEqual({ id: null, name: null, versionId: null })
})

test('kallsyms: one module, without mapping symbols; only a known prefix is a replacement', () => {
  const text = '0 t a\t[other]\n0 t $x\t[lp_r]\n0 t klpp_vfs_read\t[lp_r]\n0 t seq_show\t[lp_r]\n0 T vfs_read\n'
  const symbols = parseModuleSymbols(text, 'lp_r')
  expect([...symbols]).toEqual(['klpp_vfs_read', 'seq_show'])
  expect(hasReplacement(symbols, 'vfs_read')).toBe(true)
  expect(hasReplacement(symbols, 'seq_show')).toBe(true)
  expect(hasReplacement(symbols, 'read')).toBe(false)
})

test('a list of enabled functions that is longer than what is read says so, and its torn last line is no function', async () => {
  const tree = new FileTree()
  const line = `${'f'.repeat(62)} (1)\n`
  tree.add('/sys/kernel/tracing/enabled_functions', line.repeat(70_000))
  const reading = startReading(
    treeFs(
      () => tree,
      async () => ({ ok: true, value: undefined }),
    ),
  )
  const functions = (await readEnabledFunctions(reading)) ?? []
  expect(new Set(functions.map(({ name }) => name.length))).toEqual(new Set([62]))
  expect(functions.length).toBeLessThan(70_000)
  expect(reading.unreadable).toMatchObject([ENABLED_FUNCTIONS_CUT])
})
