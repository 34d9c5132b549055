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

/** How a session began. */
export const SIGN_IN_WAYS = ['password', 'link', 'single sign-on'] as const
export type SignInWay = (typeof SIGN_IN_WAYS)[number]

/**
 * The live patching systems that an agent can read, by the tool or interface that tells of them. `klp` is SUSE's tool for
 * livepatch (SLE 15), `kgraft` the system before it (SLE 12); Amazon's and Red Hat's patches come by `kpatch`.
 */
export const PROVIDER_NAMES = ['livepatch', 'kpatch', 'klp', 'kgraft', 'ksplice', 'kernelcare', 'canonical'] as const
export type ProviderName = (typeof PROVIDER_NAMES)[number]

/** What a tool says of one patch. `not_loaded`: installed on disk for this kernel, but not in it now. */
export const PROVIDER_PATCH_STATES = [
  'patching',
  'applied',
  'unpatching',
  'disabled',
  'superseded',
  'failed',
  'not_loaded',
  'unknown',
] as const
export type ProviderPatchState = (typeof PROVIDER_PATCH_STATES)[number]

/** Whether the vendor makes patches for the running kernel. */
export const COVERAGES = ['supported', 'unsupported', 'upgrade_required', 'end_of_life', 'unknown'] as const
export type Coverage = (typeof COVERAGES)[number]

/** Whether this host may fetch patches: its subscription, key or registration. */
export const ACCESS_STATES = [
  'ok',
  'not_registered',
  'expired',
  'refused',
  'disabled',
  'unreachable',
  'unknown',
] as const
export type AccessState = (typeof ACCESS_STATES)[number]

/** Whether a reboot is needed; `yes_but_covered`: a newer kernel waits, and live patches hold its fixes until then. */
export const REBOOT_ANSWERS = ['no', 'yes', 'yes_but_covered', 'unknown'] as const
export type RebootAnswer = (typeof REBOOT_ANSWERS)[number]

/**
 * What an agent can be told to do. `load` puts a livepatch module in, `enable` puts a disabled one in again (the kernel
 * wants it removed and inserted anew), `disable` takes one out, `reverse` turns the running transition round, `retry`
 * takes a stalled transition out and begins it anew, `signal` wakes its blocking tasks, `force` ends it whatever they
 * run, `update` has the vendor's tool fetch and apply its patches, `refresh` reads the host anew and changes nothing.
 */
export const COMMAND_ACTIONS = [
  'load',
  'enable',
  'disable',
  'reverse',
  'retry',
  'signal',
  'force',
  'update',
  'refresh',
] as const
export type CommandAction = (typeof COMMAND_ACTIONS)[number]

/**
 * The life of one command on one host. `waiting`: not sent yet (approval, wave start, the host is away); `sent`: the host
 * has it, or may have it; then one of the ends. `unknown`: the agent died in the act and could not tell from the kernel.
 */
export const COMMAND_STATES = [
  'waiting',
  'sent',
  'done',
  'refused',
  'failed',
  'expired',
  'cancelled',
  'unknown',
] as const
export type CommandState = (typeof COMMAND_STATES)[number]

export const AUDIT_ACTORS = ['user', 'token', 'host', 'server'] as const
export const AUDIT_RESULTS = ['done', 'refused', 'failed'] as const
export type AuditResult = (typeof AUDIT_RESULTS)[number]

/** `used`: as often as it may be; `ended`: its time is over. */
export const TOKEN_STATES = ['open', 'used', 'ended', 'revoked'] as const
export type TokenState = (typeof TOKEN_STATES)[number]
