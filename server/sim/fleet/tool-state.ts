import type { BlockedTask } from '../kernel/patch-system.ts'
import type { HostPlan } from './host-plan.ts'
import type { ToolTrouble } from './tool-trouble.ts'

/** What a tool would do to a patch of the plan. */
export interface ToolStep {
  readonly action: 'install' | 'remove'
  /** Index among the plan's patches. */
  readonly patch: number
}

/** What a host's tool is at, beside what the kernel shows. Changed by what befalls the host. */
export interface ToolState {
  trouble: ToolTrouble | null
  /** Steps of an upgrade that runs, those done left out. */
  upgrade: readonly ToolStep[] | null
  /** How the last upgrade failed; null: it did not. */
  failure: { readonly step: ToolStep; readonly blocked: readonly BlockedTask[] } | null
  /** What it takes to be in, as its own files say, when somebody has gone behind its back. */
  believed: number | null
}

export const toolStateOf = ({ trouble }: HostPlan): ToolState => ({
  ...{ trouble, upgrade: null, failure: null, believed: null },
})
