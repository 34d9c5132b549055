import { closeSync, constants, openSync, readdirSync, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Failure, HeldFile, KernelFs, Result } from './kernel-fs.ts'

const BYTES_MAX_DEFAULT = 256 * 1024
/** Up to here a read goes past the thread pool. */
const SYNCHRONOUS_BYTES_MAX = 1024 * 1024
/** procfs writes whole pages. */
const CHUNK_BYTES = 4096
/** A held file is one number or one line. */
const HELD_BYTES_MAX = 4096
/** Larger than any record: kernel/printk/internal.h, PRINTK_MESSAGE_MAX. */
const RECORD_BYTES_MAX = 16 * 1024
/**
 * Node has no poll(2) for character devices, and a blocking read would hold a thread that nothing can end. So the log
 * is asked: seldom at rest, where a wake-up costs more than the read, and often while records come.
 */
const KERNEL_LOG_REST_MS = 400
const KERNEL_LOG_BUSY_MS = 50
const KERNEL_LOG_BUSY_FOR_MS = 10_000
/** Records handed on before others get their turn: the log may hold tens of thousands at the start. */
const RECORDS_PER_TURN = 256

/** Documentation/ABI/testing/sysfs-kernel-livepatch. A module's name has neither dot nor slash. */
const WRITABLE = /^\/sys\/kernel\/livepatch\/[A-Za-z0-9_]{1,55}\/(?:enabled|force)$/

/** KernelFs over the running kernel. Of all its files, only two of each livepatch can be written through it; others answer EROFS. */
export const createLinuxKernelFs = (): KernelFs => ({
  async read(path, bytesMax = BYTES_MAX_DEFAULT) {
    const bytes = await readBytes(path, bytesMax)
    return bytes.ok ? { ok: true, value: bytes.value.toString('utf8') } : bytes
  },

  readBytes: (path, bytesMax = BYTES_MAX_DEFAULT) => readBytes(path, bytesMax),

  async list(path) {
    try {
      const entries = readdirSync(path, { withFileTypes: true })
      return { ok: true, value: entries.map((entry) => ({ name: entry.name, directory: entry.isDirectory() })) }
    } catch (error) {
      return failure(error)
    }
  },

  async hold(path) {
    try {
      return { ok: true, value: holdDescriptor(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)) }
    } catch (error) {
      return failure(error)
    }
  },

  async write(path, text) {
    if (!WRITABLE.test(path)) return { ok: false, errno: 'EROFS' }
    try {
      const file = await open(path, constants.O_WRONLY | constants.O_NOFOLLOW)
      try {
        await file.write(text)
      } finally {
        await file.close()
      }
      return { ok: true, value: undefined }
    } catch (error) {
      return failure(error)
    }
  },

  async signal(tid, signal) {
    // 0 and below reach groups of processes, 1 the system's own: kill(2).
    if (!Number.isSafeInteger(tid) || tid <= 1) return { ok: false, errno: 'EINVAL' }
    try {
      process.kill(tid, signal)
      return { ok: true, value: undefined }
    } catch (error) {
      return failure(error)
    }
  },

  async followKernelLog(onRecord, signal) {
    if (signal.aborted) return { ok: true, value: undefined }
    let descriptor: number
    try {
      descriptor = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK)
    } catch (error) {
      return failure(error)
    }
    try {
      return await followRecords(descriptor, onRecord, signal)
    } finally {
      closeSync(descriptor)
    }
  },
})

/** The kernel answers small files at once, and the thread pool would cost ten times as much; large ones may wait for a lock. */
const readBytes = async (path: string, bytesMax: number): Promise<Result<Buffer>> => {
  try {
    if (bytesMax <= SYNCHRONOUS_BYTES_MAX) return { ok: true, value: readSmall(path, bytesMax) }
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      return { ok: true, value: await readLarge(file, bytesMax) }
    } finally {
      await file.close()
    }
  } catch (error) {
    return failure(error)
  }
}

const readSmall = (path: string, bytesMax: number): Buffer => {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const chunks: Buffer[] = []
    for (let length = 0; length < bytesMax; ) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, bytesMax - length))
      const bytesRead = readSync(descriptor, chunk, 0, chunk.length, null)
      if (bytesRead === 0) break
      chunks.push(chunk.subarray(0, bytesRead))
      length += bytesRead
    }
    return Buffer.concat(chunks)
  } finally {
    closeSync(descriptor)
  }
}

const readLarge = async (file: FileHandle, bytesMax: number): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for (let length = 0; length < bytesMax; ) {
    const chunk = Buffer.allocUnsafe(Math.min(16 * CHUNK_BYTES, bytesMax - length))
    const { bytesRead } = await file.read(chunk, 0, chunk.length, null)
    if (bytesRead === 0) break
    chunks.push(chunk.subarray(0, bytesRead))
    length += bytesRead
  }
  return Buffer.concat(chunks)
}

/** Synchronous on purpose: a patch_state never waits, and a thousand of them through the thread pool cost 40 times more. */
const holdDescriptor = (descriptor: number): HeldFile => {
  const buffer = Buffer.allocUnsafe(HELD_BYTES_MAX)
  let open = true
  return {
    async read() {
      if (!open) return { ok: false, errno: 'EBADF' } // the number may by now be another file's
      try {
        return { ok: true, value: buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, HELD_BYTES_MAX, 0)) }
      } catch (error) {
        return failure(error)
      }
    },
    async close() {
      if (open) closeSync(descriptor)
      open = false
    },
  }
}

/** One read(2) gives one record: Documentation/ABI/testing/dev-kmsg. EPIPE: older records were overwritten meanwhile. */
const followRecords = (
  descriptor: number,
  onRecord: (record: string) => void,
  signal: AbortSignal,
): Promise<Result<void>> =>
  new Promise((resolve) => {
    const buffer = Buffer.allocUnsafe(RECORD_BYTES_MAX)
    let timer: NodeJS.Timeout | undefined
    let heardAt = Number.NEGATIVE_INFINITY
    const end = (result: Result<void>) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      resolve(result)
    }
    const onAbort = () => end({ ok: true, value: undefined })
    signal.addEventListener('abort', onAbort)

    const turn = () => {
      for (let records = 0; records < RECORDS_PER_TURN && !signal.aborted; ) {
        try {
          const length = readSync(descriptor, buffer, 0, RECORD_BYTES_MAX, null)
          records += 1
          heardAt = performance.now()
          onRecord(buffer.toString('utf8', 0, length))
        } catch (error) {
          const { errno } = failure(error)
          if (errno === 'EPIPE' || errno === 'EINTR') continue
          if (errno !== 'EAGAIN') return end({ ok: false, errno })
          const busy = performance.now() - heardAt < KERNEL_LOG_BUSY_FOR_MS
          timer = setTimeout(turn, busy ? KERNEL_LOG_BUSY_MS : KERNEL_LOG_REST_MS)
          return
        }
      }
      if (!signal.aborted) timer = setTimeout(turn, 0)
    }
    turn()
  })

/** Node names some errors that are no errno (`ERR_…`, `UNKNOWN`): those count as EIO. */
const failure = (error: unknown): Failure => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return { ok: false, errno: /^E[A-Z0-9]{1,15}$/.test(code) ? code : 'EIO' }
}
