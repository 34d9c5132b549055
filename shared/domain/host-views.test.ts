// Goal: what pages say of a host follows from what was read. Method: snapshots of one patch or two in each phase, each
// expectation taken from the kernel's documents.
import { describe, expect, test } from 'vitest'
import type { KernelEvent } from '../contract/patch-memory.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { BlockingTaskFacts } from '../contract/transition.ts'
import { explainBlockingTask } from './blocking-task.ts'
import { ENABLED_FUNCTIONS_CUT } from './ftrace-confirmation.ts'
import { hostState } from './host-state.ts'
import { newMemory } from './patch-memory-entry.ts'
import { patchStatuses } from './patch-status.ts'
import { redirectionMap } from './redirections.ts'
import { AT, testLivepatch as livepatch, testSample as sample, testSnapshot as snapshot } from './test-snapshot.ts'
import { estimateTransition } from './transition-estimate.ts'
import { transitionSentence } from './transition-sentence.ts'

const NOW = Date.parse(AT) + 60_000

const task = (parts: Partial<BlockingTaskFacts> = {}): BlockingTaskFacts => ({
  ...{ pid: 9, tid: 9, comm: 'rsync', kernelThread: false, state: 'D', wchan: null, systemCall: 'read', cgroup: null },
  ...{ unit: 'backup.service', container: null, since: AT },
  stack: [{ function: 'f', offset: null, module: null, held: true }],
  ...parts,
})

const event = (sequence: number, kind: KernelEvent['kind'], patch: string | null): KernelEvent => ({
  ...{ sequence, at: AT, kind, patch, direction: null, object: null, text: '' },
})

const stateOf = (facts: Partial<Parameters<typeof hostState>[0]>) =>
  hostState({ snapshot: snapshot(), transition: null, connected: true, lastSeenAt: NOW, now: NOW, ...facts })

