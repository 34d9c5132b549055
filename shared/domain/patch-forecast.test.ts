// Goal: before a patch is loaded, what is in its functions' way on a host, by what was read, and never more than that.
// Method: hosts whose livepatches, ftrace lines, tools and blocking tasks are written by hand, one case each.
import { describe, expect, test } from 'vitest'
import type { EnabledFunction } from '../contract/kernel.ts'
import type { TaskLook } from '../contract/task-look.ts'
import type { BlockingTaskFacts } from '../contract/transition.ts'
import { ENABLED_FUNCTIONS_CUT } from './ftrace-confirmation.ts'
import { type ForecastReading, patchForecast } from './patch-forecast.ts'
import { testFacts, testObject } from './test-module-facts.ts'
import { testLivepatch, testPatch, testReport, testSample, testSnapshot } from './test-snapshot.ts'

const facts = testFacts({ objects: [testObject(null, ['f', 'g']), testObject('nfs', ['h'])] })
const read = (parts: Partial<ForecastReading> = {}): ForecastReading => testSnapshot({ enabledFunctions: [], ...parts })
const line = (name: string, flags: string, module: string | null = null): EnabledFunction => ({
  ...{ name, module, count: 1, ipModify: /\bI\b/.test(flags) },
  line: `${name}${module === null ? '' : ` [${module}]`} (1) ${flags}\t`,
})
const task = (parts: Partial<BlockingTaskFacts>): BlockingTaskFacts => ({
  ...{ pid: 7, tid: 7, comm: 'sleeper', kernelThread: false, state: 'D', wchan: null, systemCall: null, stack: null },
  ...{ cgroup: null, unit: 'sleeper.service', container: null, since: '2026-01-01T00:00:00.000Z' },
  ...parts,
})
const frame = (name: string, module: string | null = null) => ({ function: name, offset: null, module, held: true })
const release = (text: string) => ({ kernel: { ...testSnapshot().kernel, release: text } })
const conflictsOf = (reading: ForecastReading, of = facts) =>
  patchForecast(of, reading, null).conflicts.map(({ kind, object, function: name, refuses }) => [
    ...[kind, object, name, refuses],
  ])

test('on a host without anything there is no conflict, and who sleeps there is not known', () => {
  expect(patchForecast(facts, read(), null)).toEqual({
    ...{ willRefuse: false, willStall: null, conflicts: [], sleepers: [], look: null, unknown: [] },
  })
})

describe('another ftrace user that may change where a call goes', () => {
  test('is refused by the kernel', () => {
    const reading = read({ enabledFunctions: [line('f', 'R I'), line('other', 'R I')] })
    expect(conflictsOf(reading)).toEqual([['instruction_pointer', 'vmlinux', 'f', true]])
    expect(patchForecast(facts, reading, null).willRefuse).toBe(true)
  })
  test('is none where a livepatch has the function: all livepatches hang on one', () => {
    const reading = read({ enabledFunctions: [line('f', 'R I')], livepatches: [testLivepatch('old')] })
    expect(conflictsOf(reading)).toEqual([['older_patch', 'vmlinux', 'f', false]])
    const [{ name = '' } = {}] = reading.livepatches ?? []
    expect(conflictsOf(reading, { ...facts, name }), 'the patch itself is not in its way').toEqual([])
    expect(patchForecast(facts, reading, null).willRefuse).toBe(false)
  })
  test('of a module’s function is none of the kernel’s of that name', () => {
    expect(conflictsOf(read({ enabledFunctions: [line('f', 'R I', 'nfs')] }))).toEqual([])
    expect(conflictsOf(read({ enabledFunctions: [line('h', 'R I', 'nfs')] }))).toHaveLength(1)
  })
  test('may be another function of the name where there are several', () => {
    const second = testFacts({ objects: [testObject(null, ['f'], 2)] })
    const reading = read({ enabledFunctions: [line('f', 'R I')] })
    expect(conflictsOf(reading, second)).toEqual([['instruction_pointer', 'vmlinux', 'f', null]])
    expect(patchForecast(second, reading, null).willRefuse).toBeNull()
  })
  test('is not told for sure while a transition runs', () => {
    const livepatches = [testLivepatch('old', { transition: true, objects: [] })]
    const reading = read({ enabledFunctions: [line('f', 'R I')], livepatches })
    expect(conflictsOf(reading)).toEqual([['instruction_pointer', 'vmlinux', 'f', null]])
  })
})

