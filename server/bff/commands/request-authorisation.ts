import { randomUUID } from 'node:crypto'
import { Authorisation } from '@rebootless/shared/contract/command.ts'
import type { AuthorisationRequest } from '@rebootless/shared/contract/commands-api.ts'
import { CLOCK_SKEW_MS_MAX } from '@rebootless/shared/domain/agent-link.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { actionOn } from '@rebootless/shared/domain/possible-actions.ts'
import { cut, listed } from '@rebootless/shared/domain/sentence.ts'
import { isOfTransition } from '@rebootless/shared/domain/transition-actions.ts'
import { AGENT_ITSELF } from '@rebootless/shared/domain/updatable-providers.ts'
import type { Role } from '@rebootless/shared/domain/words.ts'
import type { Kysely } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'
import { type HostScope, hostNotFound, hostsInScope } from '../hosts/host-scope.ts'
import type { Act } from './act.ts'
import type { OfferedAgent } from './agent-release-file.ts'
import { type CommandHost, readCommandHosts } from './command-facts.ts'
import { insertAuthorisation } from './insert-authorisation.ts'
import { insertWaiting } from './insert-waiting.ts'
import { notifyCommands } from './notify.ts'

const refused = (detail: string) => new DomainError('action_refused', cut(detail, 500))

/**
 * Makes an authorisation of a request: what it says of kernel, module and blocking tasks is taken from what the server
 * knows, never from the body (threat-model T08), and its text is stored as it will be signed. Its commands wait.
 * @returns its id
 * @throws DomainError `host_not_found`, `artefact_not_found`, `action_refused`
 */
export const requestAuthorisation = async (
  database: Kysely<DatabaseSchema>,
  request: AuthorisationRequest,
  who: Act & { userId: string; username: string; role: Role; scope: HostScope },
  offered?: OfferedAgent,
): Promise<string> => {
  const ids = request.hosts.map(({ id }) => id)
  if (new Set(ids).size < ids.length) throw refused('A host is named twice: name each once.')
  const inScope = await hostsInScope(database, who.scope, ids)
  const hosts = await readCommandHosts(database, ids)
  if (!ids.every((id) => inScope.has(id) && hosts.has(id))) throw hostNotFound()
  const artefact = await findArtefact(database, request)
  const authorisation = authorisationOf(request, [...hosts.values()], artefact, { ...who, offered })
  const approvalsNeeded = requirePossible(authorisation, [...hosts.values()], who.role)
  const { id } = authorisation

  await database.transaction().execute(async (transaction) => {
    const hostName = ids.length === 1 ? (hosts.get(ids[0] ?? '')?.name ?? null) : null
    const entry = await insertAuthorisation(transaction, authorisation, { approvalsNeeded, hostName, who })
    await insertWaiting(
      transaction,
      authorisation.hosts.map((host) => ({
        ...{ authorisationId: id, part: 'action' as const, hostId: host.id },
        notBefore: new Date(host.notBefore),
        waitingFor: approvalsNeeded > 0 ? 'It waits for approval.' : null,
        now: who.now,
      })),
    )
    await appendAudit(transaction, entry)
    await notifyCommands(transaction)
    await appendEvents(
      transaction,
      ids.map((hostId) => ({ type: 'command.changed', hostId, revision: 0, at: who.now })),
    )
  })
  return id
}

const findArtefact = async (database: Kysely<DatabaseSchema>, { action, artefact }: AuthorisationRequest) => {
  if (artefact === null) {
    if (action === 'load')
      throw refused('To load a livepatch, name the module: upload it first, by POST /api/v1/patches.')
    return null
  }
  if (action !== 'load' && action !== 'enable') throw refused(`To ${action}, no module is needed: leave it out.`)
  const row = await database.selectFrom('artefacts').selectAll().where('sha256', '=', artefact).executeTakeFirst()
  if (row !== undefined) return row
  throw new DomainError('artefact_not_found', 'There is no such module: upload it first, by POST /api/v1/patches.')
}

type Artefact = NonNullable<Awaited<ReturnType<typeof findArtefact>>>