describe('host state', () => {
  const applied = snapshot({ livepatches: [livepatch('a')], memory: [{ ...newMemory('a', 1), completedAt: AT }] })
  const changing = snapshot({ livepatches: [livepatch('a', { transition: true })] })
  const forcedOnce = snapshot({ ...applied, memory: [{ ...newMemory('a', 1), completedAt: AT, forcedAt: AT }] })
  const failedLast = snapshot({
    kernelEvents: [event(1, 'enabling', 'b'), event(2, 'enable_failed', 'b'), event(3, 'transition_completed', 'b')],
  })

  test.each([
    ['patched', { snapshot: applied }],
    ['patching', { snapshot: changing }],
    ['stalled', { snapshot: changing, transition: sample({ blocking: [task()], blockingTotal: 1 }) }],
    ['forced', { snapshot: forcedOnce }],
    ['failed', { snapshot: failedLast }],
    ['exposed', {}],
    ['stale', { snapshot: null }],
    ['offline', { snapshot: null, connected: false, lastSeenAt: null }],
    ['offline', { snapshot: applied, connected: false, lastSeenAt: NOW - 61_000 }],
    ['stale', { snapshot: applied, lastSeenAt: NOW - 36_000 }],
    ['patched', { snapshot: applied, lastSeenAt: NOW - 34_000 }],
    ['patched', { snapshot: applied, connected: false, lastSeenAt: NOW - 30_000 }],
    [
      'offline',
      { snapshot: changing, connected: false, lastSeenAt: NOW - 61_000, transition: sample({ blockingTotal: 1 }) },
    ],
    ['forced', { snapshot: forcedOnce, connected: false, lastSeenAt: NOW - 999_000 }],
    ['exposed', { connected: false, lastSeenAt: NOW - 999_000 }],
  ] as const)('%s', (state, facts) => {
    const found = stateOf(facts)
    expect(found.state).toBe(state)
    expect(found.reason).toMatch(/^.+\.$/)
  })

  const noSysfs = (path: string, livepatchConfigured: boolean | null, errno = 'ENOENT') =>
    snapshot({
      livepatches: null,
      kernel: { ...snapshot().kernel, livepatchConfigured },
      unreadable: [{ path, errno, consequence: '' }],
    })

  test.each([
    ['unsupported', noSysfs('/sys/kernel/livepatch', false)],
    ['unsupported', noSysfs('/sys/kernel/livepatch', null)],
    ['stale', noSysfs('/sys/kernel/livepatch', true)],
    ['stale', noSysfs('/sys/kernel', null)],
    ['stale', noSysfs('/sys/kernel/livepatch', true, 'EACCES')],
  ] as const)('without its directory: %s, and only what is known is claimed', (state, seen) => {
    expect(stateOf({ snapshot: seen }).state).toBe(state)
    expect(stateOf({ snapshot: seen, connected: false, lastSeenAt: NOW - 61_000 }).state).toBe('offline')
  })

  test('an `enabled` that cannot be read claims nothing, before and after a completion', () => {
    const livepatches = [livepatch('p', { enabled: null })]
    for (const completedAt of [null, AT]) {
      const seen = snapshot({ livepatches, memory: [{ ...newMemory('p', 1), completedAt }] })
      expect(patchStatuses(seen)[0]?.state).toBe('unknown')
      expect(stateOf({ snapshot: seen })).toEqual({
        state: 'stale',
        reason: 'Whether p is in effect could not be read.',
      })
      expect(redirectionMap(seen).objects[0]?.functions[0]).toMatchObject({
        entries: [{ patch: 'p', share: null }],
        originalShare: null,
      })
    }
  })

  test('a failure is the last word only until something comes after', () => {
    const later = snapshot({ kernelEvents: [...(failedLast.kernelEvents ?? []), event(4, 'enabling', 'c')] })
    expect(stateOf({ snapshot: later }).state).toBe('exposed')
  })

  test('a loaded but disabled patch is named', () => {
    const module = { name: 'lp_x', version: null, srcversion: null, refcnt: 0, taint: 'OEK', sizeBytes: 1 }
    expect(stateOf({ snapshot: snapshot({ livepatchModules: [module] }) }).reason).toBe(
      'lp_x is loaded but disabled; its fixes are not in effect.',
    )
  })
})

describe('patch states', () => {
  test('`enabled` 0 in transition is told by the direction', () => {
    const livepatches = [livepatch('a', { enabled: false, transition: true })]
    const towards = (direction: 'patching' | 'unpatching') =>
      patchStatuses(
        snapshot({ livepatches, memory: [{ ...newMemory('a', 1), transitionStartedAt: AT, direction }] }),
      )[0]?.state
    expect(towards('patching')).toBe('patching')
    expect(towards('unpatching')).toBe('unpatching')
  })

  test('a stalled replace shows on the new patch, not on the old', () => {
    const livepatches = [
      livepatch('a', { replace: true, transition: true, stackOrder: 2 }),
      livepatch('old', { stackOrder: 1 }),
    ]
    const stalled = snapshot({ livepatches, transition: sample({ blocking: [task()], blockingTotal: 1 }) })
    expect(patchStatuses(stalled).map(({ name, state, stalled }) => [name, state, stalled])).toEqual([
      ['a', 'patching', true],
      ['old', 'applied', false],
    ])
  })
})

