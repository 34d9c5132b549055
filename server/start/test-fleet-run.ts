import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { RolloutAct } from '@rebootless/shared/contract/rollouts-api.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { ENDED } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import { TestChance } from '@rebootless/shared/domain/rollouts/test-chance.ts'
import { actOnCall, someAct } from '@rebootless/shared/domain/rollouts/test-simulated-people.ts'
import { sql } from 'kysely'
import { benchPlan } from '../agent/commands/test-plans.ts'
import { createVirtualClock } from '../agent/recorded/virtual-clock.ts'
import { createTestDatabase } from '../bff/database/test-database.ts'
import { createEnrolmentStore } from '../bff/enrolment/enrolment-store.ts'
import { openCommandKey } from '../bff/link/command-key.ts'
import { openArtefactFiles } from '../bff/patches/artefact-files.ts'
import { readUpload } from '../bff/patches/module/read-upload.ts'
import { uploadArtefact } from '../bff/patches/modules.ts'
import { LEASE_MS } from '../bff/rollouts/lease.ts'
import { startRolloutBench } from '../bff/rollouts/test-rollouts.ts'
import { simulatedModule } from '../sim/fleet/simulated-module.ts'
import { type Seen, violationsAtEnd, violationsOf } from './test-fleet-invariants.ts'
import { fleetPlanOf } from './test-fleet-plan.ts'
import { type SimulatedBackend, startSimulatedBackend } from './test-simulated-backend.ts'
import { createHostInRun, type HostInRun } from './test-simulated-host.ts'

const STARTED_AT_MS = Date.UTC(2026, 10, 26, 12)
const HOSTS = 5
/** Between any two clocks: each goes wrong by half of it. */
const SKEW_MS_MAX = 10_000
/** Rounds in which things befall it, and then as many as it may take to come to its end. */
const FAULT_ROUNDS = 30
const CALM_ROUNDS_MAX = 600

export type Coverage = Map<string, number>

/**
 * One rollout of one seed: real drivers, outbox and link sessions over a real database, and the real agent on simulated
 * kernels, all on one virtual time, which stands still while the database is asked.
 * @returns what did not hold, in sentences
 */