const authorisationOf = (
  request: AuthorisationRequest,
  hosts: readonly CommandHost[],
  artefact: Artefact | null,
  { offered, ...who }: { username: string; now: Date; offered: OfferedAgent | undefined },
): Authorisation => {
  const { action } = request
  const isOfAgents = action === 'update' && request.provider === AGENT_ITSELF
  if (isOfAgents && offered === undefined) {
    throw refused(
      'This server offers no agent: put agent.release of the makers’ release into its server/dist, and start it anew.',
    )
  }
  const expiresAt = new Date(who.now.getTime() + request.validHours * 3_600_000)
  const given = new Map(request.hosts.map(({ id, notBefore }) => [id, notBefore]))
  // Where no wave is named it has begun by the host's own clock too, which may be that far behind ours (T21).
  const begun = new Date(who.now.getTime() - CLOCK_SKEW_MS_MAX).toISOString()
  const late = request.hosts.some(({ notBefore }) => notBefore !== undefined && new Date(notBefore) >= expiresAt)
  if (late)
    throw refused('A wave would begin after the request has expired: let it begin sooner, or be good for longer.')
  if (request.reversal && action !== 'load' && action !== 'enable') {
    throw refused(`A reversal goes with load and enable only, and not with ${action}.`)
  }
  if ((action === 'update') !== (request.provider !== null)) {
    throw refused('Name the live patching system whose tool is run for update, and for nothing else.')
  }
  const patch = patchOf(request, hosts, artefact)
  return Authorisation.parse({
    version: 1,
    id: randomUUID(),
    action,
    patch,
    artefact: isOfAgents
      ? releaseOf(offered)
      : artefact === null
        ? null
        : { sha256: artefact.sha256, size: artefact.size, releaseCounter: artefact.release_counter },
    // An agent runs on any kernel.
    kernel: action === 'refresh' || isOfAgents ? null : kernelOf(hosts, artefact),
    provider: request.provider,
    target: targetOf(request, hosts),
    blockingTasks: action === 'force' || action === 'signal' ? blockingTasksOf(action, hosts) : [],
    hosts: hosts
      .map(({ id }) => ({ id, notBefore: given.get(id) ?? begun }))
      .sort((left, right) => (left.id < right.id ? -1 : 1)),
    expiresAt: expiresAt.toISOString(),
    rollout: null,
    downgrade: request.downgrade,
    reversal: request.reversal,
    reason: databaseText(request.reason),
    requestedBy: who.username,
    requestedAt: who.now.toISOString(),
  } satisfies Authorisation)
}

const releaseOf = (offered: OfferedAgent | undefined): Authorisation['artefact'] =>
  offered === undefined ? null : { sha256: offered.sha256, size: offered.content.length, releaseCounter: 0 }

const OF_NO_PATCH: readonly string[] = ['update', 'refresh']

const patchOf = (
  { action, patch }: AuthorisationRequest,
  hosts: readonly CommandHost[],
  artefact: Artefact | null,
): string | null => {
  if (OF_NO_PATCH.includes(action)) {
    if (patch !== null) throw refused(`To ${action}, no livepatch is named: leave it out.`)
    return null
  }
  if (artefact !== null && patch !== null && artefact.name !== patch) {
    throw refused(`The module is ${artefact.name}, and not ${patch}.`)
  }
  const found = artefact?.name ?? patch ?? hosts[0]?.sample?.patch ?? null
  if (found === null) throw refused(`To ${action}, name the livepatch.`)
  return found
}

/** One authorisation is for one kernel; the module must say that it was built for it (threat-model T24). */
const kernelOf = (hosts: readonly CommandHost[], artefact: Artefact | null): Authorisation['kernel'] => {
  const releases = [...new Set(hosts.map(({ kernelRelease }) => kernelRelease))]
  const [release, ...others] = releases
  if (others.length > 0) {
    const names = listed(releases.map((one) => one ?? 'one that was not read'))
    throw refused(`The hosts run several kernels (${names}): ask for each kernel by itself.`)
  }
  if (release === null || release === undefined) throw refused('Nothing has been read of its kernel yet.')
  const builtFor = artefact?.vermagic.split(' ')[0]
  if (builtFor !== undefined && builtFor !== release) {
    throw refused(`The module was built for ${builtFor}, and ${release} runs.`)
  }
  const [buildId = null, ...otherBuilds] = new Set(hosts.map((host) => host.kernelBuildId))
  if (otherBuilds.length > 0) {
    throw refused(`The hosts run several builds of ${release}, or one that was not read: ask for each by itself.`)
  }
  return { release: databaseText(release), buildId }
}

/** The way that was seen; a host on which it runs the other way is refused, as one on which none runs. */
const targetOf = ({ action, target }: AuthorisationRequest, hosts: readonly CommandHost[]): Authorisation['target'] => {
  if (isOfTransition(action)) return target ?? hosts[0]?.sample?.target ?? null
  if (target !== null) throw refused(`To ${action}, no transition is named: leave its way out.`)
  return null
}

/** So that nobody forces another transition than was seen. */
const blockingTasksOf = (action: string, hosts: readonly CommandHost[]): Authorisation['blockingTasks'] => {
  const [host, ...others] = hosts
  if (host === undefined || others.length > 0) {
    throw refused(`To ${action}, ask for one host at a time: the tasks that block are its own.`)
  }
  return (host.sample?.blocking ?? []).map(({ tid, comm }) => ({ tid, name: databaseText(comm) }))
}

/** @returns how many approvals the strictest of the hosts asks for */
const requirePossible = (authorisation: Authorisation, hosts: readonly CommandHost[], role: Role): number => {
  const found = hosts.map((host) => ({ host, possible: actionOn(host.facts, role, authorisation) }))
  const [first, ...more] = found.filter(({ possible }) => possible.refusal !== null)
  if (first !== undefined) {
    const others = more.length === 0 ? '' : ` It cannot be done on ${more.length} more of these hosts.`
    throw refused(`${first.host.name}: ${first.possible.refusal}${others}`)
  }
  return Math.max(...found.map(({ possible }) => possible.approvals))
}
