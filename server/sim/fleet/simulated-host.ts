import { mixed, Random } from '../core/random.ts'
import { Timeline } from '../core/timeline.ts'
import { createSimulatedKernel, type Pending, type SimulatedKernel } from '../kernel/simulated-kernel.ts'
import { loadOfHost } from './host-load.ts'
import type { HostPlan } from './host-plan.ts'
import { type FleetPatch, LOCAL_PATCH_FUNCTION, targetModule } from './patch-images.ts'
import { seriesOf } from './patches-of-other-systems.ts'
import { type ToolState, toolStateOf } from './tool-state.ts'

const SECOND_US = 1_000_000
/** From the reset to the moment when services start. */
const BOOT_SECONDS = 9
/** Longer than any transition takes that nothing holds back. */
const TRANSITION_SECONDS = 60

export type LinkQuality = { readonly kind: 'good' | 'lost' } | { readonly kind: 'slow'; readonly delayMs: number }

export interface SimulatedHostOptions {
  readonly plan: HostPlan
  /** Milliseconds since 1970 at the fleet's time 0. */
  readonly startedAtMs: number
  /** It was shown before, by an earlier run of this program: then time 0 is a reboot, and none long ago. */
  readonly rebooted?: boolean
  /** One line for each thing that befalls it; `atUs` is the fleet's time. */
  readonly onLog?: (atUs: number, text: string) => void
}

/** Waits so many seconds, or until a system call is done. */
export type Script<T = void> = Generator<number | Pending, T, void>

/**
 * A machine with a kernel that can be switched off and on, on the fleet's time: microseconds since the fleet's start.
 * Whoever runs it advances it to the present before looking at it, and when `nextUs` says that something is due.
 */
export class SimulatedHost {
  readonly plan: HostPlan
  readonly random: Random
  /** Called when power or link have changed. */
  onChange: (() => void) | null = null
  /** Functions that ftrace no longer redirects, though sysfs says so. */
  readonly lostRedirects = new Set<string>()
  /** Which of the plan's patches is in effect, or about to be; null: none. Of Ksplice's, the newest that is in. */
  patch: number | null = null
  /** What its tool is at, and what is wrong with it. */
  readonly tool: ToolState
  readonly #options: SimulatedHostOptions
  readonly #timeline = new Timeline()
  #kernel: SimulatedKernel | null = null
  #bootedUs = 0
  #link: LinkQuality = { kind: 'good' }
  #boots = 0

  constructor(options: SimulatedHostOptions) {
    this.#options = options
    this.plan = options.plan
    this.random = new Random(mixed(options.plan.seed, 1))
    this.tool = toolStateOf(options.plan)
    const uptimeSeconds = options.rebooted ? BOOT_SECONDS + TRANSITION_SECONDS : options.plan.uptimeSeconds
    this.#kernel = this.#startKernel(-uptimeSeconds * SECOND_US)
    this.#liveThrough(this.#kernel, uptimeSeconds)
  }

  get nowUs(): number {
    return this.#timeline.nowUs
  }

  /** Milliseconds since 1970 at the fleet's time 0, and now. */
  get startedAtMs(): number {
    return this.#options.startedAtMs
  }

