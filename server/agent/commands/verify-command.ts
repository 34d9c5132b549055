import { createHash } from 'node:crypto'
import type { CommandMessage } from '@rebootless/shared/contract/agent-message.ts'
import { Authorisation, Command } from '@rebootless/shared/contract/command.ts'
import type { PublicKey } from '@rebootless/shared/contract/signed.ts'
import { CLOCK_SKEW_MS_MAX } from '@rebootless/shared/domain/agent-link.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { isOfTransition } from '@rebootless/shared/domain/transition-actions.ts'
import { AGENT_ITSELF } from '@rebootless/shared/domain/updatable-providers.ts'
import type { CommandAction } from '@rebootless/shared/domain/words.ts'
import { hoursText, isWithinHours } from '../config/change-hours.ts'
import type { HostPolicy } from '../config/host-policy.ts'
import { checkApprovals } from './check-approvals.ts'
import { checkServer, parseSigned, type Refused, refused } from './signatures.ts'

/** A command that is good for longer could be kept back and used when nobody thinks of it any more. */
export const COMMAND_LIFE_MS_MAX = 15 * 60_000
const AUTHORISATION_LIFE_MS_MAX = 31 * 24 * 60 * 60_000

/** MODULE_NAME_LEN in include/linux/module.h, without the zero at the end; letters as kbuild makes names of them. */
const MODULE_NAME = /^[A-Za-z0-9_]{1,55}$/

export interface CommandOrder {
  readonly epoch: number
  readonly sequence: number
}

/** All that the decision hangs on. */
export interface VerificationFacts {
  readonly hostId: string
  /** SHA-256 of the SubjectPublicKeyInfo, DER, hex. */
  readonly hostKey: string
  readonly commandKey: PublicKey | undefined
  readonly policy: HostPolicy
  readonly kernel: { readonly release: string | null; readonly buildId: string | null }
  /** Of the last command that was taken; null: none ever was. */
  readonly last: CommandOrder | null
  /** The latest time that the server has signed, milliseconds since 1970; null: none. */
  readonly lastSignedAtMs: number | null
  /** This host's clock minus the server's, as of the last welcome; null: never measured. */
  readonly skewMs: number | null
  readonly nowMs: number
  readonly frozen: boolean
  readonly stopped: boolean
  /** A transition was forced in this boot. */
  readonly forced: boolean
  /** It is a recording. */
  readonly recorded: boolean
}

/** What is to be done. */
export interface Plan {
  readonly command: Command
  readonly authorisation: Authorisation
  readonly action: CommandAction
  /** Take out again what the authorisation's action put in. */
  readonly reversal: boolean
  /** The host's agent.json allows that a package is installed. */
  readonly packageUpdates: boolean
  /** Whose agents may take this one's place, by the host's agent.json; null: nobody's. */
  readonly makersKey: PublicKey | null
}

export type Verdict =
  | { readonly ok: true; readonly plan: Plan }
  /**
   * `command` is the server's own word for this host, not had before, where the rest was refused: it is used up; `named`
   * is what the answer names, perhaps of a text that nobody signed.
   */
  | (Refused & { readonly command: Command | null; readonly named: string | null })

