import type { AgentRelease } from '@rebootless/shared/contract/agent-release.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import type { CommandFailure } from '@rebootless/shared/domain/command-refusals.ts'
import type { Clock } from '../clock.ts'
import type { Refused } from '../commands/signatures.ts'
import type { Aim, Effect, Loaded } from '../journal/journal-state.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import type { HostPrograms, ModuleFiles } from '../programs/programs.ts'

/** Modules that have been in, for another time. By SHA-256, hex. */
export interface KeptArtefacts {
  /** Undefined: not there, or not what it was. */
  read(sha256: string): Promise<Uint8Array | undefined>
  keep(sha256: string, bytes: Uint8Array): Promise<void>
}

/** How an agent takes another's place. */
export interface SelfUpdate {
  /** Puts the new agent beside this one and has it look at this host. What is in the way: a refusal. */
  prepare(release: AgentRelease, agent: Uint8Array, commandId: string): Promise<Refused | null>
  /** Ends this run of the agent, so that the new one is tried. */
  begin(): void
  /** What became of it; while the agent that runs has yet to prove itself, it does not say. */
  outcome(commandId: string): Promise<Outcome>
}

/** All that an act may use. Nothing of it starts a program or writes to a kernel but `fs` and `programs`. */
export interface ActPorts {
  readonly fs: KernelFs
  readonly programs: HostPrograms
  readonly clock: Clock
  readonly moduleFiles: ModuleFiles
  readonly kept: KeptArtefacts
  /** From the server, by its hash. Rejects when it cannot be had. */
  readonly fetchArtefact: (sha256: string, sizeBytes: number) => Promise<Uint8Array>
  /** The latest reading of all tasks while a transition runs, some seconds old at most; null: there is none. */
  readonly sample: () => TransitionSample | null
  /** Has the host read anew. */
  readonly refresh: () => void
  /** Absent: this agent is none that could be replaced. */
  readonly selfUpdate?: SelfUpdate | undefined
  readonly signal: AbortSignal
}

/** One command's own part of the journal. */
export interface ActJournal {
  /**
   * To be called right before each effect: refuses when changes were stopped or frozen meanwhile, else has it on the disk.
   */
  effect(effect: Omit<Effect, 'tasks'> & { readonly tasks?: number[] }): Promise<Refused | null>
  artefact(artefact: Loaded): Promise<void>
  forced(patch: string, sample: TransitionSample): Promise<void>
  /** The kernel refused the force. */
  notForced(): Promise<void>
  /** Of the module that was last put in, or is being put in, by that name. */
  known(patch: string): Loaded | null
  /** Another command has not ended. */
  othersOpen(): boolean
  /** What has been in effect, of any name. */
  loaded(): readonly (Loaded & { readonly patch: string })[]
}

export type Outcome =
  | { readonly state: 'done' | 'failed' | 'refused' | 'unknown'; readonly code: string | null; readonly detail: string }
  /** The kernel has accepted it; whether it comes about is to be seen. */
  | { readonly state: 'waiting'; readonly aim: Aim }

export const done = (detail: string): Outcome => ({ state: 'done', code: null, detail })
export const failed = (code: CommandFailure, detail: string): Outcome => ({ state: 'failed', code, detail })
/** By the errno's name that the kernel answered with. */
export const failedBy = (errno: string, detail: string): Outcome => ({ state: 'failed', code: errno, detail })
export const refusedAct = ({ code, detail }: Refused): Outcome => ({ state: 'refused', code, detail })
export const waiting = (patch: string, want: Aim['want']): Outcome => ({ state: 'waiting', aim: { patch, want } })