  get nowMs(): number {
    return Math.round(this.#options.startedAtMs + this.nowUs / 1_000)
  }

  /** null while it is off. */
  get kernel(): SimulatedKernel | null {
    return this.#kernel
  }

  /** The fleet's time at the kernel's time 0; below 0 when it booted before the fleet was started. */
  get bootedUs(): number {
    return this.#bootedUs
  }

  /** Microseconds since its boot. */
  get monotonicUs(): number {
    return this.nowUs - this.#bootedUs
  }

  get link(): LinkQuality {
    return this.#link
  }

  /** When something happens next; undefined: never. */
  nextUs(): number | undefined {
    const own = this.#timeline.nextUs()
    const kernel = this.#kernel?.nextUs()
    return kernel === undefined ? own : Math.min(own ?? Number.POSITIVE_INFINITY, kernel + this.#bootedUs)
  }

  advanceTo(us: number): void {
    if (us < this.nowUs) return
    // A system call that the kernel finishes meanwhile may put its script's next step on the line.
    for (;;) {
      const own = this.#timeline.nextUs() ?? Number.POSITIVE_INFINITY
      const next = Math.min(own, (this.#kernel?.nextUs() ?? Number.POSITIVE_INFINITY) + this.#bootedUs)
      if (next > us) break
      if (next < own) {
        this.#timeline.skipTo(next)
        this.#kernel?.advanceTo(this.monotonicUs)
      } else {
        this.#kernel?.advanceTo(next - this.#bootedUs)
        this.#timeline.step(next)
      }
    }
    this.#timeline.skipTo(us)
    this.#kernel?.advanceTo(this.monotonicUs)
  }

  /** Runs what a person, a service or bad luck does to it. */
  run(script: Script): void {
    const step = script.next()
    if (step.done) return
    const goOn = () => this.run(script)
    if (typeof step.value === 'number') this.#timeline.after(step.value * SECOND_US, goOn)
    // It may be done in the middle of the kernel's own work: what follows begins after that.
    else step.value.whenDone(() => this.#timeline.after(0, goOn))
  }

  log(text: string): void {
    this.#options.onLog?.(this.nowUs, text)
  }

  setLink(link: LinkQuality): void {
    this.#link = link
    this.log(link.kind === 'slow' ? `link slow by ${link.delayMs} ms` : `link ${link.kind}`)
    this.onChange?.()
  }

  /** Power is gone, or the kernel has panicked: nothing of it is left. */
  crash(): void {
    this.#kernel = null
    this.patch = null
    this.lostRedirects.clear()
    Object.assign(this.tool, { upgrade: null, failure: null, believed: null })
    this.log('down')
    this.onChange?.()
  }

  /** Up again, by a boot that began some seconds ago; no livepatch is loaded yet. */
  boot(): void {
    const kernel = this.#startKernel(this.nowUs - BOOT_SECONDS * SECOND_US)
    kernel.advanceTo(this.monotonicUs)
    this.#kernel = kernel
    this.log(`up, boot ${kernel.facts.bootId}`)
    this.onChange?.()
  }

  #startKernel(bootedUs: number): SimulatedKernel {
    const { plan, startedAtMs } = this.#options
    this.#bootedUs = bootedUs
    this.#boots += 1
    const { name: hostName, release, architecture, kernel } = plan
    const seed = mixed(plan.seed, this.#boots)
    const series = seriesOf(kernel.release)
    const started = createSimulatedKernel({
      ...{ seed, cpus: plan.cpus, tasks: plan.tasks, functions: vmlinuxFunctions(plan) },
      ...(series !== null && { system: series.system }),
      facts: {
        ...{ release, architecture, hostName, osRelease: kernel.osRelease, livepatch: kernel.features },
        buildId: buildId(`${release} ${architecture} ${kernel.version ?? ''}`),
        ...(kernel.version !== undefined && { version: kernel.version }),
        livepatchConfigured: series === null,
        load: loadOfHost(plan),
        bootedAtMs: Math.round(startedAtMs + bootedUs / 1_000),
        bootId: bootId(mixed(seed, Math.floor(startedAtMs / 1_000))),
      },
    })
    if (series?.system === 'kernelcare') started.finish(started.finitModule(targetModule('kcare', [])))
    for (const [object, functions] of Object.entries(plan.modules)) {
      started.finish(started.finitModule(targetModule(object, functions)))
    }
    return started
  }

  /** What happened before the fleet's time 0: patches were loaded, the last of them halfway. */
  #liveThrough(kernel: SimulatedKernel, uptimeSeconds: number): void {
    const { history, patches } = this.plan
    for (const [position, index] of history.entries()) {
      const patch = patches[index]
      if (patch === undefined) continue
      const atSeconds = position === 0 ? BOOT_SECONDS : Math.max(kernel.nowUs / SECOND_US, uptimeSeconds / 2)
      kernel.advanceTo(Math.round(atSeconds * SECOND_US))
      kernel.finish(applied(kernel, patch))
      kernel.advanceTo(Math.min(uptimeSeconds * SECOND_US, kernel.nowUs + TRANSITION_SECONDS * SECOND_US))
      this.patch = index
    }
    kernel.advanceTo(uptimeSeconds * SECOND_US)
  }
}

/** KernelCare's sets come by the device of its own module; all others are modules. */
export const applied = (kernel: SimulatedKernel, { image }: FleetPatch): Pending =>
  kernel.state.system?.system === 'kernelcare' && image.patch !== undefined
    ? kernel.applyPatch(image.patch)
    : kernel.finitModule(image)

const vmlinuxFunctions = (plan: HostPlan): string[] =>
  [...new Set([LOCAL_PATCH_FUNCTION, ...plan.patches.flatMap(({ functions }) => functions)])].sort()

/** In the form of RFC 9562, as /proc/sys/kernel/random/boot_id. */
const bootId = (seed: number): string => {
  const random = new Random(seed)
  const digits = (count: number) => Array.from({ length: count }, () => random.integer(0, 15).toString(16)).join('')
  return [digits(8), digits(4), `4${digits(3)}`, `${random.pick(['8', '9', 'a', 'b'])}${digits(3)}`, digits(12)].join(
    '-',
  )
}

/** One build of a kernel has one: 20 bytes, hex, as ld(1) makes it of SHA-1. */
const buildId = (kernel: string): string => {
  const random = new Random([...kernel].reduce((seed, letter) => mixed(seed, letter.codePointAt(0) ?? 0), 0))
  return Array.from({ length: 40 }, () => random.integer(0, 15).toString(16)).join('')
}
