// Goal: tasks of many hosts that wait for the same are one group, others are not. Method: stalled hosts as they are read.
import { expect, test } from 'vitest'
import type { BlockingTaskFacts } from '../../contract/transition.ts'
import { blockingGroups, type StalledHost } from './blocking-groups.ts'

const frame = (name: string, offset: string, held = false) => ({ function: name, offset, module: null, held })
const task = (change: Partial<BlockingTaskFacts> = {}): BlockingTaskFacts => ({
  ...{ pid: 57, tid: 57, comm: 'rsync', kernelThread: false, state: 'D', wchan: 'rpc_wait_bit_killable' },
  ...{ systemCall: 'openat', cgroup: null, unit: 'backup.service', container: null },
  stack: [frame('rpc_wait_bit_killable', '0x1e/0xa0'), frame('nfs4_run_open_task', '0x10/0x90', true)],
  since: '2026-11-26T12:00:00.000Z',
  ...change,
})
const host = (n: number, blocking: BlockingTaskFacts[], skewMs = 0): StalledHost => ({
  ...{ id: `h${n}`, name: `web-${n}` },
  sample: { patch: 'lp_nfs', target: 'patching', signalledAt: null, forcedAt: null, blocking },
  toServerTime: (time) => new Date(Date.parse(time) - skewMs).toISOString(),
})

test('the same name, unit and functions are one group, whatever pid and offset', () => {
  const other = task({ pid: 9, tid: 10, since: '2026-11-26T11:59:00.000Z' })
  const moved = {
    ...other,
    stack: [frame('rpc_wait_bit_killable', '0x20/0xa0'), frame('nfs4_run_open_task', '0x14/0x90', true)],
  }
  const { groups, total } = blockingGroups([host(1, [task(), task({ pid: 58, tid: 58 })]), host(2, [moved])])
  expect(total).toBe(1)
  expect(groups[0]).toMatchObject({
    ...{ comm: 'rsync', unit: 'backup.service', hostCount: 2, taskCount: 3, heldFunction: 'nfs4_run_open_task' },
    ...{ since: '2026-11-26T11:59:00.000Z', reason: 'killable_sleep' },
    filter: 'state:stalled blocking:rsync function:nfs4_run_open_task',
  })
  expect(groups[0]?.hosts.map(({ name }) => name)).toEqual(['web-2', 'web-1'])
})

test('another unit, stack or name is another group; most hosts first', () => {
  const elsewhere = task({ stack: [frame('nfs4_run_open_task', '0x1/0x9', true)] })
  const { groups } = blockingGroups([
    host(1, [task({ unit: 'other.service' })]),
    host(2, [elsewhere, task({ comm: 'cp' })]),
    host(3, [elsewhere]),
  ])
  expect(groups.map(({ hostCount }) => hostCount)).toEqual([2, 1, 1])
  expect(new Set(groups.map(({ key }) => key)).size).toBe(3)
})

test('kernel threads of one family are one group, and its filter finds them all', () => {
  const worker = (comm: string) => task({ comm, kernelThread: true, unit: null })
  const { groups } = blockingGroups([host(1, [worker('kworker/0:1')]), host(2, [worker('kworker/7:3')])])
  expect(groups.map(({ comm, isFamily, filter }) => [comm, isFamily, filter])).toEqual([
    ['kworker/', true, 'state:stalled blocking:kworker/* function:nfs4_run_open_task'],
  ])
})

test('words speak of no process of one host', () => {
  const [group] = blockingGroups([host(1, [task({ pid: 48113, tid: 48113 })]), host(2, [task()])]).groups
  expect(JSON.stringify([group?.explanation, group?.advice])).not.toMatch(/48113|thread|process \d/)
})

test('waiting is told by our clock, not by the host’s', () => {
  const [group] = blockingGroups([host(1, [task()], 60_000)]).groups
  expect(group?.since).toBe('2026-11-26T11:59:00.000Z')
})

test('T04 names that hold marks of the key do not run two groups into one', () => {
  const stacks = [[frame('x', '0x1'), frame('y', '0x1')], [frame('x\0\0y', '0x1')], [frame('x","y', '0x1')]]
  expect(
    blockingGroups([
      host(
        1,
        stacks.map((stack) => task({ stack })),
      ),
    ]).total,
  ).toBe(3)
})
