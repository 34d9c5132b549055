import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { TestChance } from '@rebootless/shared/domain/rollouts/test-chance.ts'
import { sql } from 'kysely'
import { benchPlan } from '../agent/commands/test-plans.ts'
import { createTestDatabase } from '../bff/database/test-database.ts'
import { simulatedModule } from '../sim/fleet/simulated-module.ts'
import { BackendProcess, buildBackendProcess } from './test-backend-of-several.ts'
import { type HostOfSeveral, startHostOfSeveral } from './test-host-of-several.ts'
import { keepStreamOpen } from './test-stream-kept-open.ts'

const BACKENDS = 3
const HOSTS = 7
const STREAMS = 4
/** An agent whose server is gone is linked to another so soon. */
const MOVED_MS_MAX = 15_000
/** LEASE_MS of bff/rollouts/lease.ts, the driver's look, and as much again. */
const PASSED_MS_MAX = 10_000
const SETTLED_MS_MAX = 60_000

export interface Happened {
  kills: number
  asked: number
  /** Requests whose backend was killed before it answered. */
  unanswered: number
  moved: number
  slowestMoveMs: number
  takenUp: number
  leaderKilled: number
}

/**
 * Some backends in processes of their own, a rollout and commands under way, and any backend killed at any moment and started
 * again, but for one. @returns what did not hold, in sentences
 */