/** Whether the agent acts, or which check failed first (threat-model T19, T21 to T23, T25 to T28). */
export const verifyCommand = (message: CommandMessage, facts: VerificationFacts): Verdict => {
  const authentic = checkServer(message.command, PAYLOAD_TYPES.command, facts.commandKey)
  if (authentic !== null) return { ...authentic, command: null, named: namedIn(message) }
  const parsed = parseSigned(message.command, Command)
  if (!parsed.ok) return { ...parsed, command: null, named: namedIn(message) }
  const command = parsed.value
  const misdirected = checkAddress(command, facts)
  if (misdirected !== null) return { ...misdirected, command: null, named: command.id }
  const refusal = (found: Refused): Verdict => ({ ...found, command, named: command.id })

  const signed = message.authorisation
  if (signed.type !== PAYLOAD_TYPES.authorisation) {
    return refusal(refused('type_wrong', `Signed was ${signed.type}, not ${PAYLOAD_TYPES.authorisation}.`))
  }
  if (sha256(signed.payload) !== command.authorisation) {
    return refusal(refused('authorisation_mismatch', 'The authorisation has another hash than the command names.'))
  }
  // By its hash the server has signed this text too; how many approvers must have, hangs on what it says.
  const approved = parseSigned(signed, Authorisation)
  if (!approved.ok) return refusal(approved)
  const authorisation = approved.value
  const found =
    checkHost(authorisation, facts) ??
    checkApprovals(signed, authorisation, facts.policy) ??
    checkTime(command, authorisation, facts) ??
    checkShape(command, authorisation) ??
    checkKernel(authorisation, facts) ??
    checkPolicy(authorisation, facts)
  if (found !== null) return refusal(found)
  const { action } = authorisation
  const packageUpdates = facts.policy.config?.packageUpdates === true
  const makersKey = facts.policy.config?.makersKey ?? null
  return {
    ok: true,
    plan: { command, authorisation, action, packageUpdates, makersKey, reversal: command.part === 'reversal' },
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Only so that a refusal can say which command it is about; nothing else is made of it. */
const namedIn = ({ command }: CommandMessage): string | null => {
  try {
    const named = Command.safeParse(JSON.parse(command.payload))
    return named.success ? named.data.id : null
  } catch {
    return null
  }
}

/** What makes a command this host's own, and new. */
const checkAddress = (command: Command, { hostId, hostKey, last }: VerificationFacts): Refused | null => {
  if (command.hostId !== hostId) return refused('host_wrong', `It is for host ${command.hostId}; this is ${hostId}.`)
  if (command.hostKey !== hostKey) return refused('host_key_wrong', 'It is for a key that this host does not use now.')
  const { epoch, sequence } = command
  const isNew = last === null || epoch > last.epoch || (epoch === last.epoch && sequence > last.sequence)
  if (isNew) return null
  return refused('sequence_old', `It has number ${epoch}/${sequence}; ${last.epoch}/${last.sequence} was had before.`)
}

const checkHost = ({ hosts }: Authorisation, { hostId, recorded, policy }: VerificationFacts): Refused | null => {
  if (recorded) return refused('recording', 'This host plays a recorded kernel, which cannot be changed.')
  if (policy.hostClass === 'observe') {
    return refused('class_observe', policy.reason ?? 'The class in agent.json is observe.')
  }
  return hosts.some(({ id }) => id === hostId)
    ? null
    : refused('host_not_authorised', `Host ${hostId} is not among the ${hosts.length} that were approved.`)
}

const checkTime = (command: Command, authorisation: Authorisation, facts: VerificationFacts): Refused | null => {
  const { nowMs, lastSignedAtMs, skewMs } = facts
  const issuedAt = Date.parse(command.issuedAt)
  if (Math.abs(skewMs ?? 0) > CLOCK_SKEW_MS_MAX || issuedAt - nowMs > CLOCK_SKEW_MS_MAX) {
    const seconds = Math.round((skewMs ?? nowMs - issuedAt) / 1000)
    return refused('clock_skew', `This host's clock is ${seconds} s off the server's: set it right.`)
  }
  if (lastSignedAtMs !== null && lastSignedAtMs - nowMs > CLOCK_SKEW_MS_MAX) {
    const then = new Date(lastSignedAtMs).toISOString()
    return refused('clock_behind', `The server signed ${then}, and this host's clock is before that.`)
  }
  // A clock that was set back does not bring to life again what had ended.
  const now = Math.max(nowMs, lastSignedAtMs ?? 0)
  if (Date.parse(command.expiresAt) - issuedAt > COMMAND_LIFE_MS_MAX) {
    return refused('command_endless', `It would be good until ${command.expiresAt}.`)
  }
  if (now >= Date.parse(command.expiresAt)) return refused('command_expired', `It was good until ${command.expiresAt}.`)
  const requestedAt = Date.parse(authorisation.requestedAt)
  if (Date.parse(authorisation.expiresAt) - requestedAt > AUTHORISATION_LIFE_MS_MAX) {
    return refused('authorisation_endless', `It would be good until ${authorisation.expiresAt}.`)
  }
  if (now >= Date.parse(authorisation.expiresAt)) {
    return refused('authorisation_expired', `It was good until ${authorisation.expiresAt}.`)
  }
  const notBefore = authorisation.hosts.find(({ id }) => id === facts.hostId)?.notBefore ?? authorisation.expiresAt
  return nowMs < Date.parse(notBefore) ? refused('wave_not_begun', `Its wave begins at ${notBefore}.`) : null
}

/** What each action needs. `artefact` of `enable` may be left out: then the host's own copy is put in again. */
const checkShape = ({ part }: Command, authorisation: Authorisation): Refused | null => {
  const { action, patch, artefact, kernel, provider, target, blockingTasks } = authorisation
  const lacks = (what: string) => refused('incomplete', `An authorisation to ${action} needs ${what}.`)
  if (part === 'reversal' && (!authorisation.reversal || (action !== 'load' && action !== 'enable'))) {
    return refused('reversal_not_approved', `What was approved is ${action}, without taking the patch out again.`)
  }
  if (action === 'refresh') return null
  if (action === 'update' && provider === AGENT_ITSELF) return artefact === null ? lacks('the release') : null
  if (kernel === null) return lacks('the kernel that it is for')
  if (action === 'update') return provider === null ? lacks('the system whose tool is run') : null
  if (patch === null || !MODULE_NAME.test(patch)) return lacks('a livepatch, by a name that a module can have')
  if (action === 'load' && artefact === null) return lacks('the module that is put in')
  if (isOfTransition(action) && target === null) return lacks('which way the transition runs')
  const needsTasks = action === 'force' || action === 'signal'
  return needsTasks && blockingTasks.length === 0 ? lacks('the tasks that were seen to block') : null
}

const checkKernel = ({ kernel: approved }: Authorisation, { kernel }: VerificationFacts): Refused | null => {
  if (approved === null) return null
  if (kernel.release === null) return refused('kernel_unknown', 'The release of the running kernel could not be read.')
  if (kernel.release !== approved.release) {
    return refused('kernel_release', `Approved for ${approved.release}; ${kernel.release} runs.`)
  }
  if (approved.buildId === null || approved.buildId === kernel.buildId) return null
  return refused(
    'kernel_build_id',
    `Approved for build ${approved.buildId}; ${kernel.buildId ?? 'one that could not be read'} runs.`,
  )
}

const checkPolicy = ({ action }: Authorisation, facts: VerificationFacts): Refused | null => {
  const { config } = facts.policy
  if (facts.stopped) return refused('stopped', 'There is a file "stop" in the agent\'s data directory.')
  if (facts.frozen) return refused('frozen', 'The server has frozen all changes.')
  if (config?.actions?.includes(action) === false) {
    return refused('action_barred', `agent.json allows ${config.actions.join(', ') || 'no action'}; not ${action}.`)
  }
  if (action === 'refresh') return null
  if (action === 'force' && config?.neverForce === true) return refused('never_force', 'agent.json says neverForce.')
  if (config?.hours !== undefined && !isWithinHours(config.hours, facts.nowMs)) {
    return refused('hours', `Changes are allowed ${hoursText(config.hours)}.`)
  }
  return facts.forced && action !== 'signal'
    ? refused('forced_boot', 'Tasks may still run code that no patch of this boot knows of: restart the host first.')
    : null
}
