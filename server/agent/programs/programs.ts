/** One run of a program of the host. What it printed is hostile text of bounded length. */
export type ProgramResult =
  | {
      readonly ok: true
      /** null: a signal ended it. */
      readonly exitCode: number | null
      readonly stdout: string
      readonly stderr: string
      /** One of them was longer than was asked for; the program was ended then. */
      readonly truncated: boolean
    }
  /**
   * It did not start, or was ended: ENOENT it is not there; EPERM it, or a folder above it, can be written by others than
   * root, so it is not run; ETIMEDOUT it took too long.
   */
  | {
      readonly ok: false
      readonly errno: string
      readonly detail: string
      readonly stdout: string
      readonly stderr: string
    }

export interface ProgramOptions {
  /** Wall clock, milliseconds. */
  readonly timeMs: number
  /** Of each of its outputs. */
  readonly bytesMax: number
}

/**
 * The agent's only way to run a program of the host; a simulated host offers the same verb. `program` is an absolute path;
 * there is no shell, no input, and a fixed environment and locale.
 */
export interface HostPrograms {
  run(program: string, args: readonly string[], options: ProgramOptions): Promise<ProgramResult>
}

/** A copy of a module that nobody but root can change, for insmod(8) to read. */
export interface ModuleCopy {
  readonly path: string
  /** What lies there. */
  read(): Promise<Uint8Array>
  remove(): Promise<void>
}

/** Where modules lie before they are inserted: a private directory of a real host, or a simulated one's. */
export interface ModuleFiles {
  put(bytes: Uint8Array): Promise<ModuleCopy>
}
