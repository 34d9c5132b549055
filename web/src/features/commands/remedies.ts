import { COMMAND_REFUSALS, type CommandRefusal } from '@rebootless/shared/domain/command-refusals.ts'

/** What to do after each refusal of an agent. */
const REMEDIES: Readonly<Record<CommandRefusal, string>> = {
  type_wrong: 'Ask anew. If it comes again, the server or what stands between is not to be trusted: freeze.',
  server_key_unknown: 'Wait until its certificate is renewed, or enrol the host anew.',
  server_signature: 'Ask anew. If it comes again, the server’s command key is another than at enrolment: enrol anew.',
  not_canonical: 'Ask anew. If it comes again, what was signed was altered on the way: freeze, and look at the server.',
  malformed: 'Ask anew, with an agent and a server of the same version.',
  authorisation_mismatch: 'Ask anew. If it comes again, somebody mixes up commands: freeze, and look at the server.',
  incomplete: 'Ask anew, and name what is missing.',
  approver_signature: 'Sign the very text of this request, and hand in that signature.',
  approver_twice: 'Another approver has to sign.',
  approver_unknown:
    'The keys that signed must stand in the host’s agent.json: put them there, or have its approvers sign.',
  approvals_missing: 'More approvers of this host must sign: its agent.json names them and how many.',
  host_wrong: 'Ask anew for this host.',
  host_key_wrong: 'The host was enrolled anew since: ask anew.',
  host_not_authorised: 'Ask anew, with this host among the hosts.',
  kernel_unknown: 'See under Raw why the kernel could not be read.',
  kernel_release: 'The host has restarted into another kernel: ask anew for the one that runs.',
  kernel_build_id: 'Another build of the same release runs: ask anew.',
  wave_not_begun: 'Wait: it is sent again when the wave begins.',
  authorisation_expired: 'Ask anew.',
  authorisation_endless: 'Ask anew, for fewer hours.',
  command_expired: 'Ask anew when the host is connected.',
  command_endless: 'Ask anew. If it comes again, look at the server’s clock.',
  sequence_old: 'Ask anew. After the server was restored from a backup, its epoch has to be raised.',
  reversal_not_approved: 'Ask for Disable, which wants its own approval.',
  clock_skew: 'Set the clock of the host, or of the server, and ask anew.',
  clock_behind: 'Set the clock of the host: it has gone back.',
  class_observe: 'Only root of the host changes that: "class" in its agent.json.',
  action_barred: 'Only root of the host changes that: "actions" or "packageUpdates" in its agent.json.',
  hours: 'Ask anew within the host’s hours.',
  never_force: 'Reverse, or free the tasks: this host is never forced.',
  frozen: 'Have the freeze lifted, which takes two people, and ask anew.',
  stopped: 'Root of the host removes the stop file when it may go on.',
  recording: 'Try it on a simulated host, or a real one.',
  forced_boot: 'Restart the host.',
  journal: 'See that the agent’s data directory can be written and has room.',
  busy: 'Wait until the host has done what it has.',
  livepatch_missing: 'Only a kernel with CONFIG_LIVEPATCH can do it.',
  transition_running: 'Wait for its end, or reverse it.',
  no_transition: 'Nothing needs to be done: it has ended.',
  other_transition: 'Look at the transition that runs now, and ask anew for that.',
  not_stalled: 'Wait: it goes on by itself.',
  other_blocking_tasks: 'Look at the tasks that block now, and ask anew for these.',
  already_loaded: 'Disable or enable the one that is there.',
  not_loaded: 'Load it.',
  not_disabled: 'Nothing needs to be done, or disable it first.',
  already_disabled: 'Nothing needs to be done.',
  module_pinned: 'Restart the host.',
  artefact_unavailable: 'Ask anew and choose the module; upload it where it is not listed.',
  artefact_mismatch: 'Upload the right module, and ask anew for that.',
  artefact_not_livepatch: 'Choose a module that was built as a livepatch.',
  artefact_name: 'Choose the module of that name.',
  artefact_kernel: 'Choose the module that was built for the running kernel.',
  artefact_depends: 'Load what it depends on first.',
  artefact_unsigned: 'Have the module signed by a key that the kernel knows.',
  artefact_older: 'Load the newer one, or ask anew and allow a downgrade.',
  tool_missing: 'Install the program on the host, owned by root and writable by no one else.',
  update_unsupported: 'Update it on the host, by its package manager.',
  not_idle: 'Ask anew when the host has done what it was told before.',
  release_signature: 'See who made the release. Only root of the host names its makers: “makersKey” in its agent.json.',
  release_unfit: 'Offer a newer release, made for this host.',
  not_a_service: 'Install it by hand on this host, or run it as a service that systemd starts anew.',
  package_not_alone: 'Install on the host what the package needs, and ask anew.',
}

export interface RefusalWords {
  /** What the check is about. */
  readonly what: string
  readonly remedy: string
}

/** Of a code that an agent gave; null: an errno, or a code of a newer agent, whose own words say it all. */
export const refusalWords = (code: string | null): RefusalWords | null => {
  if (code === null || !Object.hasOwn(COMMAND_REFUSALS, code)) return null
  const known = code as CommandRefusal
  return { what: COMMAND_REFUSALS[known], remedy: REMEDIES[known] }
}
