// Goal: what kernels of four architectures write of oopses, warnings, lockups, stalls and hung tasks is told as one incident each,
// with the place and with the livepatch in its trace, and nothing else is. Method: reports in the formats of arch/*/kernel,
// record by record, and the logs of all recorded kernels, which tell of none; random and hostile records besides.
import { readdir, readFile } from 'node:fs/promises'
import { KernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseKernelLogRecord } from '../kernel/kernel-log.ts'
import { createIncidentLog, type PatchedCode } from './incident-log.ts'

const AT = '2026-11-26T12:00:00.000Z'
const NOTHING_PATCHED: PatchedCode = { modules: new Set(), functions: new Map() }
const PATCHED: PatchedCode = { modules: new Set(['livepatch_fix']), functions: new Map([['tcp_ack', 'livepatch_fix']]) }

/** Records a millisecond apart. */
const logOf = (texts: readonly string[], priority = 4) => {
  const log = createIncidentLog(AT)
  for (const [index, text] of texts.entries()) {
    const record = parseKernelLogRecord(`${priority},${index},${5_000_000 + index * 1_000},-;${text}\n`)
    if (record !== null) log.take(record, AT)
  }
  return log
}
const told = (texts: readonly string[], code = PATCHED) =>
  logOf(texts)
    .read(code)
    .incidents.map(({ kind, function: name, patched }) => ({ kind, function: name, patched }))

const X86_OOPS = [
  'BUG: kernel NULL pointer dereference, address: 0000000000000018',
  '#PF: supervisor read access in kernel mode',
  '#PF: error_code(0x0000) - not-present page',
  'PGD 0 P4D 0 ',
  'Oops: Oops: 0000 [#1] SMP NOPTI',
  'CPU: 1 UID: 0 PID: 812 Comm: nginx Tainted: G           OE K    6.12.117 #1',
  'Tainted: [O]=OOT_MODULE, [E]=UNSIGNED_MODULE, [K]=LIVEPATCH',
  'RIP: 0010:klpp_tcp_ack+0x2c/0x1a0 [livepatch_fix]',
  'Call Trace:',
  ' <TASK>',
  ' ? __die+0x23/0x70',
  ' tcp_rcv_established+0x1d5/0x6f0',
  ' </TASK>',
  'Modules linked in: livepatch_fix(OEK) virtio_net',
  '---[ end trace 0000000000000000 ]---',
  'RIP: 0010:klpp_tcp_ack+0x2c/0x1a0 [livepatch_fix]',
]

