import { copyFile, open, stat, truncate } from 'node:fs/promises'

const SERVER_LOG_BYTES_MAX = 8 * 1024 * 1024

/**
 * Keeps the server's log bounded: beyond 8 MiB it becomes `….1` and is emptied in place, which a writer that appends
 * (O_APPEND) does not notice.
 */
export async function trimServerLog(log: string): Promise<void> {
  const size = await serverLogSize(log)
  if (size <= SERVER_LOG_BYTES_MAX) return
  await copyFile(log, `${log}.1`)
  await truncate(log, 0)
}

export const serverLogSize = (log: string): Promise<number> =>
  stat(log).then(
    ({ size }) => size,
    () => 0,
  )

/** What the server has written since the log had this size, at most the last 2,000 bytes. */
export async function serverLogSince(log: string, size: number): Promise<string> {
  const file = await open(log, 'r')
  try {
    const end = (await file.stat()).size
    const start = Math.max(size, end - 2_000)
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(Math.max(0, end - start)), position: start })
    return buffer.subarray(0, bytesRead).toString('utf8').trim()
  } finally {
    await file.close()
  }
}
