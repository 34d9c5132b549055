/**
 * Why an agent refuses a command, by code: one for each check (threat-model T22, T23). The text says what the check is
 * about, for pages; what was found on the host is in the result's detail.
 */
export const COMMAND_REFUSALS = {
  // What was sent is not what somebody signed.
  type_wrong: 'A signed text of another type stands in this place.',
  server_key_unknown: "The host does not know the server's key yet: it learns it when its certificate is renewed.",
  server_signature: "The command does not bear the server's signature.",
  not_canonical: 'A signed text is not in its one canonical form.',
  malformed: 'A signed text does not follow the contract.',
  authorisation_mismatch: 'The command was made for another authorisation.',
  incomplete: 'The authorisation lacks what its action needs.',
  // Who approved it.
  approver_signature: "An approver's signature does not fit the text.",
  approver_twice: 'One key has signed twice.',
  approver_unknown: 'Keys that this host does not know have signed, and too few that it knows.',
  approvals_missing: 'Too few approvers of this host have signed.',
  // For whom, where and when.
  host_wrong: 'The command is for another host.',
  host_key_wrong: 'The command is for another key of this host, or for who had its name before.',
  host_not_authorised: 'This host is not among those that were approved.',
  kernel_unknown: 'Which kernel runs could not be read.',
  kernel_release: 'Another kernel runs than was approved.',
  kernel_build_id: 'The running kernel is another build than was approved.',
  wave_not_begun: "This host's wave has not begun.",
  authorisation_expired: 'The authorisation has expired.',
  authorisation_endless: 'The authorisation is good for longer than any may be.',
  command_expired: 'The command came too late.',
  command_endless: 'The command is good for longer than any may be.',
  sequence_old: 'The host has had this command, or a later one.',
  reversal_not_approved: 'Taking the patch out again was not approved with it.',
  clock_skew: "The host's clock and the server's are more than five minutes apart.",
  clock_behind: "The host's clock is behind a time that the server has signed.",
  // What the host itself says.
  class_observe: 'The host only lets itself be observed.',
  action_barred: "The host's settings do not allow this action.",
  hours: "The host's settings allow changes at other hours only.",
  never_force: "The host's settings never allow a force.",
  frozen: 'All changes are frozen.',
  stopped: 'Changes to this host are stopped by its own file.',
  recording: 'A recorded kernel cannot be changed.',
  forced_boot: 'A transition was forced since the host started: only a restart makes changes safe again.',
  journal: 'The host cannot keep its journal, without which nothing is done.',
  busy: 'The host has too many commands waiting.',
  // What the kernel, the artefact or the tool says before anything is done.
  livepatch_missing: 'This kernel has no livepatch, or it could not be read.',
  transition_running: 'Another transition is running: the kernel would answer EBUSY.',
  no_transition: 'The patch is not in transition.',
  other_transition: 'Another transition runs than was approved: of another livepatch, or the other way.',
  not_stalled: 'Nothing was found to block the transition long enough to call it stalled.',
  other_blocking_tasks: 'Other tasks block the transition than were approved.',
  already_loaded: 'A module of this name is loaded.',
  not_loaded: 'There is no such livepatch.',
  not_disabled: 'The livepatch is not disabled.',
  already_disabled: 'The livepatch is disabled.',
  module_pinned: 'The module is in use, or pinned by a forced removal: only a restart frees it.',
  artefact_unavailable: 'The host has no such module, and could not fetch it.',
  artefact_mismatch: 'The module is not the one that was approved.',
  artefact_not_livepatch: 'The file is not a livepatch module.',
  artefact_name: 'The module has another name than was approved.',
  artefact_kernel: 'The module was built for another kernel.',
  artefact_depends: 'The module needs another that is not loaded.',
  artefact_unsigned: 'The module is not signed, and this kernel takes only signed ones.',
  artefact_older: 'An older release than has been in, which was not approved as a downgrade.',
  tool_missing: 'The program that would be run is not there, or is not to be trusted.',
  update_unsupported: 'No documented command updates this live patching system.',
  not_idle: 'Another command is under way on the host.',
  release_signature: 'The agent release does not bear the signature of the makers whom the host itself names.',
  release_unfit:
    'The agent release is not newer than the agent that runs, is not what was signed, or cannot run on this host.',
  not_a_service: 'The agent is not run as a service from its one file, so it cannot take its own place.',
  package_not_alone: "More than the livepatch's package would change, or the package manager did not say what.",
} as const satisfies Record<string, string>
export type CommandRefusal = keyof typeof COMMAND_REFUSALS

/**
 * How an act ended otherwise than it should have, by the agent's own word; beside these, `code` is the errno's name that the
 * kernel answered with.
 */
export const COMMAND_FAILURES = {
  gone: 'The livepatch is out again: it was reversed or disabled meanwhile, or a cumulative one replaced it.',
  back: 'The livepatch is in effect again: its way out was reversed.',
  retry_stalled: 'The way back stalls as well.',
  too_long: 'The transition still runs after a day.',
  not_signalled: 'No signal could be sent to what blocks.',
  tool_failed: "The vendor's tool ended with an error.",
  stopped: 'Changes were stopped or frozen between two steps.',
  went_back: 'The new agent did not prove itself: the former one runs again.',
  interrupted: 'The agent was ended in the middle of it.',
  restarted: 'The host was restarted in the middle of it.',
  internal: 'The agent met an error of its own.',
} as const satisfies Record<string, string>
export type CommandFailure = keyof typeof COMMAND_FAILURES
