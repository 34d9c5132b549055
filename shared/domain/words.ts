/**
 * The closed lists of words that screen, wire, database and code share. Plain data, so that the browser can use
 * them without carrying a schema library.
 */

/** Host states, most urgent first: a host that is in several is shown in the first of them. */
export const HOST_STATES = [
  'forced',
  'stalled',
  'failed',
  'patching',
  'unpatching',
  'exposed',
  'drifted',
  'stale',
  'offline',
  'patched',
  'unsupported',
] as const
export type HostState = (typeof HOST_STATES)[number]

/**
 * What one livepatch is doing on one host; `forced` and `stalled` are marks beside it, not states. `unknown`: the kernel
 * did not let its state be read.
 */
export const PATCH_STATES = ['patching', 'applied', 'unpatching', 'disabled', 'superseded', 'unknown'] as const
export type PatchLifeState = (typeof PATCH_STATES)[number]

/** Where what is known of a host comes from. Anything but `agent` is marked on every screen. */
export const HOST_ORIGINS = ['agent', 'recorded', 'simulated'] as const
export type HostOrigin = (typeof HOST_ORIGINS)[number]

/** The class a host gives itself in its own `agent.json`; the server never sets it. */
export const HOST_CLASSES = ['observe', 'lab', 'production'] as const
export type HostClass = (typeof HOST_CLASSES)[number]

/** Least power first. */
export const ROLES = ['viewer', 'operator', 'approver', 'admin'] as const
export type Role = (typeof ROLES)[number]
