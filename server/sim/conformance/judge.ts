import { architectureOf, type Capture, type CaptureStep } from '../../agent/recorded/capture.ts'
import { CapturePlayer, type Outcome } from './capture-player.ts'
import { type Part, type ViewOptions, viewOf, viewOfSighting } from './view.ts'
import { type Difference, Walk } from './walk.ts'

/** How much longer the simulated kernel may take for what the recorded one had reached: two of its retries. */
const LATER_US = 2_500_000

/** Steps that change something; between them a kernel only goes on by itself. */
const ACTS: ReadonlySet<string> = new Set(['insmod', 'rmmod', 'write', 'kill'])

export interface Judgement {
  readonly differences: readonly Difference[]
  /** How many claims of the recording were held against the simulated kernel. */
  readonly asked: { outcomes: number; snaps: number; sightings: number; records: number; tasks: number }
}

/** Runs a capture's steps on the simulated kernel and says where it shows anything else than the recording. */
export const judgeCapture = async (capture: Capture, folder: string): Promise<Judgement> => {
  const options = viewOptionsOf(capture, folder)
  const walk = new Walk()
  const player = new CapturePlayer(capture, folder, (snap) => walk.add(viewOf(snap, options)))
  const differences: Difference[] = []
  const asked = { outcomes: 0, snaps: 0, sightings: 0, records: 0, tasks: 0 }
  const booted = (await player.log()).length
  const log = new LogComparison(capture)

  const meet = async (step: CaptureStep, view: readonly Part[]): Promise<void> => {
    const untilUs = player.kernel.nowUs + LATER_US
    let met = walk.meet(view)
    while (!met && (await player.advance(untilUs))) met = walk.meet(view)
    if (!met) differences.push(...walk.difference(view).map((found) => ({ step: step.step, ...found })))
  }

  for (const step of capture.steps) {
    await player.advanceTo(capture.t0 + step.t_ms * 1_000)
    walk.add(viewOf(await player.observe(), options))
    if (ACTS.has(step.do)) differences.push(...log.compare(step, (await player.log()).slice(booted)))
    const before = walk.length - 1
    const outcome = await player.perform(step, goesOnAfterwards(capture, step))
    // A process needs a moment to fall asleep, and to die.
    if (step.do === 'block' || step.do === 'kill') await player.advanceTo(player.kernel.nowUs + step.took_ms * 1_000)
    walk.add(viewOf(await player.observe(), options))
    asked.outcomes += 1
    const end = step.do === 'kill' ? { ...outcome, ...player.endOf(step.name ?? '') } : outcome
    differences.push(...outcomeDifferences(step, end).map((found) => ({ step: step.step, ...found })))
    for (const sighting of [...(step.during ?? []), ...(step.timeline ?? [])]) {
      asked.sightings += 1
      await meet(step, viewOfSighting(sighting))
    }
    walk.notBefore(before)
    const snap = typeof step.snap === 'string' ? capture.snaps.get(step.snap) : undefined
    if (snap) {
      const view = viewOf(snap, options)
      asked.snaps += 1
      if (view.some(({ name }) => name === 'tasks')) asked.tasks += 1
      await meet(step, view)
    }
    const own = capture.snaps.get(step.snapshot ?? '')
    if (own && outcome.snapshot) {
      const seen = new Walk()
      seen.add(viewOf(outcome.snapshot, options))
      asked.snaps += 1
      const view = viewOf(own, options)
      if (!seen.meet(view)) differences.push(...seen.difference(view).map((found) => ({ step: step.step, ...found })))
    }
  }
  const last = capture.steps.at(-1)
  if (last) differences.push(...log.compare({ ...last, step: last.step + 1 }, (await player.log()).slice(booted)))
  asked.records = capture.records.length
  return { differences, asked }
}

const viewOptionsOf = (capture: Capture, folder: string): ViewOptions => ({
  machine: architectureOf(folder),
  started: new Set(capture.steps.flatMap(({ name, thread }) => [name ?? '', thread ?? ''])),
})

/**
 * Whether a transition ends within the call that begins it depends on which tasks happen to run at that moment: in the
 * recording, they did or did not.
 */