test.each([
  ['6.12.1-amd64', false],
  ['5.14.0-427.el9', null],
])('a direct call on %s', (kernel, refuses) => {
  const reading = read({ enabledFunctions: [line('g', 'R D')], ...release(kernel) })
  expect(conflictsOf(reading)).toEqual([['trampoline', 'vmlinux', 'g', refuses]])
})

test('what stands behind the flags is no flag', () => {
  const enabled = { ...line('g', 'R'), line: 'g (1) R\ttramp: 0xD (D+0x0/0x1)' }
  expect(conflictsOf(read({ enabledFunctions: [enabled] }))).toEqual([])
})

describe('another patcher', () => {
  const objects = [{ name: 'vmlinux', patched: true, functions: [{ name: 'f', sympos: 1 }] }]
  test('that tells its functions', () => {
    const providers = [testReport('kpatch', { patches: [testPatch('core', { objects })] })]
    expect(conflictsOf(read({ providers }))).toEqual([['other_patcher', 'vmlinux', 'f', true]])
  })
  test('that does not', () => {
    const providers = [testReport('kernelcare', { patches: [testPatch('11')] })]
    expect(patchForecast(facts, read({ providers }), null)).toMatchObject({
      ...{ conflicts: [], unknown: [expect.stringContaining('KernelCare')], willRefuse: null },
    })
  })
})

test('a module that is known not to be there', () => {
  const object = (patched: boolean) => [{ name: 'nfs', patched, functions: [] }]
  expect(conflictsOf(read({ livepatches: [testLivepatch('old', { objects: object(false) })] }))).toEqual([
    ['target_absent', 'nfs', '', false],
  ])
  expect(conflictsOf(read({ livepatches: [testLivepatch('old', { objects: object(true) })] }))).toEqual([])
  const changing = testLivepatch('old', { objects: object(false), transition: true })
  expect(conflictsOf(read({ livepatches: [changing] }))).toEqual([])
})

test('of thousands of conflicts the gravest comes first', () => {
  const names = Array.from({ length: 5000 }, (_, index) => `f${index}`)
  const functions = names.map((name) => ({ name, sympos: 1 }))
  const livepatches = [testLivepatch('old', { objects: [{ name: 'vmlinux', patched: true, functions }] })]
  const many = testFacts({ objects: [testObject(null, [...names, 'last'])] })
  const found = patchForecast(many, read({ livepatches, enabledFunctions: [line('last', 'R I')] }), null)
  expect(found.conflicts).toHaveLength(5001)
  expect(found.conflicts[0]?.function).toBe('last')
})

describe('tasks that sleep in its functions now', () => {
  const sleepers = (stack: BlockingTaskFacts['stack'], of = facts, reading = read()) =>
    patchForecast(of, reading, testSample({ blocking: [task({ stack })], blockingTotal: 1 })).sleepers

  test('hold it up as they hold up the one that runs', () => {
    const stack = [frame('schedule'), frame('g'), frame('do_syscall_64')]
    expect(sleepers(stack)).toMatchObject([{ object: 'vmlinux', function: 'g', pid: 7, unit: 'sleeper.service' }])
    const forecast = patchForecast(facts, read(), testSample({ blocking: [task({ stack })], blockingTotal: 1 }))
    expect(forecast.willStall).toBe(true)
  })
  test('elsewhere do not', () => {
    expect(sleepers([frame('schedule'), frame('other')])).toEqual([])
    expect(sleepers([frame('h')])).toEqual([])
    expect(sleepers([frame('h', 'nfs')])).toHaveLength(1)
  })
  test('in what an older patch put there', () => {
    const reading = read({ livepatches: [testLivepatch('old')] })
    expect(sleepers([frame('f', 'old')], facts, reading)).toMatchObject([{ object: 'old', function: 'f' }])
    // A cumulative patch takes all of the older ones out.
    expect(sleepers([frame('new_other', 'old')], facts, reading)).toHaveLength(1)
    expect(sleepers([frame('new_other', 'old')], { ...facts, replace: false }, reading)).toEqual([])
  })
  test('whose stack could not be read are said to be unknown, and those beyond what was told', () => {
    const sample = testSample({ blocking: [task({})], blockingTotal: 5 })
    expect(patchForecast(facts, read(), sample)).toMatchObject({ willStall: null, sleepers: [] })
    expect(patchForecast(facts, read(), sample).unknown).toHaveLength(2)
  })
})