describe('redirections', () => {
  const two = [livepatch('old', { stackOrder: 1 }), livepatch('a', { stackOrder: 2, transition: true })]
  const functionOf = (parts: Partial<Snapshot>) => redirectionMap(snapshot(parts)).objects[0]?.functions[0]

  test('in a transition, tasks of the old side get what is below', () => {
    expect(functionOf({ livepatches: two, transition: sample() })).toMatchObject({
      entries: [
        { patch: 'a', kind: 'replacement', share: 0.75 },
        { patch: 'old', share: 0.25 },
      ],
      ...{ originalShare: 0, reached: 'a' },
    })
  })

  test('on the way out, the target is what is below, or the original', () => {
    const memory = [{ ...newMemory('a', 2), transitionStartedAt: AT, direction: 'unpatching' as const }]
    const out = sample({ target: 'unpatching' })
    expect(functionOf({ livepatches: two, memory, transition: out })).toMatchObject({ reached: 'old' })
    const alone = functionOf({ livepatches: two.slice(1), memory, transition: out })
    expect(alone).toMatchObject({ entries: [{ share: 0.25 }], originalShare: 0.75, reached: null })
  })

  test('a patch whose directory is there before its transition, or after it, leads no call anywhere', () => {
    const livepatches = [livepatch('old'), livepatch('q', { enabled: false })]
    const memory = [newMemory('old', 1), newMemory('q', 2)]
    expect(functionOf({ livepatches, memory })).toMatchObject({
      entries: [{ patch: 'old', share: 1 }],
      ...{ originalShare: 0, reached: 'old' },
    })
    expect(functionOf({ livepatches: livepatches.slice(1), memory })).toMatchObject({
      entries: [],
      ...{ originalShare: 1, reached: null },
    })
  })

  test('a lower patch that goes out changes no call', () => {
    const livepatches = [livepatch('a', { stackOrder: 1, transition: true }), livepatch('top', { stackOrder: 2 })]
    expect(functionOf({ livepatches, transition: sample() })).toMatchObject({
      entries: [
        { patch: 'top', share: 1 },
        { patch: 'a', share: 0 },
      ],
      reached: 'top',
    })
  })

  test('a replace leaves open which are no-ops, until memory knows', () => {
    const livepatches = two.map((patch) => ({ ...patch, replace: patch.name === 'a' }))
    expect(functionOf({ livepatches, transition: sample() })).toMatchObject({
      entries: [{ kind: 'unknown' }, { kind: 'replacement' }],
      originalShare: null,
    })
    const noop = [{ ...newMemory('a', 2), noops: ['vmlinux,f,1'] }]
    expect(functionOf({ livepatches, memory: noop, transition: sample() })).toMatchObject({
      entries: [{ kind: 'noop' }, {}],
      ...{ originalShare: 0.75, reached: null },
    })
    const own = [{ ...newMemory('a', 2), replacements: ['vmlinux,f,1'] }]
    expect(functionOf({ livepatches, memory: own, transition: sample() })).toMatchObject({
      entries: [{ kind: 'replacement' }, {}],
      reached: 'a',
    })
  })

  test('a share that not all tasks could be asked for is unknown', () => {
    expect(functionOf({ livepatches: two, transition: sample({ tasksUnreadable: 1 }) })?.entries[0]?.share).toBeNull()
  })

  test('the functions of a module that is not loaded wait', () => {
    const objects = [{ name: 'nfs', patched: false, functions: [{ name: 'f', sympos: 1 }] }]
    expect(functionOf({ livepatches: [livepatch('a', { objects })], enabledFunctions: [] })?.ftrace).toBe('waiting')
  })
})

