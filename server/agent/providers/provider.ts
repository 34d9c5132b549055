import type { KernelFacts, Livepatch, OperatingSystem } from '@rebootless/shared/contract/kernel.ts'
import type { ProviderFindings } from '@rebootless/shared/domain/provider-report.ts'
import type { ProviderName } from '@rebootless/shared/domain/words.ts'
import type { DirectoryEntry, Result } from '../kernel/kernel-fs.ts'
import type { LoadedModule } from '../kernel/modules.ts'
import type { ProgramResult } from '../programs/programs.ts'

/** Takes out of a text what must not leave the host, before anything else sees it. */
export type Redact = (text: string) => string

export interface ReadTextOptions {
  readonly redact?: Redact
  readonly bytesMax?: number
  /** Not kept for the Raw page and the provider's tab. */
  readonly unlisted?: boolean
}

export interface RunOptions {
  readonly redact?: Redact
  /** Default 10 s, at most 30 s. */
  readonly timeMs?: number
  /** Default and at most 1 MiB. */
  readonly bytesMax?: number
  /**
   * All that the answer depends on, as far as can be told. While this text is the same the program is not run again, and what it
   * said last is its answer: for a day, and not after a failure.
   */
  readonly dependsOn?: string
}

/** A host as a provider may see it: it can read files and run the tools' reading commands, and nothing else. */
export interface ProviderHost {
  readonly kernel: Pick<KernelFacts, 'release' | 'version' | 'architecture' | 'bootId'>
  readonly operatingSystem: OperatingSystem
  /** As sysfs has them; null: /sys/kernel/livepatch could not be listed. */
  readonly livepatches: readonly Livepatch[] | null
  /** From /proc/modules; null: it could not be read. */
  readonly modules: readonly LoadedModule[] | null
  /** A file's text. What was read, or why not, is kept for the provider's tab. */
  readText(path: string, options?: ReadTextOptions): Promise<Result<string>>
  list(path: string): Promise<Result<readonly DirectoryEntry[]>>
  /** Whether there is such a file or directory. */
  exists(path: string): Promise<boolean>
  /** Runs a program by its absolute path. What it printed is kept for the provider's tab. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<ProgramResult>
  /** Milliseconds since 1970. */
  now(): number
}

/** One live patching system. */
export interface Provider {
  readonly name: ProviderName
  /** Of PROVIDER_TITLES. */
  readonly title: string
  /** Whether the system is on this host. Looks at files only, and never takes long. */
  detect(host: ProviderHost): Promise<boolean>
  /**
   * Files whose text, or directories whose entries, differ once the system has changed something: compared every few
   * seconds, so few and cheap. When one differs, or after ten minutes, `read` is called again.
   */
  watches(host: ProviderHost): readonly string[]
  /** Reads without any effect on the host. What it throws becomes a trouble of its report. */
  read(host: ProviderHost): Promise<ProviderFindings>
}
