/** The closed lists of words of the catalogue of patches: plain data, as in words.ts. */

/** `vendor_update`: no file, but a level that a vendor's tool is to reach. */
export const PATCH_KINDS = ['module', 'set', 'vendor_update'] as const
export type PatchKind = (typeof PATCH_KINDS)[number]

/** `danger`: somewhere it will not load, or undoing it is not what it seems. */
export const WARNING_LEVELS = ['danger', 'warning', 'note'] as const

export const PATCH_WARNINGS = [
  'unsigned_refused',
  'unsigned',
  'licence',
  'functions_unread',
  'no_host',
  'not_cumulative',
  'same_srcversion',
  'callbacks',
  'shadow_variables',
  'states',
  'no_cve',
  'taints',
] as const

/** Whether a host can take a patch; `unknown`: something that decides it could not be read. */
export const FITS = ['yes', 'no', 'unknown'] as const
export type Fits = (typeof FITS)[number]

/** Why a host cannot take a patch, most final first: a host that has several is counted under each. */
export const MISFITS = [
  'architecture',
  'release',
  'no_livepatch',
  'recorded',
  'observed',
  'quarantined',
  'old_agent',
  'stopped',
  'action_barred',
  'system_absent',
  'access_lost',
  'coverage_ended',
  'modules_disabled',
  'unsigned',
  'ftrace_off',
  'forced',
  'other_system',
  'already_there',
  'would_be_replaced',
  'state_downgrade',
] as const
export type Misfit = (typeof MISFITS)[number]

/** What decides, and is not known. */
export const MISSING_FACTS = [
  'not_read',
  'agent_unheard',
  'module_unread',
  'livepatch_support',
  'ftrace_unread',
  'patches_unread',
  'module_loading',
  'signature_rule',
  'signer_trusted',
  'other_system_unread',
  'states_unread',
  'vendor_level',
] as const
export type MissingFact = (typeof MISSING_FACTS)[number]

/** What speaks neither for nor against, and should be known. */
export const FIT_NOTES = [
  'in_transition',
  'offline',
  'replaces',
  'goes_on_top',
  'place_unknown',
  'not_in_catalogue',
  'symbol_versions',
  'no_reliable_stacks',
] as const
export type FitNote = (typeof FIT_NOTES)[number]

/**
 * What is in a function's way. `instruction_pointer`: another ftrace user may change where the call goes, and the kernel
 * lets one do that (ftrace.c, IPMODIFY). `trampoline`: a direct call, as BPF makes. `older_patch`: a livepatch has it
 * already. `other_patcher`: another live patching system has it. `target_absent`: its module is not loaded.
 */
export const CONFLICTS = ['instruction_pointer', 'trampoline', 'other_patcher', 'older_patch', 'target_absent'] as const
export type Conflict = (typeof CONFLICTS)[number]
