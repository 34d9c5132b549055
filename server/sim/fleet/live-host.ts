import type { Clock } from '../../agent/clock.ts'
import type { HeldFile, KernelFs, Result } from '../../agent/kernel/kernel-fs.ts'
import type { HostPrograms, ModuleFiles } from '../../agent/programs/programs.ts'
import { actingPrograms } from '../tools/acting-tools.ts'
import { userSpacePrograms, withUserSpace } from '../tools/host-user-space.ts'
import type { SimulatedHost } from './simulated-host.ts'

/** A transition's tasks do something every few milliseconds, which nobody sees between two looks. */
const TICK_MS_MIN = 100

export interface LiveHost {
  /** Called when the host's power or link have changed. */
  onChange: (() => void) | null
  /** Resolves once it is on: what an agent on it needs, until this boot ends. */
  poweredOn(signal: AbortSignal): Promise<Boot | null>
  stop(): void
}

/** One boot of a host, as an agent sees it. */
export interface Boot {
  readonly fs: KernelFs
  readonly programs: HostPrograms
  readonly moduleFiles: ModuleFiles
  readonly clock: Clock
  /** Aborted when the host goes down. */
  readonly signal: AbortSignal
}

/**
 * Runs a simulated host in step with the wall clock: it is advanced whenever it is looked at, and when something is due.
 * `clock` dates and waits; the fleet's time is its monotonic time since `startedUs`.
 */
export const createLiveHost = (
  host: SimulatedHost,
  { clock, startedUs }: { clock: Clock; startedUs: number },
): LiveHost => {
  const stopped = new AbortController()
  let wake = new AbortController()
  let boot: (Boot & { readonly end: AbortController }) | null = null
  let waiting: (() => void)[] = []
  const fleetUs = () => clock.monotonicMicroseconds() - startedUs
  const toPresent = () => host.advanceTo(fleetUs())

  const keepUp = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const next = host.nextUs()
      if (next === undefined) return
      wake = new AbortController()
      await clock.sleep(Math.max(TICK_MS_MIN, (next - fleetUs()) / 1_000), wake.signal)
      if (!stopped.signal.aborted) toPresent()
    }
  }

  const enterBoot = () => {
    const { kernel, bootedUs } = host
    if (kernel === null) return
    const end = new AbortController()
    const modules = new Map<string, Uint8Array>()
    boot = {
      ...{ end, signal: end.signal },
      fs: presentFs(host, withUserSpace(kernel.fs(), host), toPresent, () => wake.abort(), end.signal),
      programs: presentPrograms(
        actingPrograms(
          host,
          modules,
          userSpacePrograms(host, (ms) => clock.sleep(ms, end.signal)),
        ),
        toPresent,
        () => wake.abort(),
        end.signal,
      ),
      moduleFiles: filesIn(modules),
      clock: { ...clock, monotonicMicroseconds: () => Math.round(fleetUs() - bootedUs) },
    }
    for (const wake of waiting.splice(0)) wake()
  }

  const live: LiveHost = {
    onChange: null,
    async poweredOn(signal) {
      while (boot === null && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const wakeUp = () => {
            signal.removeEventListener('abort', wakeUp)
            resolve()
          }
          waiting.push(wakeUp)
          signal.addEventListener('abort', wakeUp)
        })
      }
      return signal.aborted ? null : boot
    },
    stop() {
      stopped.abort()
      wake.abort()
      waiting = []
      boot?.end.abort()
    },
  }
  host.onChange = () => {
    live.onChange?.()
    if (host.kernel === null) {
      boot?.end.abort()
      boot = null
    } else if (boot === null) enterBoot()
  }
  enterBoot()
  void keepUp()

  return live
}

const ENABLED_FUNCTIONS = /^\/sys\/kernel\/(?:debug\/)?tracing\/enabled_functions$/

/** The kernel's files at the moment of each look. */
const presentFs = (
  host: SimulatedHost,
  fs: KernelFs,
  toPresent: () => void,
  onWrite: () => void,
  down: AbortSignal,
): KernelFs => ({
  async read(path, bytesMax) {
    toPresent()
    const result = await fs.read(path, bytesMax)
    return ENABLED_FUNCTIONS.test(path) ? withoutLost(host, result) : result
  },
  async readBytes(path, bytesMax) {
    return (await fs.readBytes?.(path, bytesMax)) ?? { ok: false, errno: 'ENOENT' }
  },
  list(path) {
    toPresent()
    return fs.list(path)
  },
  async hold(path) {
    toPresent()
    const held = await fs.hold(path)
    if (!held.ok) return held
    const file: HeldFile = {
      read() {
        toPresent()
        return held.value.read()
      },
      close: () => held.value.close(),
    }
    return { ok: true, value: file }
  },
  write(path, text) {
    toPresent()
    const written = fs.write(path, text).then((result) => {
      if (result.ok) rememberPatch(host)
      return result
    })
    onWrite()
    return untilDown(written, down, { ok: false, errno: 'EIO' })
  },
  async signal(tid, signal) {
    toPresent()
    const sent = (await fs.signal?.(tid, signal)) ?? { ok: false, errno: 'EOPNOTSUPP' }
    onWrite()
    return sent
  },
  followKernelLog(onRecord, signal) {
    toPresent()
    return fs.followKernelLog(onRecord, signal)
  },
})

/** Each answers of the moment at which it is run. */
const presentPrograms = (
  programs: HostPrograms,
  toPresent: () => void,
  onRun: () => void,
  down: AbortSignal,
): HostPrograms => ({
  run(program, args, options) {
    toPresent()
    const result = programs.run(program, args, options)
    onRun()
    const detail = `${program} ended with its host`
    return untilDown(result, down, { ok: false, errno: 'ECANCELED', detail, stdout: '', stderr: '' })
  },
})

/** What a kernel was in the middle of when its host went down has no end. */
const untilDown = <T>(result: Promise<T>, down: AbortSignal, otherwise: T): Promise<T> =>
  new Promise((resolve, reject) => {
    const onDown = () => resolve(otherwise)
    down.addEventListener('abort', onDown, { once: true })
    result.then(resolve, reject).finally(() => down.removeEventListener('abort', onDown))
  })

/** What befalls the host later goes on from the patch that somebody left it with. */
const rememberPatch = (host: SimulatedHost): void => {
  const { kernel, plan } = host
  if (kernel === null || kernel.state.system !== null) return
  const names = kernel.state.livepatch.patches.filter(({ enabled }) => enabled).map(({ name }) => name)
  const index = plan.patches.findLastIndex(({ image }) => names.includes(image.name))
  host.patch = index === -1 ? null : index
}

/** A disk that no other program of the host can write to. */
const filesIn = (files: Map<string, Uint8Array>): ModuleFiles => {
  let count = 0
  return {
    async put(bytes) {
      count += 1
      const path = `/var/lib/rebootless/inserting/${count}.ko`
      files.set(path, bytes)
      return {
        path,
        read: async () => files.get(path) ?? new Uint8Array(),
        async remove() {
          files.delete(path)
        },
      }
    },
  }
}

const withoutLost = ({ lostRedirects }: SimulatedHost, result: Result<string>): Result<string> => {
  if (!result.ok || lostRedirects.size === 0) return result
  const lines = result.value.split('\n').filter((line) => !lostRedirects.has(line.slice(0, line.indexOf(' '))))
  return { ok: true, value: lines.join('\n') }
}
