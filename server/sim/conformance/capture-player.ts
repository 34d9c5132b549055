import type { Capture, CaptureAction, CaptureSnap, CaptureStep } from '../../agent/recorded/capture.ts'
import type { TaskPlan } from '../kernel/program.ts'
import type { Pending, SimulatedKernel } from '../kernel/simulated-kernel.ts'
import { factsOf, kernelOf, moduleFileOf, modulesOf, RECORDER, waiting } from './capture-kernel.ts'
import { ABSENT_MODULES, captureModule } from './modules.ts'
import { observeKernel } from './observed.ts'
import { type ReaderEnd, TargetModule } from './target-module.ts'

/** What a step gave, in the recorder's words. */
export interface Outcome {
  readonly errno?: string | null
  readonly content?: string
  readonly exited?: unknown
  readonly output?: string
  readonly reached?: boolean
  readonly snapshot?: CaptureSnap
  /** Commands of a shell that nothing on a simulated kernel answers to. */
  readonly notDone?: readonly string[]
}

const SETTLE_MAX_US = 30_000_000
/** Runs in the kernel for as long as it is let. */
const BUSY: TaskPlan = {
  ...{ comm: 'node', kind: 'user' },
  program: [{ do: 'system_call', name: 'read', body: [{ do: 'run', us: SETTLE_MAX_US }] }],
}

const TARGET_CONTROL = '/proc/lpt/ctl'

/** Carries out a capture's steps on a simulated kernel; tells of each moment at which something may have changed. */
export class CapturePlayer {
  readonly kernel: SimulatedKernel
  readonly #capture: Capture
  readonly #folder: string
  readonly #modules: readonly string[]
  readonly #target: TargetModule
  readonly #onMoment: (snap: CaptureSnap) => void
  #changed = true