const goesOnAfterwards = (capture: Capture, { errno, mod, path, snap, during = [], kmsg }: CaptureStep): boolean => {
  const patch = mod ?? /^\/sys\/kernel\/livepatch\/(\w+)\/enabled$/.exec(path ?? '')?.[1]
  if (errno !== null || patch === undefined) return false
  const tree = (typeof snap === 'string' && capture.snaps.get(snap)?.livepatch) || {}
  const shown = Object.entries(tree).find(([name]) => name === `${patch}/transition`)?.[1]
  if (typeof shown === 'object' && shown.content === '1\n') return true
  if (during.at(-1)?.patches[patch]?.endsWith('transition=1')) return true
  const said = capture.records.filter(
    ({ sequence }) => sequence >= (kmsg[0] ?? Infinity) && sequence <= (kmsg.at(-1) ?? 0),
  )
  const saysOf = (word: string) => said.some(({ text }) => text.includes(`'${patch}': ${word}`))
  return saysOf('starting') && !saysOf('patching complete') && !saysOf('unpatching complete')
}

const outcomeDifferences = (step: CaptureStep, outcome: Outcome): Omit<Difference, 'step'>[] => {
  const claims: [string, unknown, unknown][] = []
  for (const command of outcome.notDone ?? []) claims.push([command, 'done', 'not offered'])
  if (step.do === 'sh') claims.push(['fails', step.rc !== 0, outcome.errno !== null])
  else if (step.errno !== undefined) claims.push(['errno', step.errno, outcome.errno ?? null])
  if (step.content !== undefined) claims.push(['content', step.content, outcome.content])
  if (step.reached !== undefined) claims.push(['reached', step.reached, outcome.reached])
  if (step.do === 'exited') claims.push(['output', step.output, outcome.output])
  if (step.exited !== undefined) {
    const end = step.exited && { code: step.exited.code, signal: step.exited.signal }
    claims.push(['exited', JSON.stringify(end), JSON.stringify(outcome.exited)])
  }
  return claims
    .filter(([, recorded, simulated]) => recorded !== simulated)
    .map(([what, recorded, simulated]) => ({
      what: `${step.do}: ${what}`,
      recorded: String(recorded),
      simulated: String(simulated),
    }))
}

/** What the emulator's clocks made the kernel say. */
const EMULATOR = /^(clocksource|hrtimer|sched|rcu): /
/** Dynamic debug says these again at each pass, and how many passes there are is a matter of time. */
const EACH_PASS = /klp_try_switch_task: /
const RUNNING = /klp_try_switch_task: .* is running$/

/** The kernel's log, record by record: priority and text. */
class LogComparison {
  readonly #capture: Capture
  #differed = false

  constructor(capture: Capture) {
    this.#capture = capture
  }

  /** What was logged before this step. Only the first difference is told: the rest would follow from it. */
  compare(step: CaptureStep, simulated: readonly string[]): Difference[] {
    if (this.#differed) return []
    const earlier = this.#capture.steps.filter((other) => other.step < step.step).flatMap(({ kmsg }) => kmsg)
    const until = Math.max(-1, ...earlier)
    const recorded = this.#capture.records.filter(({ sequence }) => sequence <= until).map(({ text }) => text)
    const [left, right] = [withoutChance(recorded), withoutChance(simulated)]
    const at = left.findIndex((text, index) => text !== right[index])
    const index = at === -1 && left.length !== right.length ? left.length : at
    if (index === -1) return []
    this.#differed = true
    return [
      {
        ...{ step: step.step, what: 'log before the step' },
        ...{ recorded: left[index] ?? '(nothing)', simulated: right[index] ?? '(nothing)' },
      },
    ]
  }
}

const withoutChance = (records: readonly string[]): string[] => {
  const texts = records
    .map((record) => record.replace(/^(\d+),[^;]*;/, '$1 ').trimEnd())
    .map((text) => text.replace(/^(\d+ livepatch: klp_try_switch_task: .*):\d+ is/, '$1:TID is'))
    .filter((text) => !EMULATOR.test(text.slice(2)) && !RUNNING.test(text))
  const said = new Set<string>()
  return texts.filter((text) => {
    if (!EACH_PASS.test(text)) said.clear()
    else if (said.has(text)) return false
    said.add(text)
    return true
  })
}
