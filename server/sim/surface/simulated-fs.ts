import type { KernelFs, Result } from '../../agent/kernel/kernel-fs.ts'
import type { KernelState } from '../kernel/kernel-state.ts'
import type { Pending } from '../kernel/simulated-kernel.ts'
import { failed, mayRead, ok, type SurfaceFile } from './file.ts'
import { findFile } from './find-file.ts'

const BYTES_MAX_DEFAULT = 256 * 1024

/** The agent's way to a simulated kernel. A write is answered when virtual time has brought it to its end. */
export const createSimulatedFs = (
  kernel: KernelState,
  uid: number,
  write: (path: string, text: string, uid: number) => Pending,
): KernelFs => ({
  async read(path, bytesMax = BYTES_MAX_DEFAULT) {
    const file = open(kernel, path, uid)
    const result = file.ok ? readFile(file.value, uid) : file
    return result.ok && result.value.length > bytesMax ? ok(result.value.slice(0, bytesMax)) : result
  },

  async readBytes(path) {
    const { buildId } = kernel.facts
    return path === '/sys/kernel/notes' && buildId !== undefined ? ok(buildIdNote(buildId)) : failed('ENOENT')
  },

  async list(path) {
    const found = findFile(kernel, path, uid)
    if (found === null) return failed('ENOENT')
    if (found.kind === 'file') return failed('ENOTDIR')
    return mayRead(found, uid) ? found.list(uid) : failed('EACCES')
  },

  async hold(path) {
    const file = open(kernel, path, uid)
    if (!file.ok) return file
    return ok({
      read: async () => readFile(file.value, uid),
      close: async () => undefined,
    })
  },

  write: (path, text) =>
    new Promise((resolve) => {
      const pending = write(path, text, uid)
      pending.whenDone(() => resolve(pending.errno === null ? ok(undefined) : failed(pending.errno)))
    }),

  /** SIGSTOP takes a task out of a sleep that a signal may end, as livepatch's own does; that it then stands still is not modelled. */
  async signal(tid, signal) {
    const task = kernel.machine.tasks.get(tid)
    if (task === undefined) return failed('ESRCH')
    if (uid !== 0) return failed('EPERM')
    if (signal === 'SIGSTOP') kernel.machine.interrupt(task)
    return ok(undefined)
  },

  async followKernelLog(onRecord, signal) {
    if (uid !== 0 && kernel.switches.dmesgRestricted) return failed('EPERM')
    if (signal.aborted) return ok(undefined)
    const stop = kernel.log.follow(onRecord)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    stop()
    return ok(undefined)
  },
})

/** open(2): the way there, then the file's mode. sysfs refuses to open what it can't show even to root. */
const open = (kernel: KernelState, path: string, uid: number): Result<SurfaceFile> => {
  // The way into tracefs is barred, whether or not there is such a file.
  if (path.startsWith('/sys/kernel/tracing/') && uid !== 0) return failed('EACCES')
  const found = findFile(kernel, path, uid)
  if (found === null) return failed('ENOENT')
  if (found.kind === 'directory') return failed('EISDIR')
  return found.read === undefined || !mayRead(found, uid) ? failed('EACCES') : ok(found)
}

const readFile = (file: SurfaceFile, uid: number): Result<string> => file.read?.(uid) ?? failed('EACCES')

/** elf(5), "Notes": NT_GNU_BUILD_ID with the name GNU, padded to four bytes; a kernel has more of them behind it. */
const buildIdNote = (hex: string): Uint8Array => {
  const size = hex.length / 2
  const note = new Uint8Array(16 + Math.ceil(size / 4) * 4)
  const view = new DataView(note.buffer)
  for (const [index, word] of [4, size, 3].entries()) view.setUint32(index * 4, word, true)
  note.set([0x47, 0x4e, 0x55, 0], 12)
  for (let at = 0; at < size; at += 1) note[16 + at] = Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16)
  return note
}