describe('what ftrace confirms', () => {
  const line = (name: string) => ({ name, module: null, count: 1, ipModify: true, line: `${name} (1) I` })
  const ftraceOf = (parts: Partial<Snapshot>) =>
    redirectionMap(snapshot(parts)).objects.flatMap(({ functions }) => functions.map(({ ftrace }) => ftrace))

  test('a list that was cut makes an absent function unknown, and no drift', () => {
    const seen = { livepatches: [livepatch('a')], enabledFunctions: [line('g')] }
    expect(ftraceOf(seen)).toEqual(['missing'])
    expect(stateOf({ snapshot: snapshot(seen) }).state).toBe('drifted')
    const cut = { ...seen, unreadable: [{ ...ENABLED_FUNCTIONS_CUT, consequence: '' }] }
    expect(ftraceOf(cut)).toEqual(['unknown'])
    expect(stateOf({ snapshot: snapshot(cut) }).state).toBe('patched')
    expect(ftraceOf({ ...cut, enabledFunctions: [line('f')] })).toEqual(['confirmed'])
  })

  test('one line does not confirm two functions of one name', () => {
    const functions = [1, 2].map((sympos) => ({ name: 'f', sympos }))
    const livepatches = [livepatch('a', { objects: [{ name: 'vmlinux', patched: true, functions }] })]
    expect(ftraceOf({ livepatches, enabledFunctions: [line('f')] })).toEqual(['unknown', 'unknown'])
    expect(ftraceOf({ livepatches, enabledFunctions: [line('f'), line('f')] })).toEqual(['confirmed', 'confirmed'])
    expect(ftraceOf({ livepatches, enabledFunctions: [] })).toEqual(['missing', 'missing'])
  })
})

describe('a blocking task', () => {
  const explained = (facts: Partial<BlockingTaskFacts>) =>
    explainBlockingTask(task(facts), sample({ blockingTotal: 1 }))
  const possible = (facts: Partial<BlockingTaskFacts>) =>
    explained(facts)
      .advice.filter((advice) => advice.possible)
      .map(({ action }) => action)

  test('a killable sleep is told from one that nothing ends by the function it sleeps in', () => {
    const killable = [{ function: 'rpc_wait_bit_killable', offset: null, module: 'sunrpc', held: false }]
    expect(explained({ stack: killable }).reason).toBe('killable_sleep')
    expect(possible({ stack: killable })).toEqual(expect.arrayContaining(['restart_unit', 'kill']))
    expect(explained({}).reason).toBe('uninterruptible_sleep')
    expect(possible({})).not.toContain('kill')
  })

  test('an interruptible sleep ends by itself, so waiting is advised', () => {
    const { reason, advice } = explained({ state: 'S' })
    expect(reason).toBe('interruptible_sleep')
    expect(advice[0]).toMatchObject({ action: 'wait', recommended: true })
  })

  test('a kernel thread takes no signal', () => {
    const facts = { kernelThread: true, state: 'S', unit: null }
    expect(explained(facts).reason).toBe('kernel_thread')
    expect(possible(facts).sort()).toEqual(['force', 'reverse', 'wait'])
  })

  test('all six ways are always listed, within the contract’s lengths, whatever the names', () => {
    const { advice, explanation } = explained({ comm: 'x'.repeat(64), unit: 'u'.repeat(256), state: 'S' })
    expect(advice).toHaveLength(6)
    for (const { text } of advice) expect(text.length).toBeLessThanOrEqual(500)
    expect(explanation.length).toBeLessThanOrEqual(2_000)
  })
})

describe('estimate and sentence', () => {
  const samples = [100, 80, 60].map((remaining, index) => ({
    at: new Date(NOW + index * 1_000).toISOString(),
    remaining,
  }))

  test('a rate gives an end, with its condition', () => {
    expect(estimateTransition({ samples, blockingTotal: 0, forced: false })).toMatchObject({
      tasksPerSecond: 20,
      endsAt: new Date(NOW + 2_000 + 4_000).toISOString(),
    })
  })

  test('with someone in the way there is no end to project', () => {
    expect(estimateTransition({ samples, blockingTotal: 2, forced: false })).toMatchObject({ endsAt: null })
    expect(estimateTransition({ samples: [], blockingTotal: 0, forced: false }).endsAt).toBeNull()
  })

  test('sentences', () => {
    expect(transitionSentence(sample())).toBe('a is being applied: 75 of 100 tasks run new code.')
    expect(transitionSentence(sample({ blocking: [task()], blockingTotal: 3 }))).toBe(
      'a is stalled: rsync (9) in f and 2 more tasks hold it back.',
    )
    expect(transitionSentence(sample({ tasksUnreadable: 100 }))).toContain('without root')
  })
})
