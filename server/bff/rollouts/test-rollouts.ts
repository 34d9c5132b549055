import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { CommandResult, HostPolicySummary } from '@rebootless/shared/contract/agent-message.ts'
import type { KernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { RolloutAct } from '@rebootless/shared/contract/rollouts-api.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { type Kysely, sql } from 'kysely'
import { createDispatcher } from '../commands/dispatcher.ts'
import { type AgentStub, addTestHost, createAgentStub, listeningLink, type TestHost } from '../commands/test-fleet.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { type HostScope, WHOLE_FLEET } from '../hosts/host-scope.ts'
import { createUser } from '../http/test-users.ts'
import { createIngest } from '../ingest/ingest.ts'
import {
  kernelReadings,
  kernelReadingsMessage,
  patchedSnapshot,
  patchMemory,
  sample,
  snapshotMessage,
} from '../ingest/test-messages.ts'
import { openCommandKey } from '../link/command-key.ts'
import type { GuardedFetch } from '../outgoing/guarded-fetch.ts'
import { openArtefactFiles } from '../patches/artefact-files.ts'
import { createFitHosts } from '../patches/fit-hosts.ts'
import { testModule } from '../patches/module/test-module.ts'
import { uploadArtefact } from '../patches/modules.ts'
import { askAct } from './ask-act.ts'
import { createRolloutDriver, type RolloutDriver } from './driver.ts'
import { makeRollout } from './make-rollout.ts'
import { readRollout } from './stored-rollout.ts'

const PATCH = 'lp_new'
const livepatch = (transition: boolean) => ({
  ...{ name: PATCH, enabled: true, transition, replace: false, stackOrder: 1, objects: [], unknownAttributes: [] },
})
const module = { name: PATCH, version: null, srcversion: null, refcnt: 1, taint: 'OK', sizeBytes: 4096 }

/** What a kernel shows without the patch, with it, and while it goes in and one task blocks it. */
const SHOWN = {
  out: (): Partial<Snapshot> => ({ livepatches: [], livepatchModules: [], memory: [], enabledFunctions: [] }),
  in: (): Partial<Snapshot> => ({
    ...{ livepatches: [livepatch(false)], livepatchModules: [module], enabledFunctions: [] },
    memory: [patchMemory(PATCH)],
  }),
  stalled: (): Partial<Snapshot> => {
    const blocking = { ...stalledSample(), patch: PATCH }
    return {
      ...{ livepatches: [livepatch(true)], livepatchModules: [module], enabledFunctions: [], transition: blocking },
      memory: [
        patchMemory(PATCH, { completedAt: null, transitionStartedAt: blocking.startedAt, direction: 'patching' }),
      ],
    }
  },
} as const
const stalledSample = () =>
  sample({
    tasksRemaining: 1,
    blockingTotal: 1,
    blocking: [
      {
        ...{
          pid: 57,
          tid: 57,
          comm: 'kworker/3',
          kernelThread: true,
          state: 'D',
          wchan: 'nfs4_open',
          systemCall: null,
        },
        stack: [{ function: 'nfs4_open', offset: null, module: 'nfs', held: true }],
        ...{ cgroup: null, unit: null, container: null, since: '2026-11-24T12:00:05.000Z' },
      },
    ],
  })

export interface RolloutHost extends TestHost {
  readonly stub: AgentStub
  /** What its kernel shows after a load, and after it was taken out. */
  loads: keyof typeof SHOWN
  /** Its link is cut: it hears nothing. */
  away: boolean
}

/** A fleet of test hosts whose agents do what they are told, a catalogue of one module, and a clock that a test moves. */
export const startRolloutBench = async (given?: TestDatabase, startsAt = Date.parse('2026-11-26T12:00:00.000Z')) => {
  const database = given ?? (await createTestDatabase())
  const { kysely } = database
  const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-rollouts-'))
  const key = await openCommandKey(folder)
  let nowMs = startsAt
  const clock = { now: () => new Date(nowMs) }
  const log = { warn: () => undefined, info: () => undefined }
  const dispatcher = createDispatcher({ database: kysely, clock, key, files: { read: async () => undefined }, log })
  const ingest = createIngest({ database: kysely, clock, changesEveryMs: 0 })
  const files = await openArtefactFiles(folder)
  const drivers: RolloutDriver[] = []
  const hosts: RolloutHost[] = []
  let sequence = 100

  const newPerson = async (role: 'operator' | 'approver' = 'operator', scope: HostScope = WHOLE_FLEET) => {
    const userId = await createUser(kysely, role, scope.text, clock)
    const username = `${role}-${userId}`
    return () => ({
      actor: { kind: 'user' as const, id: userId, name: username, address: null },
      ...{ requestId: null, now: clock.now(), userId, username, role, via: 'session' as const, scope },
    })
  }
  const operator = await newPerson()

  const upload = async (name: string): Promise<string> => {
    const bytes = testModule({ name })
    const stream = (async function* () {
      yield bytes
    })()
    return (await uploadArtefact(kysely, files, stream, undefined, operator())).sha256
  }
  const artefact = await upload(PATCH)

  const show = async (host: TestHost, what: keyof typeof SHOWN, more: Partial<Snapshot> = {}): Promise<void> => {
    sequence += 1
    const snapshot = patchedSnapshot({ hostName: host.name, ...SHOWN[what](), ...more })
    await ingest.accept(host.id, snapshotMessage({ epoch: 1, sequence }, snapshot), clock.now())
  }

  /** Its agent tells how its kernel fares. */
  const tell = async (host: TestHost, fields: Partial<KernelReadings> = {}): Promise<void> => {
    sequence += 1
    const readings = { ...kernelReadings(), readAt: clock.now().toISOString(), ...fields }
    await ingest.accept(host.id, kernelReadingsMessage({ epoch: 1, sequence }, readings), clock.now())
  }

  const addHost = async (
    name: string,
    options: { labels?: Record<string, string>; policy?: Partial<HostPolicySummary> } = {},
  ): Promise<RolloutHost> => {
    const made = await addTestHost(kysely, { name, now: clock.now(), snapshot: SHOWN.out(), ...options })
    const stub = createAgentStub(made, key.publicKey, clock.now)
    const host: RolloutHost = { ...made, stub, loads: 'in', away: false }
    hosts.push(host)
    return host
  }

  /** Every host that is not away hears what is for it, does it, shows it, and says so. */
  const answer = async (): Promise<void> => {
    const links = hosts.filter(({ away }) => !away).map((host) => ({ host, link: listeningLink(host) }))
    for (const { link } of links) dispatcher.linkOpened(link)
    await dispatcher.look()
    for (const { host, link } of links) {
      for (const message of link.sent.splice(0)) {
        const before = host.stub.effects.length
        const result: CommandResult | undefined = host.stub.hear(message)
        const effect = host.stub.effects.slice(before)[0]
        if (effect !== undefined) await show(host, effect.endsWith('reversal') ? 'out' : host.loads)
        if (result !== undefined) await dispatcher.accept(host.id, result, clock.now())
      }
      dispatcher.linkClosed(host.id, link.linkId)
    }
  }

  /** As `answer`, for more hosts than there are links to open: the outbox is not asked, and hosts obey without a word. */
  const answerAtOnce = async (id: string): Promise<void> => {
    const { rows } = await sql<{ host_id: string; part: string }>`
      update commands set state = 'done', payload = '', ended_at = ${clock.now()} from authorisations
      where authorisations.id = commands.authorisation_id and rollout_id = ${id} and state = 'waiting'
      returning host_id, part`.execute(kysely)
    for (const { host_id, part } of rows) {
      const host = hosts.find((one) => one.id === host_id)
      if (host !== undefined) await show(host, part === 'reversal' ? 'out' : host.loads)
    }
  }

  const driverOver = (over: Kysely<DatabaseSchema> = kysely, fetch?: GuardedFetch): RolloutDriver => {
    const none: GuardedFetch = async () => new Response(null, { status: 500 })
    const driver = createRolloutDriver({
      database: over,
      clock,
      fitHosts: createFitHosts(over),
      fetch: fetch ?? none,
      log,
      now: clock.now,
    })
    drivers.push(driver)
    return driver
  }

  const plan = (change: object = {}) =>
    RolloutPlan.parse({
      ...{
        version: 1,
        name: 'fix',
        reason: 'CVE-2026-1',
        hosts: 'name:*',
        change: { kind: 'load', patches: [artefact] },
      },
      waves: [
        { name: 'canary', share: { kind: 'count', hosts: 1 } },
        { name: 'rest', share: { kind: 'rest' } },
      ],
      ...change,
    })

  return {
    ...{
      database,
      folder,
      kysely,
      clock,
      dispatcher,
      hosts,
      artefact,
      operator,
      newPerson,
      upload,
      show,
      tell,
      addHost,
      answer,
      answerAtOnce,
    },
    ...{ driverOver, plan },
    advance: (milliseconds: number) => {
      nowMs += milliseconds
    },
    make: (change: object = {}, who = operator(), id: string = randomUUID()) =>
      makeRollout(kysely, createFitHosts(kysely), { id, plan: plan(change) }, who),
    act: (id: string, act: RolloutAct, who = operator()) => askAct(kysely, id, act, who),
    read: (id: string) => readRollout(kysely, id),
    decisionsOf: async (id: string) => {
      const all = kysely.selectFrom('rollout_decisions').select('decision').where('rollout_id', '=', id)
      return (await all.orderBy('number').execute()).map(({ decision }) => decision)
    },
    commandsOf: (id: string) =>
      kysely
        .selectFrom('commands')
        .innerJoin('authorisations', 'authorisations.id', 'commands.authorisation_id')
        .selectAll('commands')
        .where('authorisations.rollout_id', '=', id)
        .orderBy('commands.created_at')
        .execute(),
    async end() {
      for (const driver of drivers) await driver.close()
      await dispatcher.close()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
export type RolloutBench = Awaited<ReturnType<typeof startRolloutBench>>

/** Looks and answers until the rollout is in such a phase; the clock goes on by two seconds each time. */
export const driveUntil = async (
  bench: RolloutBench,
  driver: RolloutDriver,
  id: string,
  phase: string,
  roundsMax = 60,
): Promise<void> => {
  for (let round = 0; round < roundsMax; round += 1) {
    await driver.look()
    await bench.answer()
    bench.advance(2_000)
    if ((await bench.read(id)).state.phase === phase) return
  }
  const { row } = await bench.read(id)
  throw new Error(`after ${roundsMax} rounds it is ${row.phase}, not ${phase}: ${row.sentence}`)
}
