// Goal: a vendor's update that comes as a package goes over hosts wave by wave, and its rollout ends once each host's own
// reading says that it is at the newest. Method: the real agent with zypper's and dnf's stand-ins on simulated kernels, the
// real driver over a real database, on a virtual time; one more host's agent.json does not allow packages.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ENDED } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import { expect, test } from 'vitest'
import { planOf } from '../agent/commands/test-plans.ts'
import { createVirtualClock } from '../agent/recorded/virtual-clock.ts'
import { createTestDatabase } from '../bff/database/test-database.ts'
import { createEnrolmentStore } from '../bff/enrolment/enrolment-store.ts'
import { openCommandKey } from '../bff/link/command-key.ts'
import { openArtefactFiles } from '../bff/patches/artefact-files.ts'
import { readUpload } from '../bff/patches/module/read-upload.ts'
import { startRolloutBench } from '../bff/rollouts/test-rollouts.ts'
import { startSimulatedBackend } from './test-simulated-backend.ts'
import { createHostInRun, type HostInRun } from './test-simulated-host.ts'

const STARTED_AT_MS = Date.UTC(2026, 10, 26, 12)
const ROUNDS_MAX = 200

const rolledOut = async (kind: 'klp' | 'kpatch', provider: 'klp' | 'kpatch') => {
  const database = await createTestDatabase()
  const bench = await startRolloutBench(database, STARTED_AT_MS)
  const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-packages-'))
  const virtual = createVirtualClock(STARTED_AT_MS)
  const key = await openCommandKey(folder)
  const files = await openArtefactFiles(folder, ({ upload, folder: own }) => readUpload(upload, own))
  const base = planOf(kind)
  const store = createEnrolmentStore(database.kysely)
  const hosts: HostInRun[] = []
  for (const index of [1, 2, 3]) {
    const id = `00000000-0000-4000-8000-00000000000${index}`
    const expiresAt = new Date(STARTED_AT_MS + 86_400_000)
    const now = bench.clock.now()
    await store.addToken({ hash: id, labels: {}, expiresAt, createdBy: 'test', origin: 'agent' })
    await store.enrol({
      tokenHash: id,
      host: { id, name: `host-${index}` },
      certificate: { fingerprint: id, expiresAt },
      now,
    })
    hosts.push(
      createHostInRun({
        ...{ id, plan: { ...base, name: `host-${index}`, seed: index }, clock: virtual.clock },
        ...{ startedAtMs: STARTED_AT_MS, commandKey: key.publicKey, random: () => 0.5 },
        ...{ packageUpdates: index !== 3, fetchArtefact: () => Promise.reject(new Error('no module is asked for')) },
      }),
    )
  }
  const backend = startSimulatedBackend({ connection: database.connection, clock: bench.clock, key, files })
  const round = async (): Promise<void> => {
    for (const host of hosts) {
      host.powerOn()
      await host.revive()
    }
    await virtual.advance(2_000)
    bench.advance(STARTED_AT_MS + virtual.elapsedMs() - bench.clock.now().getTime())
    for (const host of hosts) {
      const link = host.link()
      if (link === null) continue
      if (host.hasDialled()) {
        await backend.connect(host.id, host.id, link.server)
        link.agent.emit('open')
      }
      for (const text of link.agent.sent.splice(0)) await backend.hear(link.server, text)
      for (const text of link.server.sent.splice(0)) link.agent.emit('message', Buffer.from(text), false)
    }
    await backend.driver.look()
    await backend.dispatcher.look()
  }
  const id = '00000000-0000-4000-9000-000000000001'
  const patch = base.patches.at(-1)?.image.name ?? ''
  try {
    for (let at = 0; at < 6; at += 1) await round()
    const waves = [
      { name: 'canary', share: { kind: 'count', hosts: 1 } },
      { name: 'rest', share: { kind: 'rest' } },
    ]
    await bench.make({ name: 'newest', change: { kind: 'update', provider, level: null }, waves }, undefined, id)
    await bench.act(id, { kind: 'start', reason: 'test' })
    for (let at = 0; at < ROUNDS_MAX; at += 1) {
      await round()
      if (ENDED.has((await bench.read(id)).state.phase)) break
    }
    const { state, row } = await bench.read(id)
    return {
      ...{ phase: state.phase, sentence: row.sentence },
      stages: [...state.hosts.values()].map(({ stage, wave, why }) => ({ stage, wave, why })),
      inEffect: hosts.map((host) => host.hasInEffect(patch)),
    }
  } finally {
    for (const host of hosts) host.stop()
    await virtual.advance(0)
    await backend.end()
    await bench.end()
    await rm(folder, { recursive: true, force: true })
  }
}

test.each([
  ['klp', 'klp'],
  ['kpatch', 'kpatch'],
] as const)(
  'T27 a package for %s: in on hosts that allow it, in two waves, and left out where not',
  async (kind, provider) => {
    const { phase, sentence, stages, inEffect } = await rolledOut(kind, provider)
    expect([phase, sentence]).toEqual(['done', expect.any(String)])
    expect(inEffect).toEqual([true, true, false])
    expect(stages.filter(({ wave }) => wave !== null).map(({ stage, wave }) => [stage, wave])).toEqual([
      ['done', 0],
      ['done', 1],
    ])
    expect(stages.filter(({ wave }) => wave === null)).toMatchObject([
      { why: expect.stringContaining('packageUpdates') },
    ])
  },
)