export const runFleet = async (seed: number, coverage: Coverage): Promise<string[]> => {
  const chance = new TestChance(seed)
  const wrongMs = () => chance.integer(-SKEW_MS_MAX, SKEW_MS_MAX) / 2
  const cover = (what: string) => coverage.set(what, (coverage.get(what) ?? 0) + 1)
  const database = await createTestDatabase()
  const bench = await startRolloutBench(database, STARTED_AT_MS)
  const { kysely } = database
  const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-fleet-run-'))
  const virtual = createVirtualClock(STARTED_AT_MS)
  const key = await openCommandKey(folder)
  const files = await openArtefactFiles(folder, ({ upload, folder: own }) => readUpload(upload, own))
  const base = benchPlan()
  const published = base.patches.at(-1)
  if (published === undefined) throw new Error('no patch')
  const patch = published.image.name
  const module = Buffer.from(simulatedModule(published, base))
  const { sha256 } = await uploadArtefact(
    kysely,
    files,
    (async function* () {
      yield module
    })(),
    undefined,
    bench.operator(),
  )

  let backend: SimulatedBackend | null = null
  const ending: SimulatedBackend[] = []
  /** Of the virtual time: the lease of whoever led last. */
  let leaseUntilMs = 0
  const fetching = new Set<Promise<unknown>>()
  const fetchArtefact = (hostId: string, hash: string): Promise<Uint8Array> => {
    const fetched = (async () => {
      const found = await backend?.dispatcher.artefact(hostId, hash)
      if (found === undefined) throw new Error('it could not be had')
      const parts: Buffer[] = []
      for await (const part of found.stream) parts.push(part)
      return Buffer.concat(parts)
    })()
    const settled = fetched.catch(() => undefined).finally(() => fetching.delete(settled))
    fetching.add(settled)
    return fetched
  }

  const store = createEnrolmentStore(kysely)
  const hosts: HostInRun[] = []
  for (let index = 0; index < HOSTS; index += 1) {
    const id = `00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`
    const name = `host-${index + 1}`
    const labels = { rack: `r${index % 2}` }
    const expiresAt = new Date(STARTED_AT_MS + 86_400_000)
    const now = bench.clock.now()
    await store.addToken({ hash: id, labels, expiresAt, createdBy: 'test', origin: 'agent' })
    await store.enrol({ tokenHash: id, host: { id, name }, certificate: { fingerprint: id, expiresAt }, now })
    hosts.push(
      createHostInRun({
        ...{ id, plan: { ...base, name, labels, seed: seed * 100 + index }, clock: virtual.clock },
        ...{ startedAtMs: STARTED_AT_MS, commandKey: key.publicKey, random: () => chance.fraction(), fetchArtefact },
      }),
    )
  }

  const startBackend = () => {
    backend = startSimulatedBackend({ connection: database.connection, clock: bench.clock, key, files })
  }
  const loseBackend = (): void => {
    if (backend === null) return
    ending.push(backend)
    backend = null
    for (const host of hosts) host.drop()
  }

  /** Lets agents do what they have to, and waits for what of it is not of the virtual time. */
  const pass = async (ms: number): Promise<void> => {
    await virtual.advance(ms)
    while (fetching.size > 0) {
      await Promise.all(fetching)
      await virtual.advance(0)
    }
  }

  /** Carries over what lies at both ends of a host's link. */
  const carry = async (host: HostInRun, isTwice: boolean): Promise<void> => {
    const link = host.link()
    if (host.hasDialled() && link?.agent.readyState === link?.agent.OPEN && link !== null) {
      if (backend === null) return link.agent.terminate()
      await backend.connect(host.id, host.id, link.server).catch(() => link.agent.terminate())
      link.agent.emit('open')
    }
    for (const text of link?.agent.sent.splice(0) ?? []) {
      if (link?.server.readyState !== link?.server.OPEN || link === null) break
      await backend?.hear(link.server, text)
      if (isTwice && text.startsWith('{"type":"result"')) {
        cover('result twice')
        await backend?.hear(link.server, text)
      }
      if (backend?.isDead() === true) return
    }
    for (const text of link?.server.sent.splice(0) ?? []) link?.agent.emit('message', Buffer.from(text), false)
  }

  const lookOfBackend = async (): Promise<void> => {
    if (backend === null) return
    const nowMs = virtual.elapsedMs()
    // The database's own clock is not of the virtual time.
    const until = nowMs < leaseUntilMs ? new Date(Date.now() + 3_600_000) : new Date(0)
    await kysely.updateTable('leases').set({ until }).execute()
    await backend.driver.look()
    if (backend.driver.leads() !== null) leaseUntilMs = nowMs + LEASE_MS
    await backend.dispatcher.look()
  }

  const befall = (round: number): void => {
    const host = chance.pick(hosts as [HostInRun])
    const agent = host.agent()
    if (backend !== null && chance.chance(0.08)) {
      cover('backend killed')
      backend.dieAfter(chance.integer(1, 150))
    }
    if (chance.chance(0.12) && agent !== null) {
      cover('agent killed')
      agent.dieAt(chance.integer(1, 3), chance.pick(['before', 'torn', 'after']))
    }
    if (chance.chance(0.08)) {
      cover('link cut')
      host.cut()
    }
    if (chance.chance(0.05)) {
      cover('link dropped')
      host.drop()
    }
    if (chance.chance(0.03)) {
      cover('host died')
      host.powerOff()
    }
    if (chance.chance(0.08)) {
      cover('clock jumped')
      host.setOffsetMs(wrongMs())
    }
    if (chance.chance(0.05)) {
      cover('task holds')
      host.hold()
    }
    if (round % 5 === 0) for (const each of hosts) if (chance.chance(0.5)) each.mend()
  }

  let serverOffsetMs = 0
  const setServerClock = () => {
    if (chance.chance(0.04)) serverOffsetMs = wrongMs()
    bench.advance(STARTED_AT_MS + virtual.elapsedMs() + serverOffsetMs - bench.clock.now().getTime())
  }

  const id = '00000000-0000-4000-9000-000000000001'
  const ask = async (act: RolloutAct): Promise<void> => {
    await bench.act(id, act).catch((error: unknown) => {
      if (!(error instanceof DomainError)) throw error
    })
  }
  const look = async (): Promise<Seen> => {
    const { plan, state, row } = await bench.read(id)
    const { rows } = await sql<{ host_id: string; made: string }>`
      select host_id, count(*) as made from commands
      where part = 'action' and payload is not null group by host_id`.execute(kysely)
    return {
      ...{ plan, state, hosts, patch, sentence: row.sentence, decisions: await bench.decisionsOf(id) },
      commands: new Map(rows.map(({ host_id, made }) => [host_id, Number(made)])),
      skewMs: SKEW_MS_MAX,
    }
  }
  /** Rounds for which nothing is carried over a host's link. */
  const late = new Map<HostInRun, number>()
  const oneRound = async (isCalm: boolean): Promise<void> => {
    for (const host of hosts) {
      if (isCalm || chance.chance(0.4)) {
        host.powerOn()
        await host.revive()
      }
    }
    if (backend === null && (isCalm || chance.chance(0.5))) startBackend()
    await pass(1_000 * chance.integer(1, 8))
    setServerClock()
    for (const host of hosts) {
      const rounds = late.get(host) ?? 0
      if (rounds > 0) late.set(host, rounds - 1)
      else await carry(host, !isCalm && chance.chance(0.3))
      if (!isCalm && chance.chance(0.04)) {
        cover('link late')
        late.set(host, chance.integer(1, 3))
      }
      if (backend?.isDead() === true) loseBackend()
    }
    await lookOfBackend()
    if (backend?.isDead() === true) loseBackend()
  }

  try {
    startBackend()
    // All are known, and nothing has befallen them yet.
    for (let round = 0; round < 4; round += 1) await oneRound(true)
    await bench.make(
      { name: 'fix', change: { kind: 'load', patches: [sha256] }, ...fleetPlanOf(chance) },
      undefined,
      id,
    )
    await bench.act(id, { kind: 'start', reason: 'test' })
    const left = [...(await bench.read(id)).state.hosts.values()].filter(({ wave }) => wave === null)
    if (left.length > 0) throw new Error(`${left[0]?.name} is not in it: ${left[0]?.why}`)
    for (let round = 0; round < FAULT_ROUNDS; round += 1) {
      befall(round)
      await oneRound(false)
      const seen = await look()
      const found = violationsOf(seen)
      if (found.length > 0) return found
      if (chance.chance(0.05)) await ask(someAct(chance, seen.plan, seen.state))
      if (chance.chance(0.1)) for (const host of hosts) host.letGo()
    }
    for (const host of hosts) {
      host.mend()
      host.letGo()
      host.setOffsetMs(0)
    }
    for (let round = 0; round < CALM_ROUNDS_MAX; round += 1) {
      await oneRound(true)
      const seen = await look()
      const found = violationsOf(seen)
      if (found.length > 0) return found
      if (ENDED.has(seen.state.phase)) {
        cover(`ended ${seen.state.phase}`)
        return violationsAtEnd(seen)
      }
      const on = round % 5 === 4 && seen.state.phase !== 'running'
      const act =
        on || round % 40 === 39
          ? actOnCall(chance, seen.plan, seen.state, { by: 'on-call', isDead: () => false })
          : null
      if (act !== null) await ask(act)
      if (round % 10 === 9) for (const host of hosts) host.letGo()
    }
    return violationsAtEnd(await look())
  } finally {
    for (const host of hosts) host.stop()
    await virtual.advance(0)
    loseBackend()
    for (const each of ending) await each.end()
    await bench.end()
    await rm(folder, { recursive: true, force: true })
  }
}