export const runSeveralBackends = async (
  seed: number,
  forMs: number,
): Promise<{ violations: string[]; happened: Happened }> => {
  const chance = new TestChance(seed)
  const violations: string[] = []
  const happened: Happened = {
    ...{ kills: 0, asked: 0, unanswered: 0, moved: 0, slowestMoveMs: 0, takenUp: 0, leaderKilled: 0 },
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-several-'))
  const database = await createTestDatabase()
  const program = await buildBackendProcess()
  const { kysely } = database
  const backends = await Promise.all(
    Array.from({ length: BACKENDS }, () => BackendProcess.on(program, database.connection, folder)),
  )
  const hosts: HostOfSeveral[] = []
  const streams: ReturnType<typeof keepStreamOpen>[] = []
  const running = () => backends.filter(({ isRunning }) => isRunning)
  const until = async (what: string, withinMs: number, holds: () => Promise<boolean> | boolean): Promise<boolean> => {
    for (const end = performance.now() + withinMs; !(await holds()); await sleep(50)) {
      if (performance.now() < end) continue
      violations.push(`not within ${withinMs / 1_000} s: ${what}`)
      return false
    }
    return true
  }
  const leases = async () =>
    (
      await sql<{ name: string; holder: string; fencing: string; live: boolean }>`
        select name, holder, fencing, until > clock_timestamp() as live from leases order by name`.execute(kysely)
    ).rows

  try {
    // The first alone: it makes the keys that all share.
    const [first, ...others] = backends
    if (first === undefined) throw new Error('no backend')
    await first.start()
    await Promise.all(others.map((backend) => backend.start()))
    const cookie = await first.signIn()
    const post = async (backend: BackendProcess, target: string, body: unknown) => {
      const answer = await backend.call('POST', target, { cookie, body })
      if (answer.status >= 300) throw new Error(`${target}: ${answer.status} ${answer.text}`)
      return JSON.parse(answer.text)
    }

    const base = { ...benchPlan(), tasks: [] }
    const published = base.patches.at(-1)
    if (published === undefined) throw new Error('no patch')
    const module = Buffer.from(simulatedModule(published, base))
    await post(first, '/api/v1/patches', module)
    const servers = backends.map(({ server }) => server)
    for (let index = 0; index < HOSTS; index += 1) {
      const { token } = await post(first, '/api/v1/enrolment-tokens', {})
      const plan = { ...base, name: `host-${index + 1}`, seed: seed * 100 + index }
      hosts.push(await startHostOfSeveral({ plan, folder, servers, token, random: () => chance.fraction() }))
    }
    const areReady = async () => {
      const { rows } = await sql<{ ready: string }>`
        select count(*) as ready from hosts where connected and kernel_release is not null`.execute(kysely)
      return Number(rows[0]?.ready) === HOSTS
    }
    if (!(await until('all hosts are known', SETTLED_MS_MAX, areReady))) return { violations, happened }
    for (let index = 0; index < STREAMS; index += 1) {
      const own = backends[index % BACKENDS] as BackendProcess
      streams.push(keepStreamOpen(cookie, () => [own, ...backends].filter(({ isRunning }) => isRunning)))
    }
    await until('all streams are open', SETTLED_MS_MAX, () => streams.every((stream) => stream.from() !== undefined))

    const plan = {
      ...{ version: 1, name: 'fix', reason: 'test', hosts: 'name:host-*' },
      change: { kind: 'load', patches: [createHash('sha256').update(module).digest('hex')] },
      waves: [
        { name: 'canary', share: { kind: 'count', hosts: 1 }, soakSeconds: 2 },
        { name: 'some', share: { kind: 'count', hosts: 3 }, soakSeconds: 2 },
        { name: 'rest', share: { kind: 'rest' } },
      ],
    }
    await until('every host can take the patch', SETTLED_MS_MAX, async () => {
      const { others } = await post(first, '/api/v1/rollouts/preview', { plan })
      return others.length === 0
    })
    const { id: rolloutId } = await post(first, '/api/v1/rollouts', { plan })
    await post(first, `/api/v1/rollouts/${rolloutId}/start`, { reason: 'test' })

    /** Reasons of requests that were answered, each with its host. */
    const acknowledged = new Map<string, string>()
    const ask = async (backend: BackendProcess): Promise<void> => {
      const host = chance.pick(hosts as [HostOfSeveral])
      happened.asked += 1
      const reason = `request ${happened.asked}`
      const body = { action: 'refresh', reason, hosts: [{ id: host.hostId }] }
      await post(backend, '/api/v1/authorisations', body).then(
        () => acknowledged.set(reason, host.hostId),
        (error: unknown) => {
          // Refused is not lost; what broke off may be there or not.
          happened.unanswered += 1
          if (backend.isRunning) violations.push(`${reason} was refused: ${error}`)
        },
      )
    }
    const moves = new Set<Promise<void>>()
    const starts = new Set<Promise<void>>()
    const kill = async (backend: BackendProcess): Promise<void> => {
      happened.kills += 1
      const held = hosts.filter((host) => host.linked()?.server === backend.server)
      // Its links are gone before its end is heard of, and who is quick is linked elsewhere by then.
      const atMs = performance.now()
      await backend.kill()
      const moved = held.map(async (host) => {
        const isLinked = () => (host.linked()?.atMs ?? 0) > atMs
        await until(`${host.name} is linked again`, MOVED_MS_MAX, isLinked)
        happened.moved += 1
        happened.slowestMoveMs = Math.max(happened.slowestMoveMs, (host.linked()?.atMs ?? 0) - atMs)
      })
      const all = Promise.all(moved).then(() => void moves.delete(all))
      moves.add(all)
    }
    const revive = (backend: BackendProcess, afterMs: number): void => {
      const started = sleep(afterMs)
        .then(() => backend.start())
        .catch((error: unknown) => void violations.push(String(error)))
        .then(() => void starts.delete(started))
      starts.add(started)
    }

    const asking = new Set<Promise<void>>()
    for (const end = performance.now() + forMs; performance.now() < end; ) {
      await sleep(chance.integer(50, 600))
      const [backend, another] = [...running()].sort(() => chance.fraction() - 0.5)
      if (backend === undefined) throw new Error('no backend runs')
      const asked = ask(backend).then(() => void asking.delete(asked))
      asking.add(asked)
      // Another goes on: that nobody is there is no fault of theirs.
      if (another !== undefined && chance.chance(0.25)) {
        await sleep(chance.integer(0, 100))
        await kill(chance.chance(0.5) ? backend : another)
        for (const dead of backends) if (!dead.isRunning && starts.size === 0) revive(dead, chance.integer(200, 3_000))
      }
    }
    await Promise.all([...asking, ...moves])
    while (starts.size > 0) await Promise.all(starts)

    // At last whoever drives the rollouts: that his lease passes on is not left to chance.
    const leaderOf = async (): Promise<BackendProcess | undefined> => {
      for (const backend of running()) {
        const { text } = await backend.call('GET', '/metrics')
        if (Number(/^rebootless_rollout_leader (\d+)$/m.exec(text)?.[1] ?? 0) > 0) return backend
      }
      return undefined
    }
    await until('somebody drives the rollouts', PASSED_MS_MAX, async () => (await leaderOf()) !== undefined)
    const before = await leases()
    const leader = await leaderOf()
    if (leader !== undefined) {
      await kill(leader)
      happened.leaderKilled += 1
      await until('the lease of rollouts has passed on', PASSED_MS_MAX, async () => {
        const now = (await leases()).find(({ name }) => name === 'rollouts')
        const then = before.find(({ name }) => name === 'rollouts')
        return now?.live === true && now.holder !== then?.holder && Number(now.fencing) > Number(then?.fencing)
      })
      await leader.start()
    }
    await until('the lease of alerts is held', PASSED_MS_MAX, async () =>
      (await leases()).some(({ name, live }) => name === 'alerts' && live),
    )
    await Promise.all(moves)

    const commands = async () =>
      await kysely
        .selectFrom('commands')
        .innerJoin('authorisations', 'authorisations.id', 'commands.authorisation_id')
        .select(['commands.id', 'commands.host_id', 'commands.state', 'commands.detail', 'commands.waiting_for'])
        .select(['authorisations.reason', 'authorisations.action'])
        .execute()
    const settled = await until('all commands have ended', SETTLED_MS_MAX, async () =>
      (await commands()).every(({ state }) => state !== 'waiting' && state !== 'sent'),
    )
    const phase = async () => {
      const { text } = await (running()[0] as BackendProcess).call('GET', `/api/v1/rollouts/${rolloutId}`, { cookie })
      return JSON.parse(text) as { phase?: string; sentence?: string }
    }
    if (!(await until('the rollout is done', SETTLED_MS_MAX, async () => (await phase()).phase === 'done'))) {
      violations.push(`the rollout: ${JSON.stringify(await phase()).slice(0, 400)}`)
    }

    const made = await commands()
    for (const { reason, state, detail, waiting_for: waitingFor, action } of made) {
      if (state !== 'done') violations.push(`${action} of ${reason} is ${state}: ${detail ?? waitingFor}`)
    }
    for (const [reason, hostId] of acknowledged) {
      const count = made.filter((one) => one.reason === reason && one.host_id === hostId).length
      if (count !== 1) violations.push(`${reason}, which was answered, has ${count} commands`)
    }
    if (settled) for (const host of hosts) violations.push(...(await wrongOf(host, made)))

    const { rows: events } = await sql<{ id: string; key: string }>`
      select id, type || ' ' || coalesce(host_id::text, user_id::text, rollout_id::text, 'null') as key
      from events order by id`.execute(kysely)
    const newest = BigInt(events.at(-1)?.id ?? 0)
    await until('every stream has come to the newest event', SETTLED_MS_MAX, () =>
      streams.every((stream) => stream.last() >= newest),
    )
    for (const [index, stream] of streams.entries()) {
      happened.takenUp += stream.takenUp() - 1
      violations.push(...stream.wrong.map((what) => `stream ${index + 1}: ${what}`))
      const missed = events.filter(
        ({ id, key }) => BigInt(id) > (stream.from() ?? 0n) && (stream.heard.get(key) ?? 0n) < BigInt(id),
      )
      for (const { id, key } of missed.slice(0, 3)) violations.push(`stream ${index + 1} has not heard ${key}, ${id}`)
    }
    return { violations, happened }
  } finally {
    for (const stream of streams) await stream.stop()
    for (const host of hosts) await host.stop()
    for (const backend of backends) await backend.kill()
    await database.drop()
    for (const made of [folder, program]) await rm(made, { recursive: true, force: true })
  }
}

/** By its journal, its reader and its kernel: each command was taken once, and done once. */
const wrongOf = async (
  host: HostOfSeveral,
  made: readonly { id: string; host_id: string; action: string }[],
): Promise<string[]> => {
  const own = made.filter(({ host_id: of }) => of === host.hostId)
  const journal = await readFile(path.join(host.dataDirectory, 'commands.journal'), 'utf8').catch(() => '')
  const records = journal
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { kind: string; id?: string; command?: { id: string }; commands?: object[] })
    // The first record is the state with the first command.
    .flatMap((record) =>
      (record.commands ?? [record.command ?? {}]).map((command) => ({
        ...{ id: record.id, ...command, kind: record.kind === 'state' ? 'taken' : record.kind },
      })),
    )
  const count = (kind: string, id: string) =>
    records.filter((record) => record.kind === kind && record.id === id).length
  const wrong = own.flatMap(({ id, action }) =>
    count('taken', id) === 1 && count('ended', id) === 1
      ? []
      : [`${host.name} took ${action} ${count('taken', id)} times and ended it ${count('ended', id)} times`],
  )
  const refreshes = own.filter(({ action }) => action === 'refresh').length
  if (host.felt.refreshes !== refreshes) {
    wrong.push(`${host.name} was read anew ${host.felt.refreshes} times for ${refreshes} commands`)
  }
  if (host.felt.insertions !== 1) wrong.push(`${host.name} had the module put in ${host.felt.insertions} times`)
  return wrong
}
