// Goal: what the agent makes of a recorded kernel is what happened there. Method: every folder below this one is
// replayed through the real provider and observer, and the result held against an account made from other files: the
// kernel's log, the steps' results and the passing observer. A folder that is dropped in is judged without more ado.
import { basename, join } from 'node:path'
import { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { explainBlockingTask } from '@rebootless/shared/domain/blocking-task.ts'
import { hostState } from '@rebootless/shared/domain/host-state.ts'
import { patchStatuses } from '@rebootless/shared/domain/patch-status.ts'
import { redirectionMap } from '@rebootless/shared/domain/redirections.ts'
import { describe, expect, test } from 'vitest'
import { type Account, type AccountedTransition, accountOf } from './account.ts'
import { type Capture, type CaptureStep, readCapture } from './capture.ts'
import { recordedScenarios } from './recorded-host.ts'
import { replayObserved, replaySnaps, replayUnprivileged } from './replay.ts'

/** sysfs follows the log, and a snap takes time: states so shortly before a snap may still be the ones it shows. */
const LAG_MS = 700
/** In virtual time; leaves 1.5 s of the five for sending and showing. */
const NAMED_WITHIN_MS = 3_500
/** Two of the kernel's retries. */
const LATE_UNTIL_MS = 2_600

/** How many claims were held against each other: a judge that asks nothing is no judge. */
const asked = { states: 0, refusals: 0, pinned: 0, reads: 0, blocking: 0, stuck: 0, unprivileged: 0 }

const scenarios = await recordedScenarios(join(import.meta.dirname, '..', 'captures'))

test('there are captures to judge', () => {
  expect(scenarios.length).toBeGreaterThanOrEqual(96)
})

/** Every field bounded and typed as the contract says. */
const judge = (snapshot: Snapshot) => {
  Snapshot.parse(snapshot)
  return { statuses: patchStatuses(snapshot), redirections: redirectionMap(snapshot) }
}

const stateOf = (snapshot: Snapshot) =>
  hostState({ snapshot, transition: snapshot.transition, connected: true, lastSeenAt: 0, now: 0 })

const accounted = (account: Account, patch: string, fromMs: number, toMs: number) =>
  account.statesWithin(patch, fromMs - LAG_MS, toMs + 50)

/** What a read's answer says of a function: replaced or not, and by which patch where it says so. */
interface Answer {
  matches(name: string, position: number): boolean
  replaced: boolean
  by: string | null
}

const answers = (path: string, content: string): Answer[] => {
  if (!path.startsWith('/proc/lpt/')) {
    const by = /^patched by (\w+)/.exec(content)?.[1] ?? null
    return [{ matches: (name: string) => name === `${basename(path)}_proc_show`, replaced: by !== null, by }]
  }
  return content
    .trim()
    .split(' / ')
    .map((part) => {
      const [, side, word, note] = /^(PATCHED|original) (\w+)(?: \((\w+)\))?$/.exec(part) ?? []
      const sympos = note === '1st' ? 1 : note === '2nd' ? 2 : null
      const by = sympos === null ? (note ?? null) : null
      return {
        matches: (name: string, position: number) => name === `lpt_${word}` && (sympos === null || position === sympos),
        ...{ replaced: side === 'PATCHED', by },
      }
    })
}

describe.each(scenarios)('$kernel $scenario', ({ kernel, folder }) => {
  test('each snap shows the states, the order, the marks and the replacements that the log and the steps tell of', async () => {
    const capture = await readCapture(folder)
    const account = accountOf(capture)
    const replayed = await replaySnaps(capture, kernel)
    expect(replayed.length).toBeGreaterThan(0)
    for (const [index, { step, fromMs, toMs, snapshot }] of replayed.entries()) {
      const where = `step ${step.step} (${step.do} ${step.mod ?? step.patch ?? step.path ?? ''})`
      const { statuses, redirections } = judge(snapshot)
      for (const patch of account.patches) {
        const found = statuses.find(({ name }) => name === patch)
        const allowed = accounted(account, patch, fromMs, toMs)
        expect([...allowed], `${where}: ${patch}`).toContain(found?.state ?? 'absent')
        if (allowed.size === 1) asked.states += 1
        if (found?.state === 'superseded') expect(found.supersededBy, where).toBe(account.supersededBy(patch, toMs))
      }
      expect(account.patches, where).toEqual(expect.arrayContaining(statuses.map(({ name }) => name)))

      const forcedBy = account.forcedAtMs !== null && account.forcedAtMs <= toMs
      expect(stateOf(snapshot).state === 'forced', where).toBe(forcedBy)
      if (account.patches.length === 0) expect(stateOf(snapshot).state, where).toBe('exposed')

      // The newest load is on top.
      const order = statuses.filter((status) => status.order !== null).map(({ name }) => name)
      const loads = capture.steps.filter((other) => other.do === 'insmod' && other.rc === 0 && other.step <= step.step)
      const loaded = loads.flatMap(({ mod }) => (mod !== undefined && order.includes(mod) ? [mod] : []))
      expect(order, where).toEqual([...new Set(loaded.reverse())])

      // What is refused changes nothing.
      const before = replayed[index - 1]
      const refused = ['insmod', 'rmmod', 'write'].includes(step.do) && step.rc !== 0
      if (before && refused && before.step.step === step.step - 1 && account.quietWithin(before.fromMs, toMs)) {
        asked.refusals += 1
        expect(statuses, where).toEqual(judge(before.snapshot).statuses)
      }
      // A module that is out and still cannot go is pinned.
      if (step.do === 'rmmod' && step.rc === 11) {
        const status = statuses.find(({ name }) => name === step.mod)
        if (status && status.order === null) {
          asked.pinned += 1
          expect(status.pinned, where).toBe(true)
        }
      }
      // A transition that was waited for is over; one whose patch was waited to go is gone.
      if (step.do === 'settle' && step.reached) {
        const status = statuses.find(({ name }) => name === step.patch)
        if (step.gone) expect(status?.order ?? null, where).toBe(null)
        else expect(status?.state, where).toBe('applied')
      }
      // Once all is quiet, ftrace confirms what is in effect.
      if (account.quietWithin(fromMs - LAG_MS, toMs)) expect(stateOf(snapshot).state, where).not.toBe('drifted')

      // What programs got to see is what the redirections say.
      for (const read of readsAfter(capture, step)) {
        if (!account.quietWithin(fromMs, read.t_ms + read.took_ms)) continue
        const functions = redirections.objects.flatMap((object) => object.functions)
        for (const { matches, replaced, by } of answers(read.path, read.content)) {
          const found = functions.filter(({ name, sympos }) => matches(name, sympos))
          if (found.some(({ entries }) => entries.some(({ kind, share }) => kind === 'unknown' && share !== 0)))
            continue
          const reached = found.map((redirected) => redirected.reached).filter((name) => name !== null)
          asked.reads += 1
          if (by !== null) expect(reached, `${where}: ${read.content}`).toEqual([by])
          else expect(reached.length > 0, `${where}: ${read.content}`).toBe(replaced)
        }
      }
    }
  })

  test('whoever is in the way is named in time with its function, and whoever is only late never', async () => {
    const capture = await readCapture(folder)
    const account = accountOf(capture)
    const { samples, snapshots } = await replayObserved(capture)
    for (const snapshot of snapshots) judge(snapshot)
    const blocks = capture.steps.filter(({ do: action }) => action === 'block')

    for (const { atMs, sample } of samples) {
      if (sample === null) continue
      for (const task of sample.blocking) {
        const running = account.transitions.findLast(({ startMs }) => startMs <= atMs)
        const where = `${task.comm} (${task.tid}) at ${Math.round(atMs)} ms`
        asked.blocking += 1
        if (running === undefined) throw new Error(`${where} blocks, and no transition runs`)
        expect(atMs - running.startMs, where).toBeGreaterThanOrEqual(LATE_UNTIL_MS)
        expect(stuckAt(running, atMs), where).toContain(task.tid)
        const block = blocks.findLast(({ tids, t_ms }) => tids?.includes(task.tid) && t_ms <= atMs)
        const named = account.namedByKernel.get(task.tid)
        expect(task.comm, where).toBe(block?.thread ?? block?.name ?? named?.comm)
        const { heldFunction, unit, advice } = explainBlockingTask(task, sample)
        const expected = named?.function ?? `lpt_${basename(block?.path ?? 'unknown')}`
        expect(heldFunction === expected || heldFunction === `lp_${expected}`, `${where}: ${heldFunction}`).toBe(true)
        if (block) expect(unit, where).toBe(`${block.name}.service`)
        expect(advice.map(({ action }) => action).sort(), where).toEqual([
          'force',
          'kill',
          'restart_unit',
          'reverse',
          'signal',
          'wait',
        ])
      }
    }

    for (const running of account.transitions) {
      const dueMs = running.startMs + NAMED_WITHIN_MS
      const stuck = dueMs < running.endMs ? stuckAt(running, dueMs) : []
      const named = samples
        .filter(({ atMs, sample }) => atMs >= running.startMs && atMs <= dueMs && sample?.patch === running.patch)
        .flatMap(({ sample }) => sample?.blocking.map(({ tid }) => tid) ?? [])
      asked.stuck += stuck.length
      expect(named, `${running.patch} ${running.direction}, stuck`).toEqual(expect.arrayContaining(stuck))
    }
    // Nothing runs at the end unless the log's last word says so.
    const last = account.transitions.at(-1)
    if (last !== undefined && (samples.at(-1)?.sample ?? null) !== null) {
      expect(account.statesWithin(last.patch, last.endMs + 1, Number.POSITIVE_INFINITY)).toContain(last.direction)
    }
  })

  test('to another user what cannot be seen is unknown, and what can be is right', async () => {
    const capture = await readCapture(folder)
    const account = accountOf(capture)
    for (const { step, fromMs, toMs, snapshot } of await replayUnprivileged(capture, kernel)) {
      asked.unprivileged += 1
      const where = `step ${step.step} as another user`
      const { statuses, redirections } = judge(snapshot)
      for (const patch of account.patches) {
        const found = statuses.find(({ name }) => name === patch)
        expect([...accounted(account, patch, fromMs, toMs)], `${where}: ${patch}`).toContain(found?.state ?? 'absent')
      }
      expect(snapshot.enabledFunctions, where).toBe(null)
      expect(snapshot.kernelEvents, where).toBe(null)
      const functions = redirections.objects.flatMap((object) => object.functions)
      expect(functions.length, where).toBeGreaterThan(0)
      for (const { ftrace, entries } of functions) {
        expect(ftrace, where).toBe('unknown')
        const top = entries[0]
        if (statuses.some(({ name, state }) => name === top?.patch && state === 'patching'))
          expect(top?.share).toBe(null)
      }
      expect(snapshot.transition?.tasksUnreadable === 0, where).toBe(false)
      const told = snapshot.unreadable.map(({ path }) => path)
      expect(told, where).toEqual(expect.arrayContaining(['/sys/kernel/tracing/enabled_functions', '/dev/kmsg']))
      expect(
        told.some((path) => /^\/proc\/1(\/|$)/.test(path)),
        where,
      ).toBe(true)
      expect(['drifted', 'forced', 'failed', 'unsupported'], where).not.toContain(stateOf(snapshot).state)
    }
  })
})

test('the other witness was asked often enough', () => {
  const least = { states: 800, refusals: 50, pinned: 12, reads: 300, blocking: 170, stuck: 45, unprivileged: 18 }
  for (const claim of Object.keys(asked) as (keyof typeof asked)[]) {
    expect(asked[claim], claim).toBeGreaterThanOrEqual(least[claim])
  }
})

/** Threads on the wrong side, by the last sighting before that moment. */
const stuckAt = ({ direction, sightings }: AccountedTransition, atMs: number): number[] => {
  const last = sightings.findLast(({ t_ms }) => t_ms <= atMs)
  return last?.tids[direction === 'patching' ? '0' : '1'] ?? []
}

/** Reads between a step and the next one that has a snap. */
const readsAfter = (capture: Capture, step: CaptureStep) => {
  const rest = capture.steps.slice(capture.steps.indexOf(step) + 1)
  const end = rest.findIndex(({ do: action }) => action !== 'read')
  return rest
    .slice(0, end === -1 ? rest.length : end)
    .flatMap(({ path = '', content, ...times }) =>
      content !== undefined && /^\/proc\/(cmdline$|lpt\/)/.test(path) ? [{ ...times, path, content }] : [],
    )
}
