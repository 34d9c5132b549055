import type { FitReasonCode } from '@rebootless/shared/contract/patch-hosts.ts'
import type { Conflict, Fits } from '@rebootless/shared/domain/patch-words.ts'

export const FIT_WORDS: Readonly<Record<Fits, string>> = { yes: 'Can take it', no: 'Cannot', unknown: 'Not known' }

/** Each reason in few words; the server says it in full for each host. */
export const REASON_WORDS: Readonly<Record<FitReasonCode, string>> = {
  architecture: 'Another architecture',
  release: 'Another kernel',
  no_livepatch: 'Kernel without livepatch',
  recorded: 'A recorded host',
  observed: 'Only observed',
  quarantined: 'Quarantined',
  old_agent: 'Agent too old',
  stopped: 'Stopped on the host',
  action_barred: 'The host does not allow it',
  system_absent: 'Without this system',
  access_lost: 'The vendor gives it nothing',
  coverage_ended: 'The vendor no longer covers its kernel',
  modules_disabled: 'Loads no more modules',
  unsigned: 'Takes signed modules only',
  ftrace_off: 'ftrace is switched off',
  forced: 'A patch was forced',
  other_system: 'Another system patches it',
  already_there: 'Has it already',
  would_be_replaced: 'Has a newer one',
  state_downgrade: 'Would go back in a state',
  not_read: 'Not read yet',
  agent_unheard: 'Agent not heard',
  module_unread: 'The module was not read',
  livepatch_support: 'Whether it has livepatch',
  ftrace_unread: 'Whether ftrace is on',
  patches_unread: 'Which patches it has',
  module_loading: 'Whether it loads modules',
  signature_rule: 'Whether it wants signatures',
  signer_trusted: 'Whether it trusts the signer',
  other_system_unread: 'Whether another system patches it',
  states_unread: 'Which states it has',
  vendor_level: 'Which level it would reach',
  in_transition: 'In a transition',
  offline: 'Offline',
  replaces: 'Takes the place of others',
  goes_on_top: 'Goes on top of others',
  place_unknown: 'Whether it replaces others',
  not_in_catalogue: 'Has a patch that is not here',
  symbol_versions: 'Symbol versions are compared at load',
  no_reliable_stacks: 'Without reliable stack traces',
}

export const CONFLICT_WORDS: Readonly<Record<Conflict, string>> = {
  instruction_pointer: 'another ftrace user may redirect it',
  trampoline: 'a trampoline is on it, as of BPF',
  other_patcher: 'another system patches it',
  older_patch: 'an older livepatch has it',
  target_absent: 'its module is not loaded',
}
