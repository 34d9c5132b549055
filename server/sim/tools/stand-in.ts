import type { FleetPatch } from '../fleet/patch-images.ts'
import type { SimulatedHost } from '../fleet/simulated-host.ts'
import type { SimulatedKernel } from '../kernel/simulated-kernel.ts'

/** What a stand-in sees of its host. */
export type ToolHost = Pick<
  SimulatedHost,
  'plan' | 'tool' | 'kernel' | 'patch' | 'nowMs' | 'startedAtMs' | 'monotonicUs'
>

/** What a run of a program comes to; `time_out`: it does not end by itself. */
export type Answer = { readonly stdout?: string; readonly stderr?: string; readonly exitCode?: number } | 'time_out'

/** Text by path, or what makes it when it is read. */
export type HostFiles = Readonly<Record<string, string | (() => string)>>

/**
 * A stand-in for a vendor's tool: files that it keeps, and answers of its programs. All of it is made when it is asked for,
 * of what the simulated kernel has at that moment.
 */
export interface StandIn {
  files(host: ToolHost): HostFiles
  /** By absolute path. */
  readonly programs: Readonly<Record<string, (args: readonly string[], host: ToolHost) => Answer>>
}

export const NOT_ANSWERED: Answer = { stderr: 'unknown command\n', exitCode: 1 }

/** Patches of the plan that are in the kernel, oldest first. */
export const patchesIn = ({ plan, kernel }: ToolHost): FleetPatch[] => {
  const names = new Set(kernel === null ? [] : namesIn(kernel))
  return plan.patches.filter(({ image }) => names.has(image.name))
}

const namesIn = ({ state }: SimulatedKernel): readonly string[] =>
  state.system === null
    ? [...state.livepatch.directories.keys()]
    : [
        ...state.system.applied.map(({ name }) => name),
        ...(state.system.changing === null ? [] : [state.system.changing.patch.name]),
      ]

/** Whether a patch is coming or going. */
export const isChanging = ({ kernel }: ToolHost): boolean =>
  kernel !== null &&
  (kernel.state.system === null
    ? kernel.state.livepatch.changing.patch !== null
    : kernel.state.system.changing !== null)

const DAY_MS = 86_400_000

/** A day so many days from the fleet's start, `2027-03-31`. */
export const dayFrom = ({ startedAtMs }: ToolHost, days: number): string =>
  new Date(startedAtMs + days * DAY_MS).toISOString().slice(0, 10)

/** Something that differs between hosts and stays on each: at least 0, less than `below`. */
export const draw = ({ plan }: ToolHost, salt: string, below: number): number => {
  let bits = plan.seed | 0
  for (const character of salt) bits = Math.imul(bits ^ (character.codePointAt(0) ?? 0), 0x01_00_01_93)
  return (bits >>> 0) % below
}

export const hexadecimal = (host: ToolHost, salt: string, digits: number): string =>
  Array.from({ length: digits }, (_, at) => draw(host, `${salt}${at}`, 16).toString(16)).join('')

/** A program that hangs, or falls over a bug of its own, whatever it is asked. */
export const broken = ({ tool }: ToolHost, what: string): Answer | null => {
  if (tool.trouble === 'time_out') return 'time_out'
  return tool.trouble === 'crashes' ? { stderr: `${what}: Segmentation fault\n`, exitCode: 139 } : null
}