describe('one report is one incident', () => {
  test.each<[string, string[], ReturnType<typeof told>[number]]>([
    [
      'an oops of x86-64 in a livepatch',
      X86_OOPS,
      {
        ...{ kind: 'oops', function: 'klpp_tcp_ack' },
        patched: { function: 'klpp_tcp_ack', patch: 'livepatch_fix', own: true },
      },
    ],
    [
      'an oops of arm64 below a patched function',
      [
        'Unable to handle kernel NULL pointer dereference at virtual address 0000000000000018',
        'Mem abort info:',
        '  ESR = 0x0000000096000004',
        'Internal error: Oops: 0000000096000004 [#1] SMP',
        'CPU: 0 UID: 0 PID: 77 Comm: sshd Tainted: G            K    7.3.4-arm64 #1',
        'pc : sk_wait_data+0x14/0x110',
        'lr : tcp_ack+0x220/0x400',
        'Call trace:',
        ' sk_wait_data+0x14/0x110 (P)',
        ' tcp_ack+0x220/0x400',
        '---[ end trace 0000000000000000 ]---',
      ],
      { kind: 'oops', function: 'sk_wait_data', patched: { function: 'tcp_ack', patch: 'livepatch_fix', own: false } },
    ],
    [
      'an oops of ppc64le',
      [
        'BUG: Kernel NULL pointer dereference on read at 0x00000018',
        'Faulting instruction address: 0xc008000002a10044',
        'Oops: Kernel access of bad area, sig: 11 [#1]',
        'LE PAGE_SIZE=64K MMU=Radix SMP NR_CPUS=2048 NUMA pSeries',
        'NIP [c008000002a10044] livepatch_cmdline_proc_show+0x1c/0x60 [livepatch-fix 5ac1]',
        'LR [c00000000066f0c4] seq_read_iter+0x264/0x6f0',
        'Call Trace:',
        '[c000000009d3fb40] [c00000000066f0a8] seq_read_iter+0x248/0x6f0 (unreliable)',
        '---[ end trace 0000000000000000 ]---',
      ],
      {
        ...{ kind: 'oops', function: 'livepatch_cmdline_proc_show' },
        patched: { function: 'livepatch_cmdline_proc_show', patch: 'livepatch_fix', own: true },
      },
    ],
    [
      'an oops of s390x',
      [
        'Unable to handle kernel pointer dereference in virtual kernel address space',
        'Failing address: 0000000000000000 TEID: 0000000000000483',
        'Oops: 0004 ilc:3 [#1] SMP ',
        'Krnl PSW : 0704c00180000000 000003ff80123456 (tcp_ack+0x2c/0x1a0)',
        'Call Trace:',
        ' [<000003ff80123456>] tcp_ack+0x2c/0x1a0 ',
        '([<000003ff80123400>] tcp_rcv_established+0x10/0x400)',
        'Last Breaking-Event-Address:',
        'Kernel panic - not syncing: Fatal exception: panic_on_oops',
      ],
      { kind: 'oops', function: 'tcp_ack', patched: { function: 'tcp_ack', patch: 'livepatch_fix', own: false } },
    ],
    [
      'another exception of s390x',
      ['addressing exception: 0005 ilc:2 [#1] SMP ', 'Krnl PSW : 0404 0000 (crst+0x2/0x4)'],
      { kind: 'oops', function: 'crst', patched: null },
    ],
    [
      'BUG()',
      [
        '------------[ cut here ]------------',
        'kernel BUG at mm/slub.c:4432!',
        'Oops: invalid opcode: 0000 [#1] PREEMPT SMP NOPTI',
        'RIP: 0010:kfree+0x31/0x3c0',
      ],
      { kind: 'oops', function: 'kfree', patched: null },
    ],
    [
      'a general protection fault of an older kernel',
      ['general protection fault, probably for non-canonical address 0xdead: 0000 [#1] SMP PTI', 'RIP: 0010:f+0x1/0x2'],
      { kind: 'oops', function: 'f', patched: null },
    ],
    [
      'a warning',
      [
        '------------[ cut here ]------------',
        'WARNING: CPU: 0 PID: 4711 at net/ipv4/tcp_input.c:3900 tcp_ack+0x9e/0xb10',
        'Modules linked in: ',
        'RIP: 0010:tcp_ack+0x9e/0xb10',
        '---[ end trace 0000000000000000 ]---',
      ],
      { kind: 'warning', function: 'tcp_ack', patched: { function: 'tcp_ack', patch: 'livepatch_fix', own: false } },
    ],
    [
      'a warning as newer kernels write it',
      [
        '------------[ cut here ]------------',
        'WARNING: lib/refcount.c:28 at refcount_warn_saturate+0xbe/0x110, CPU#1: sh/99',
      ],
      { kind: 'warning', function: 'refcount_warn_saturate', patched: null },
    ],
    [
      'lockdep',
      ['WARNING: possible circular locking dependency detected'],
      { kind: 'warning', function: null, patched: null },
    ],
    [
      'a soft lockup',
      [
        'watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [kworker/1:2:57]',
        'RIP: 0010:smp_call_function_many_cond+0x1/0x2',
      ],
      { kind: 'lockup', function: 'smp_call_function_many_cond', patched: null },
    ],
    [
      'a hard lockup',
      ['NMI watchdog: Watchdog detected hard LOCKUP on cpu 3'],
      { kind: 'lockup', function: null, patched: null },
    ],
    [
      'a hard lockup of ppc64le',
      ['watchdog: CPU 3 detected hard LOCKUP on other CPUs 1'],
      { kind: 'lockup', function: null, patched: null },
    ],
    [
      'a stall of RCU',
      ['rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:', 'rcu: \t0-...!: (3 ticks this GP)'],
      { kind: 'rcu stall', function: null, patched: null },
    ],
    [
      'one of RCU itself',
      ['rcu: INFO: rcu_sched self-detected stall on CPU'],
      { kind: 'rcu stall', function: null, patched: null },
    ],
    [
      'a hung task',
      [
        'INFO: task kworker/u8:2:57 blocked for more than 120 seconds.',
        '      Tainted: G           OE K    6.1.0-56 #1',
        '"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.',
        'task:kworker/u8:2    state:D stack:0     pid:57    ppid:2',
        'Call Trace:',
        ' __schedule+0x34d/0x9e0',
        ' tcp_ack+0x5/0xa0',
      ],
      {
        kind: 'hung task',
        function: '__schedule',
        patched: { function: 'tcp_ack', patch: 'livepatch_fix', own: false },
      },
    ],
    [
      'KASAN',
      [
        'BUG: KASAN: slab-use-after-free in klpp_tcp_ack+0x2c/0x1a0 [livepatch_fix]',
        'Read of size 8 at addr ffff by task a/1',
      ],
      {
        ...{ kind: 'sanitizer report', function: 'klpp_tcp_ack' },
        patched: { function: 'klpp_tcp_ack', patch: 'livepatch_fix', own: true },
      },
    ],
    [
      'UBSAN',
      ['UBSAN: array-index-out-of-bounds in drivers/x.c:12:7'],
      { kind: 'sanitizer report', function: null, patched: null },
    ],
    [
      'a BUG that kills nothing',
      ['BUG: scheduling while atomic: swapper/0/0/0x00000002'],
      { kind: 'bug', function: null, patched: null },
    ],
  ])('%s', (_name, texts, incident) => {
    expect(told(texts)).toEqual([incident])
    expect(told(['before it', ...texts, 'after it'])).toEqual([incident])
  })

  test('each is told with its first record, and counted', () => {
    const log = logOf([
      ...X86_OOPS,
      'INFO: task a:1 blocked for more than 120 seconds.',
      'INFO: task b:2 blocked for more than 120 seconds.',
    ])
    const { incidents, counts, lost, completeSince } = log.read(NOTHING_PATCHED)
    expect(incidents.map(({ sequence, text }) => [sequence, text.slice(0, 12)])).toEqual([
      [0, 'BUG: kernel '],
      [X86_OOPS.length, 'INFO: task a'],
      [X86_OOPS.length + 1, 'INFO: task b'],
    ])
    expect(counts).toMatchObject({ oops: 1, 'hung task': 2, warning: 0 })
    expect([lost, completeSince]).toEqual([0, AT])
  })

  test('a trace that comes in two parts is told of as far as it is there, and what was found in it is kept', () => {
    const log = logOf(X86_OOPS.slice(0, 5))
    expect(log.read(PATCHED).incidents).toMatchObject([{ function: null, patched: null }])
    const more = parseKernelLogRecord(`4,5,5005000,-;${X86_OOPS[7]}\n`)
    if (more !== null) log.take(more, AT)
    expect(log.read(PATCHED).incidents[0]?.patched?.own).toBe(true)
    expect(log.read(NOTHING_PATCHED).incidents[0]?.patched?.own).toBe(true)
  })
})

