/**
 * The agent's only way to a kernel. A real kernel, a recorded one and a simulated one offer the same verbs, so
 * that the same readers run on all of them. Paths are absolute, as on a host (`/sys/kernel/livepatch`).
 */

/** A failed system call, by its errno's name: `ENOENT`, `EACCES`, `ENODEV` … */
export interface Failure {
  readonly ok: false
  readonly errno: string
}
export type Result<T> = { readonly ok: true; readonly value: T } | Failure

export interface DirectoryEntry {
  readonly name: string
  readonly directory: boolean
}

/** A descriptor kept open and read again from offset 0: some 40 times cheaper than opening anew. */
export interface HeldFile {
  read(): Promise<Result<string>>
  close(): Promise<void>
}

export interface KernelFs {
  /** Reads at most `bytesMax` (256 KiB unless said otherwise); procfs and sysfs sizes mean nothing. */
  read(path: string, bytesMax?: number): Promise<Result<string>>
  /** For what is no text: /proc/config.gz and /sys/kernel/notes. A kernel that does not offer them has both unknown. */
  readBytes?(path: string, bytesMax?: number): Promise<Result<Uint8Array>>
  list(path: string): Promise<Result<readonly DirectoryEntry[]>>
  hold(path: string): Promise<Result<HeldFile>>
  /** One open(2) and one write(2) of the whole text. The agent writes `enabled` and `force` of livepatches, and nothing else. */
  write(path: string, text: string): Promise<Result<void>>
  /** kill(2) by a task's id, which reaches its whole process. Left out: nothing that runs there can be signalled. */
  signal?(tid: number, signal: 'SIGSTOP' | 'SIGCONT'): Promise<Result<void>>
  /**
   * Follows /dev/kmsg from its oldest record: one raw record a call (Documentation/ABI/testing/dev-kmsg). Ends when
   * `signal` is aborted. A failure is returned once, at the start.
   */
  followKernelLog(onRecord: (record: string) => void, signal: AbortSignal): Promise<Result<void>>
}