  constructor(capture: Capture, folder: string, onMoment: (snap: CaptureSnap) => void) {
    this.kernel = kernelOf(capture, folder)
    this.#capture = capture
    this.#folder = folder
    this.#modules = modulesOf(capture)
    this.#target = new TargetModule(this.kernel)
    this.#onMoment = onMoment
    const before = this.kernel.machine.onTrace
    this.kernel.machine.onTrace = (event) => {
      before?.(event)
      if (event.kind === 'patch_state' || event.kind === 'spawned' || event.kind === 'exited') this.#changed = true
      if (event.kind === 'state' && this.#target.hasStarted(event.tid)) this.#changed = true
    }
  }

  /** Records of the log since the boot, as /dev/kmsg gives them. */
  async log(): Promise<readonly string[]> {
    const records: string[] = []
    const stop = new AbortController()
    const following = this.kernel.fs().followKernelLog((record) => records.push(record), stop.signal)
    await Promise.resolve()
    stop.abort()
    await following
    return records
  }

  async observe(uid = 0): Promise<CaptureSnap> {
    return observeKernel(this.kernel.fs(uid), this.kernel.nowUs / 1_000, {
      modules: this.#modules,
      modeOf: (path) => this.kernel.modeOf(path),
    })
  }

  /** To the next thing that happens, but no further than this. @returns false when it is reached */
  async advance(untilUs: number): Promise<boolean> {
    const next = this.kernel.nextUs() ?? Number.POSITIVE_INFINITY
    if (next > untilUs) {
      this.kernel.advanceTo(Math.max(untilUs, this.kernel.nowUs))
      return false
    }
    // What only tasks do is seen when one goes over, comes, goes, or falls asleep; the rest is the kernel's own timers.
    this.#changed ||= this.kernel.machine.timers.nextUs() === next
    this.kernel.advanceTo(next)
    if (this.#changed) this.#onMoment(await this.observe())
    this.#changed = false
    return true
  }

  async advanceTo(untilUs: number): Promise<void> {
    while (await this.advance(untilUs));
  }

  /** @param busy a task runs in the kernel meanwhile, so that no transition ends within the call */
  async perform(step: CaptureStep, busy: boolean): Promise<Outcome> {
    if (!busy) return this.#performAs(step)
    const { machine } = this.kernel
    const runs = machine.spawn(BUSY)
    const outcome = await this.#performAs(step)
    machine.exit(runs)
    return outcome
  }

  async #performAs(step: CaptureStep): Promise<Outcome> {
    if (step.do !== 'as' || step.act === undefined) return this.#perform(step, 0)
    const { uid = 0 } = step
    const { machine } = this.kernel
    // Another user's recorder is a process of that user.
    const own = machine.spawn({ ...waiting('node', 'epoll_wait'), uid })
    const outcome = await this.#perform(step.act, uid)
    machine.exit(own)
    return outcome
  }

  async #perform(action: CaptureAction, uid: number): Promise<Outcome> {
    const { mod = '', path = '', text = '', name = '', patch = '' } = action
    switch (action.do) {
      case 'insmod':
        return this.#insmod(mod, action.params ?? '', uid)
      case 'rmmod':
        return this.#finish(this.kernel.deleteModule(mod, { uid, comm: RECORDER }))
      case 'write':
        return this.#write(path, text, uid)
      case 'read': {
        const result = await this.kernel.fs(uid).read(path)
        return result.ok ? { errno: null, content: result.value } : { errno: result.errno }
      }
      case 'open':
        return { errno: await this.#open(path, uid) }
      case 'sh':
        return this.#shell(action.cmd ?? '')
      case 'block':
        this.#target.block({ name, path, uid: action.uid, thread: action.thread })
        return {}
      case 'kill':
        this.#target.kill(name, action.signal ?? '')
        return {}
      case 'exited':
        return this.endOf(name)
      case 'settle':
        return { reached: await this.#settle(patch, action.gone === true) }
      case 'watch':
      case 'sleep':
        await this.advanceTo(this.kernel.nowUs + (action.ms ?? 0) * 1_000)
        return {}
      case 'note':
        return uid === 0 ? {} : { snapshot: await this.observe(uid) }
      default:
        throw new Error(`the recorder has no action called ${action.do}`)
    }
  }

  /** How a process that was started by `block` has ended, if it has. */
  endOf(name: string): ReaderEnd {
    return this.#target.end(name)
  }

  async #insmod(name: string, parameters: string, uid: number): Promise<Outcome> {
    if (ABSENT_MODULES.has(name)) return { errno: 'ENOENT' }
    const image = captureModule(name, moduleFileOf(this.#capture, name), {
      facts: factsOf(this.#capture, this.#folder),
      log: (priority, text) => this.kernel.log(priority, text),
    })
    const given = Object.fromEntries(
      parameters
        .split(' ')
        .filter((text) => text !== '')
        .map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
    )
    return this.#finish(this.kernel.finitModule(image, given, { uid, comm: RECORDER }))
  }

  async #write(path: string, text: string, uid: number): Promise<Outcome> {
    if (path === TARGET_CONTROL && uid === 0) return { errno: this.#target.control(text) }
    return this.#finish(this.kernel.writeFile(path, text, { uid, comm: RECORDER }))
  }

  async #finish(pending: Pending): Promise<Outcome> {
    this.#onMoment(await this.observe())
    while (!pending.done) {
      if (!(await this.advance(this.kernel.nowUs + SETTLE_MAX_US))) throw new Error('a system call does not end')
    }
    return { errno: pending.errno }
  }

  async #open(path: string, uid: number): Promise<string | null> {
    const fs = this.kernel.fs(uid)
    if (path !== '/dev/kmsg') {
      const result = await fs.read(path)
      return result.ok ? null : result.errno
    }
    const stop = new AbortController()
    stop.abort()
    const result = await fs.followKernelLog(() => undefined, stop.signal)
    return result.ok ? null : result.errno
  }

  /** Until `transition` is 0, or with `gone` until the directory has vanished. */
  async #settle(patch: string, gone: boolean): Promise<boolean> {
    const untilUs = this.kernel.nowUs + SETTLE_MAX_US
    for (;;) {
      const transition = await this.kernel.fs().read(`/sys/kernel/livepatch/${patch}/transition`)
      if (gone ? !transition.ok : transition.ok && transition.value === '0\n') return true
      if (!(await this.advance(untilUs))) return false
    }
  }

  /** The few commands that the recorder gives to a shell. */
  async #shell(commands: string): Promise<Outcome> {
    let failed = false
    const notDone: string[] = []
    for (const command of commands.split(';').map((text) => text.trim())) {
      const echo = /^echo (\S+) >>? (\S+)$/.exec(command)
      const mount = /^mount -o remount,hidepid=([02]) \/proc$/.exec(command)
      if (echo) failed ||= (await this.#write(echo[2] ?? '', `${echo[1]}\n`, 0)).errno !== null
      else if (mount) this.kernel.remountProc(mount[1] === '2' ? 2 : 0)
      else notDone.push(command.replace(/ .*/, ''))
    }
    return { errno: failed ? 'a command failed' : null, notDone }
  }
}
