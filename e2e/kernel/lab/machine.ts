import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { cacheDirectory } from './cache.ts'
import { ControlChannel, type Ended, GuestError } from './control.ts'
import type { CpioEntry } from './cpio.ts'
import { causeOfDeath, EmulatorCrash, lastWords, showsKnownCrash } from './death.ts'
import { type Emulator, startEmulator } from './emulator.ts'
import { labModule, writeInitramfs } from './initramfs.ts'
import { kernelTree, type LabKernel } from './kernel-tree.ts'
import { builtModules } from './modules.ts'
import { ensureHostPackages } from './packages.ts'

const BOOT_TIMEOUT_MS = 120_000
const POWER_OFF_TIMEOUT_MS = 15_000
/** A dying kernel needs a moment to print why. */
const LAST_WORDS_MS = 1_500

export interface MachineOptions {
  readonly kernel: LabKernel
  /** `server/dist/agent.mjs`; in the guest it is `rebootless-agent` on the PATH. */
  readonly agentBundle?: string
  /** More programs of the host, by their paths; only for a machine of its architecture. */
  readonly programs?: readonly string[]
  /** More files of the guest. */
  readonly files?: readonly CpioEntry[]
  readonly hostname?: string
  readonly memoryMiB?: number
  readonly singleThread?: boolean
  /** Of lab/disk.ts: holds the agent's data directory, beyond this boot. For x86-64 alone. */
  readonly disk?: string
  /** More words of the kernel's command line. */
  readonly kernelParameters?: readonly string[]
}

/** A task that reads a file under chosen names: see guest/reader.c. */
export interface ReaderOptions {
  readonly path: string
  /** Name of the process. */
  readonly name: string
  /** With it, a second thread of this name does the reading. */
  readonly thread?: string
  /** Its cgroup becomes /system.slice/UNIT.service. */
  readonly unit?: string
  /** Again and again, until killed. */
  readonly repeat?: boolean
}

/** Brings up a machine, downloading and building on first use whatever it needs. */
export async function bootMachine(options: MachineOptions): Promise<Machine> {
  const tree = await kernelTree(options.kernel)
  await ensureHostPackages(tree.hostPackages)
  const hostname = options.hostname ?? `lab-${options.kernel.replace('.', '-')}`
  const logs = path.join(cacheDirectory, 'logs')
  await mkdir(logs, { recursive: true })
  const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-lab-'))
  const initramfs = path.join(folder, 'initramfs')
  const controlSocket = path.join(folder, 'control')
  try {
    await writeInitramfs(initramfs, { ...options, tree, hostname })
    const control = await ControlChannel.listen(controlSocket)
    const emulator = startEmulator({
      ...{
        architecture: tree.architecture,
        image: tree.image,
        initramfs,
        controlSocket,
        consoleLog: path.join(logs, `${hostname}.log`),
      },
      ...{ memoryMiB: options.memoryMiB ?? 768, singleThread: options.singleThread ?? false },
      ...{ disk: options.disk, kernelParameters: options.kernelParameters ?? [] },
    })
    const machine = new Machine(emulator, control, hostname, tree.release, await builtModules(tree))
    await machine.booted(BOOT_TIMEOUT_MS)
    return machine
  } finally {
    // QEMU has read it and holds its end of the socket; a run that is ended later leaves no large file.
    await rm(folder, { recursive: true, force: true })
  }
}

export class Machine {
  readonly hostname: string
  /** As `uname -r` prints it. */
  readonly release: string
  /** On the host: `NAME.ko` of each module, for tests that upload one. */
  readonly modulesDirectory: string
  /** Rejects when the machine ends without having been told to. */
  readonly died: Promise<never>
  readonly #emulator: Emulator
  readonly #control: ControlChannel
  #state: 'booting' | 'running' | 'ending' = 'booting'

