import { setTimeout as delay } from 'node:timers/promises'
import type { SelftestDriver } from '../../../server/sim/conformance/selftests/runner.ts'
import { DYNAMIC_DEBUG, type Needs } from '../../../server/sim/conformance/selftests/scenario.ts'
import { GuestError } from './control.ts'
import type { Machine } from './machine.ts'

const TRACING = '/sys/kernel/tracing'
const POLL_MS = 50
/** The kernel's selftests wait as long: MAX_RETRIES of functions.sh. */
const UNTIL_MS = 60_000
/** As many as the machine has CPUs. */
const HAMMERS = 2
/**
 * Some 500 calls every 2 ms. With no pause at all the emulator, where it has one thread for both CPUs, would let each
 * interrupt between them wait for a tenth of a second, and patching needs hundreds.
 */
const HAMMER =
  "setInterval(() => { for (let call = 0; call < 500; call += 1) process.umask(0o022) }, 2); console.log('hammering')"

/** The errno that kmod's words stand for. */
const ERRNO: Readonly<Record<string, string>> = {
  'Device or resource busy': 'EBUSY',
  'Invalid parameters': 'EINVAL',
  'No such device': 'ENODEV',
  'Resource temporarily unavailable': 'EAGAIN',
}

const errnoOf = async (work: Promise<unknown>): Promise<string | null> => {
  try {
    await work
    return null
  } catch (cause) {
    if (!(cause instanceof GuestError)) throw cause
    return cause.code ?? ERRNO[cause.message.split(': ').at(-1) ?? ''] ?? cause.message
  }
}

/** What the tests' shell sees of a real kernel. */
export class RealKernelDriver implements SelftestDriver {
  readonly #machine: Machine
  readonly #since: (major: number, minor: number) => boolean
  #hammers: number[] = []

  private constructor(machine: Machine) {
    this.#machine = machine
    const [major = 0, minor = 0] = machine.release.split('.').map(Number)
    this.#since = (otherMajor, otherMinor) => major > otherMajor || (major === otherMajor && minor >= otherMinor)
  }

  static async start(machine: Machine): Promise<RealKernelDriver> {
    await machine.write('/proc/dynamic_debug/control', DYNAMIC_DEBUG)
    return new RealKernelDriver(machine)
  }

  has(needed: Needs): boolean {
    if (needed === 'replaceAttribute') return this.#since(6, 11)
    if (needed === 'stackOrderAttribute') return this.#since(6, 14)
    return (needed === 'ftraceSwitchRetired') === this.#since(7, 0)
  }

  async load(module: string, parameters: Readonly<Record<string, string>>): Promise<string | null> {
    return errnoOf(this.#machine.insmod(module, { ...parameters }))
  }

  async unload(module: string): Promise<string | null> {
    return errnoOf(this.#machine.rmmod(module))
  }

  async write(path: string, text: string): Promise<string | null> {
    return errnoOf(this.#machine.write(path, text))
  }

  async read(path: string): Promise<string | null> {
    try {
      return await this.#machine.read(path)
    } catch (cause) {
      if (!(cause instanceof GuestError)) throw cause
      return null
    }
  }

  async modeOf(path: string): Promise<string | null> {
    const { code, stdout } = await this.#machine.exec(['stat', '-c', '%a', path])
    return code === 0 ? `0${stdout.trim()}` : null
  }

  async until(holds: () => Promise<boolean>): Promise<boolean> {
    const deadline = Date.now() + UNTIL_MS
    while (!(await holds())) {
      if (Date.now() > deadline) return false
      await delay(POLL_MS)
    }
    return true
  }

  async wait(seconds: number): Promise<void> {
    await delay(seconds * 1_000)
  }

  async log(): Promise<readonly string[]> {
    const { stdout } = await this.#machine.exec(['dmesg', '-c'])
    return stdout.split('\n').map((line) => line.replace(/^\[ *[\d.]+\] /, ''))
  }

  async trace(name: string): Promise<void> {
    await this.#machine.write(`${TRACING}/set_ftrace_filter`, name)
    await this.#machine.write(`${TRACING}/current_tracer`, 'function')
  }

  /** Each line is `TASK-PID [CPU] FLAGS TIME: FUNCTION <-CALLER`: Documentation/trace/ftrace.rst. */
  async traced(): Promise<readonly string[]> {
    const text = await this.#machine.read(`${TRACING}/trace`)
    await this.#machine.write(`${TRACING}/current_tracer`, 'nop')
    await this.#machine.write(`${TRACING}/set_ftrace_filter`, '')
    return Array.from(text.matchAll(/: (\S+) (?:\[\w+\] )?<-/g), ([, name = '']) => name)
  }

  async startHammers(): Promise<void> {
    for (let hammer = 0; hammer < HAMMERS; hammer += 1)
      this.#hammers.push(await this.#machine.spawn(['node', '-e', HAMMER]))
    for (const pid of this.#hammers) {
      const hammers = async () => (await this.#machine.output(pid)).stdout !== ''
      if (!(await this.until(hammers))) throw new Error(`process ${pid} does not start`)
    }
  }

  hammerParameters(): Readonly<Record<string, string>> {
    return { pids: this.#hammers.join(',') }
  }

  async hammersLeft(patch: string): Promise<number> {
    return Number(await this.#machine.read(`/sys/module/${patch}/parameters/remaining`))
  }

  async stopHammers(): Promise<void> {
    for (const pid of this.#hammers) await this.#machine.kill(pid, 'SIGKILL')
    for (const pid of this.#hammers) await this.#machine.wait(pid)
    this.#hammers = []
  }
}