describe('a look at the tasks', () => {
  const asleep = { pid: 7, tid: 7, comm: 'reader', kernelThread: false, unit: 'reader.service', container: null }
  const look = (parts: Partial<TaskLook> = {}): TaskLook => ({
    ...{ id: 'a'.repeat(64), lookedAt: '2026-01-01T00:00:00.000Z', tasksTotal: 340, tasksRead: 312, errno: null },
    ...{ sleeping: [{ ...asleep, object: 'vmlinux', function: 'g' }], sleepingTotal: 1 },
    ...{ counts: [{ object: 'vmlinux', function: 'g', tasks: 1 }], ...parts },
  })

  test('names who sleeps there without a transition: the host will stall', () => {
    const found = patchForecast(facts, read(), null, look())
    expect(found).toMatchObject({ willStall: true, unknown: [], look: { tasksRead: 312, tasksTotal: 340 } })
    expect(found.sleepers).toMatchObject([{ function: 'g', pid: 7, text: expect.stringContaining('reader (7)') }])
  })
  test('names a process once, however many of its threads sleep alike, and none that a transition names', () => {
    const threads = [7, 8, 9].map((tid) => ({ ...asleep, tid, object: 'vmlinux', function: 'g' }))
    const many = look({ sleeping: threads, sleepingTotal: 70 })
    expect(patchForecast(facts, read(), null, many).sleepers).toHaveLength(1)
    expect(patchForecast(facts, read(), null, many).unknown).toEqual([expect.stringMatching(/^67 more tasks/)])
    const sample = testSample({ blocking: [task({ stack: [frame('g')] })], blockingTotal: 1 })
    expect(patchForecast(facts, read(), sample, many).sleepers).toHaveLength(1)
  })
  test('that found nobody is no promise, and one that read nothing says why', () => {
    const none = look({ sleeping: [], sleepingTotal: 0, counts: [] })
    expect(patchForecast(facts, read(), null, none)).toMatchObject({ willStall: null, sleepers: [], unknown: [] })
    const refused = patchForecast(facts, read(), null, { ...none, tasksRead: 0, errno: 'EACCES' })
    expect(refused.unknown).toEqual([expect.stringContaining('EACCES')])
  })
})

test.each<[string, Partial<ForecastReading>]>([
  ['what ftrace holds', { enabledFunctions: null }],
  ['all that ftrace holds', { unreadable: [{ ...ENABLED_FUNCTIONS_CUT, consequence: '' }] }],
  ['which livepatches are in', { livepatches: null }],
])('not to know %s is to say so, and not to promise', (_, parts) => {
  const { unknown, willRefuse } = patchForecast(facts, read(parts), null)
  expect(unknown).toHaveLength(1)
  expect(willRefuse).toBeNull()
})

test('of a module whose functions were not read nothing is foreseen', () => {
  expect(patchForecast(testFacts({ objects: null }), read({ enabledFunctions: [line('f', 'R I')] }), null)).toEqual({
    ...{ willRefuse: null, willStall: null, conflicts: [], sleepers: [], look: null },
    unknown: ['Which functions the patch replaces could not be read.'],
  })
})