  constructor(emulator: Emulator, control: ControlChannel, hostname: string, release: string, modules: string) {
    this.hostname = hostname
    this.release = release
    this.modulesDirectory = modules
    this.#emulator = emulator
    this.#control = control
    this.died = new Promise((_, reject) => {
      const onEnd = (cause: Error) => {
        control.close(cause)
        if (this.#state !== 'ending') reject(cause)
      }
      emulator.ended.then(() => onEnd(causeOfDeath(hostname, this.console, this.#state === 'booting')), onEnd)
    })
    this.died.catch(() => {})
  }

  get pid(): number {
    return this.#emulator.pid
  }

  /** What the kernel printed on its console so far; also in `.cache/kernel/logs/HOSTNAME.log`. */
  get console(): string {
    return this.#emulator.console()
  }

  async booted(timeoutMs: number): Promise<void> {
    const late = delay(timeoutMs, 'late' as const, { ref: false })
    const outcome = await Promise.race([this.#control.ready, this.died, late])
    if (outcome === 'late') {
      await this.stop()
      throw new EmulatorCrash(`no sign of life for ${timeoutMs} ms after the start\n${lastWords(this.console)}`)
    }
    this.#state = 'running'
  }

  /** Runs a program to its end; any exit code is an answer. */
  async exec(argv: string[], options: { timeoutMs?: number } = {}): Promise<Ended> {
    return await this.#control.ask('exec', { argv, timeoutMs: options.timeoutMs ?? 60_000 })
  }

  /** Starts a program and answers its pid; `unit` names a cgroup /system.slice/UNIT.service of its own. */
  async spawn(argv: string[], options: { unit?: string } = {}): Promise<number> {
    return await this.#control.ask('spawn', { argv, ...options })
  }

  async spawnReader({ path: file, name, thread = '-', unit, repeat }: ReaderOptions): Promise<number> {
    const argv = ['/bin/lab-reader', name, thread, file, ...(repeat === true ? ['repeat'] : [])]
    return await this.spawn(argv, unit === undefined ? {} : { unit })
  }

  /** How a spawned program ended, once it has. */
  async wait(pid: number): Promise<Ended> {
    return await this.#control.ask('wait', { pid })
  }

  /** What a spawned program printed so far. */
  async output(pid: number): Promise<{ stdout: string; stderr: string }> {
    return await this.#control.ask('output', { pid })
  }

  async kill(pid: number, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#control.ask('kill', { pid, signal })
  }

  /** The whole content. For files that may not return use `spawnReader`: few reads can wait at a time. */
  async read(file: string): Promise<string> {
    return await this.#control.ask('read', { path: file })
  }

  async write(file: string, content: string | Uint8Array): Promise<void> {
    const text = typeof content === 'string' ? { text: content } : { base64: Buffer.from(content).toString('base64') }
    await this.#control.ask('write', { path: file, ...text })
  }

  /** Loads one of our modules; a refusal is a GuestError that ends in the errno's text, as kmod prints it. */
  async insmod(name: string, parameters: Record<string, string | number> = {}): Promise<void> {
    const pairs = Object.entries(parameters).map(([key, value]) => `${key}=${value}`)
    await this.#kmod(['insmod', `/${labModule(`${name}.ko`)}`, ...pairs])
  }

  async rmmod(name: string): Promise<void> {
    await this.#kmod(['rmmod', name])
  }

  async powerOff(): Promise<void> {
    this.#state = 'ending'
    this.#control.powerOff()
    const late = delay(POWER_OFF_TIMEOUT_MS, 'late' as const, { ref: false })
    if ((await Promise.race([this.#emulator.ended, late])) === 'late') await this.stop()
  }

  /** Pulls the plug. */
  async stop(): Promise<void> {
    this.#state = 'ending'
    this.#emulator.kill()
    await this.#emulator.ended
  }

  /** After a failure: was it the emulator's? */
  async crashedByEmulator(): Promise<boolean> {
    await Promise.race([this.#emulator.ended, delay(LAST_WORDS_MS)])
    return showsKnownCrash(this.console)
  }

  async #kmod(argv: string[]): Promise<void> {
    const { code, stderr } = await this.exec(argv)
    if (code !== 0) throw new GuestError(`${argv.join(' ')}: ${stderr.trim()}`)
  }
}