test('logs of all recorded kernels tell of no incident', async () => {
  const captures = new URL('../captures/', import.meta.url)
  let records = 0
  const kernels = (await readdir(captures, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  for (const { name: kernel } of kernels) {
    for (const scenario of await readdir(new URL(`${kernel}/`, captures))) {
      const lines = (await readFile(new URL(`${kernel}/${scenario}/kmsg.txt`, captures), 'utf8')).split('\n')
      const log = createIncidentLog(AT)
      for (const line of lines) {
        const record = parseKernelLogRecord(line)
        if (record === null) continue
        records += 1
        log.take(record, AT)
      }
      expect([kernel, scenario, log.read(PATCHED).incidents]).toEqual([kernel, scenario, []])
    }
  }
  expect(kernels.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['7.3.4-arm64', '7.3.4-ppc64le', '7.3.4-s390x']),
  )
  expect(records).toBeGreaterThan(300)
})

test('T04 whoever may write to /dev/kmsg makes no incident, and adds nothing to the trace of one', () => {
  expect(logOf(X86_OOPS, 12).read(PATCHED).incidents).toEqual([])
  const log = logOf(['WARNING: CPU: 0 PID: 1 at a.c:1 f+0x1/0x2'])
  const forged = parseKernelLogRecord('12,1,5001000,-; klpp_tcp_ack+0x2c/0x1a0 [livepatch_fix]\n')
  if (forged !== null) log.take(forged, AT)
  expect(log.read(PATCHED).incidents).toMatchObject([{ function: 'f', patched: null }])
})

test('records that were overwritten are counted, and the log counts as whole only from then on', () => {
  const log = createIncidentLog(AT)
  const take = (sequence: number, at: string) => {
    const record = parseKernelLogRecord(`6,${sequence},${sequence},-;x\n`)
    if (record !== null) log.take(record, at)
    const { lost, completeSince } = log.read(NOTHING_PATCHED)
    return [lost, completeSince]
  }
  expect(take(7, '2026-11-26T12:00:01.000Z')).toEqual([7, '2026-11-26T12:00:01.000Z'])
  expect(take(8, '2026-11-26T12:00:02.000Z')).toEqual([7, '2026-11-26T12:00:01.000Z'])
  expect(take(20, '2026-11-26T12:00:03.000Z')).toEqual([18, '2026-11-26T12:00:03.000Z'])
  // Another boot begins anew.
  expect(take(0, '2026-11-26T12:00:04.000Z')).toEqual([0, '2026-11-26T12:00:04.000Z'])
})

test('T04 T20 a kernel that reports without end, with hostile names, is told within the bounds of the contract', () => {
  const name = `e\\x1b[2J${'‮'.repeat(40)}${'x'.repeat(400)}`
  const texts = Array.from({ length: 5_000 }, (_, index) =>
    index % 2 === 0
      ? `INFO: task ${name.slice(0, 100)}:${index} blocked for more than 120 seconds.`
      : ` ${'f'.repeat(600)}+0x1/0x2`,
  )
  const said = logOf([...texts, `BUG: ${name}`]).read(PATCHED)
  expect(said.incidents).toHaveLength(16)
  expect(said.counts).toMatchObject({ 'hung task': 2_500, bug: 1 })
  const readings = {
    ...{ readAt: AT, bootId: 'b', load: null, log: { errno: null, ...said } },
    pressure: { errno: 'ENOENT', cpu: null, memory: null, io: null },
  }
  expect(KernelReadings.safeParse(readings).error).toBeUndefined()
  expect(JSON.stringify(readings).length).toBeLessThan(32_768)
})

test('any records at all are taken, and what is told follows the contract', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom(...X86_OOPS),
    fc.string({ maxLength: 40 }).map((word) => `INFO: task ${word} blocked for more than 1 seconds`),
  )
  const records = fc.array(fc.tuple(fc.nat(30), fc.nat(1_000_000_000), fc.nat(15), text), { maxLength: 60 })
  fc.assert(
    fc.property(records, (all) => {
      const log = createIncidentLog(AT)
      for (const [sequence, microseconds, facility, words] of all)
        log.take({ sequence, microseconds, facility, text: words }, AT)
      const readings = {
        ...{ readAt: AT, bootId: null, load: null, log: { errno: null, ...log.read(PATCHED) } },
        pressure: { errno: null, cpu: null, memory: null, io: null },
      }
      expect(KernelReadings.safeParse(readings).error).toBeUndefined()
    }),
    { numRuns: 200 },
  )
})
