import type { Body, TaskPlan } from '../kernel/program.ts'
import type { SimulatedKernel } from '../kernel/simulated-kernel.ts'
import type { Task } from '../kernel/task.ts'
import { inModule } from './modules.ts'

const QUEUE = 'lpt_queue'
const STOP = 'lpt_stop'

const WAITS = {
  wait_killable: 'killable',
  wait_interruptible: 'interruptible',
  wait_uninterruptible: 'uninterruptible',
} as const

export interface Reader {
  readonly name: string
  /** Below /proc/lpt. */
  readonly path: string
  readonly thread?: string | undefined
  readonly uid?: number | undefined
}

/** How a reader ended, as its parent sees it. */
export interface ReaderEnd {
  readonly exited: { readonly code: number | null; readonly signal: string | null } | null
  readonly output: string
}

/** The functions between read(2) and a file of procfs: fs/read_write.c, fs/proc/inode.c, fs/seq_file.c. */
const WAY = ['ksys_read', 'vfs_read', 'proc_reg_read_iter', 'seq_read_iter']

const called = (names: readonly string[], innermost: Body): Body =>
  names.reduceRight<Body>((body, name) => [{ do: 'call', function: inModule('vmlinux', name), body }], innermost)

/** What the lab's target module does when somebody reads and writes its files below /proc/lpt. */
export class TargetModule {
  readonly #kernel: SimulatedKernel
  readonly #readers = new Map<
    string,
    { process: Task; reads: Task; path: string; signal: string | null; answer: number }
  >()
  readonly #threads: Task[] = []
  #released = false

  constructor(kernel: SimulatedKernel) {
    this.#kernel = kernel
    const before = kernel.machine.onTrace
    kernel.machine.onTrace = (event) => {
      before?.(event)
      if (event.kind !== 'called') return
      const reader = [...this.#readers.values()].find(({ reads }) => reads.tid === event.tid)
      // The original answers 0, every patch's version 42.
      if (reader && event.function.startsWith('lptarget,')) reader.answer = event.patch === null ? 0 : 42
    }
  }

  /** A process that reads a file which may not return. */
  block({ name, path, thread, uid = 0 }: Reader): void {
    const file = path.split('/').at(-1) as keyof typeof WAITS
    const kind = WAITS[file]
    const original: Body = this.#released ? [] : [{ do: 'sleep', kind, event: QUEUE }]
    const reading: Body = [
      {
        do: 'system_call',
        name: 'read',
        body: called(WAY, [
          {
            ...{ do: 'call', function: inModule('lptarget', `${file}_show`) },
            body: [{ do: 'call', function: inModule('lptarget', `lpt_${file}`), body: original }],
          },
        ]),
      },
    ]
    const plan = (comm: string, program: Body): TaskPlan => ({
      ...{ comm, kind: 'user', uid, cgroup: `/system.slice/${name}.service`, program },
    })
    const joining: Body = [
      { do: 'system_call', name: 'futex', body: [{ do: 'sleep', kind: 'interruptible', event: `${name} ends` }] },
    ]
    const { machine } = this.#kernel
    const process = machine.spawn(plan(name, thread === undefined ? reading : joining))
    const end: Body = [{ do: 'signal_event', event: `${name} ends` }]
    const reads =
      thread === undefined ? process : machine.spawn(plan(thread, [...reading, ...end]), { threadOf: process.pid })
    this.#readers.set(name, { process, reads, path, signal: null, answer: 0 })
  }

  /** Whether this is a thread of a reader's, or of its own. */
  hasStarted(tid: number): boolean {
    return (
      this.#threads.some((task) => task.tid === tid) ||
      [...this.#readers.values()].some(({ process, reads }) => process.tid === tid || reads.tid === tid)
    )
  }

  /** kill(2) of a whole process. */
  kill(name: string, signal: string): void {
    const reader = this.#readers.get(name)
    if (reader === undefined) return
    reader.signal = signal
    for (const task of new Set([reader.process, reader.reads])) this.#kernel.machine.kill(task, signal)
  }

  end(name: string): ReaderEnd {
    const reader = this.#readers.get(name)
    if (reader === undefined || [reader.process, reader.reads].some(({ state }) => state !== 'dead'))
      return { exited: null, output: '' }
    if (reader.signal !== null) return { exited: { code: null, signal: reader.signal }, output: '' }
    return { exited: { code: 0, signal: null }, output: `read: ${reader.answer}\n` }
  }

  /** Writing to /proc/lpt/ctl. @returns an errno */
  control(text: string): string | null {
    const { machine } = this.#kernel
    const [command, count] = text.trim().split(' ')
    if (command === 'release') {
      this.#released = true
      machine.signalEvent(QUEUE)
    } else if (command === 'arm') this.#released = false
    else if (command === 'kthread') for (let index = 0; index < Number(count); index += 1) this.#startThread()
    else if (command === 'stop') this.stop()
    else return 'EINVAL'
    return null
  }

  /** kthread_stop() of its threads; also when the module goes. */
  stop(): void {
    for (const task of this.#threads.splice(0)) this.#kernel.machine.exit(task)
  }

  #startThread(): void {
    // A wake-up finds its condition unmet, and it sleeps on in there.
    const sleeping: Body = [{ do: 'loop', body: [{ do: 'sleep', kind: 'interruptible', event: STOP }] }]
    const body: Body = [{ do: 'call', function: inModule('lptarget', 'lpt_kthread_body'), body: sleeping }]
    const main: Body = [
      { do: 'call', function: inModule('lptarget', 'lpt_kthread_main'), body: [{ do: 'loop', body }] },
    ]
    this.#threads.push(
      this.#kernel.machine.spawn({ comm: `lpt_flush/${this.#threads.length}`, kind: 'kernel', program: main }),
    )
  }
}
