import type { FleetKind } from './fleet-mix.ts'

/**
 * What is wrong with the tool of a host, or with its right to fetch patches. `expired`, `not_registered`: no more patches come;
 * `unreachable`: its vendor does not answer; `daemon_down`: the program that would know is not running; `time_out`: the
 * tool does not end; `crashes`: it ends with an error of its own.
 */
export const TOOL_TROUBLES = ['expired', 'not_registered', 'unreachable', 'daemon_down', 'time_out', 'crashes'] as const
export type ToolTrouble = (typeof TOOL_TROUBLES)[number]

/** Those that can befall each kind of host. */
export const TROUBLES_OF: Readonly<Record<FleetKind, readonly ToolTrouble[]>> = {
  livepatch: [],
  klp: ['time_out', 'crashes'],
  kpatch: ['time_out', 'crashes'],
  amazon: ['time_out', 'crashes'],
  canonical: ['daemon_down', 'not_registered', 'time_out'],
  kpatch_core: ['time_out', 'crashes'],
  kgraft: ['time_out', 'crashes'],
  ksplice: ['expired', 'unreachable'],
  kernelcare: ['not_registered', 'unreachable', 'time_out'],
  none: [],
}
