// Goal: whatever the way between does to messages, the receiver ends with the latest of each kind (T19).
// Method: property test over a lossy way that drops, repeats and reorders, with restarts of either end; the receiver
// is the register that the contract describes.
import type { ReadingMessage } from '@rebootless/shared/contract/agent-message.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleSnapshot } from '../../bff/link/link-test-bench.ts'
import { createMemoryStore } from '../../bff/link/memory-store.ts'
import { createOutbox } from './outbox.ts'

const HOST = '7f0f8a3e-4f0c-4d57-9d1f-0d8a3c5b1e11'
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('snapshot' as const), value: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('transition' as const), value: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('send' as const), value: fc.nat() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver' as const), value: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('drop' as const), value: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('repeat' as const), value: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), value: fc.nat() }) },
)

const createReceiver = async () => {
  const memory = createMemoryStore()
  await memory.store.addToken({ hash: 't', labels: {}, expiresAt: new Date(9e12), createdBy: 'admin' })
  await memory.store.enrol({
    tokenHash: 't',
    host: { id: HOST, name: 'host-a' },
    certificate: { fingerprint: 'f', expiresAt: new Date(9e12) },
    now: new Date(0),
  })
  return memory
}

const readings = (outbox: ReturnType<typeof createOutbox>) =>
  outbox.unacknowledged().filter((message) => message.type !== 'result')

test('T19 any loss, repetition, reordering and restart ends in the state as in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const receiver = await createReceiver()
      let epoch = 1
      let outbox = createOutbox(epoch, () => 0)
      const way: ReadingMessage[] = []
      let snapshot: string | undefined
      let remaining: number | undefined
      const arrive = async (message: ReadingMessage | undefined, acknowledged: boolean) => {
        if (message === undefined) return
        await receiver.ingest.accept(HOST, message, new Date(0))
        if (acknowledged) outbox.acknowledge(message)
      }
      const say = (change: { snapshot?: number; transition?: number }) => {
        if (change.snapshot !== undefined) {
          snapshot = String(change.snapshot).repeat(64)
          outbox.snapshot(sampleSnapshot(), snapshot)
        }
        if (change.transition !== undefined) {
          remaining = change.transition
          outbox.transition({
            patch: 'lp_a',
            target: 'patching',
            startedAt: '2026-11-25T00:00:00.000Z',
            sampledAt: '2026-11-25T00:00:00.000Z',
            tasksTotal: 10,
            tasksRemaining: remaining,
            signalledAt: null,
            forcedAt: null,
            blocking: [],
            blockingTotal: 0,
            tasksUnreadable: 0,
          })
        }
      }
      for (const { do: action, value } of steps) {
        const at = way.length === 0 ? 0 : value % way.length
        if (action === 'snapshot') say({ snapshot: value })
        else if (action === 'transition') say({ transition: value })
        else if (action === 'send') way.push(...readings(outbox))
        else if (action === 'deliver') await arrive(way.splice(at, 1)[0], value % 3 !== 0)
        else if (action === 'drop') way.splice(at, 1)
        else if (action === 'repeat') await arrive(way[at], true)
        else {
          epoch += 1
          outbox = createOutbox(epoch, () => 0)
          say({ snapshot: value % 10, transition: (value + 3) % 10 }) // a new run says what it sees
        }
      }
      for (const message of [...readings(outbox), ...way]) await arrive(message, true)
      const { latest } = receiver.host(HOST)
      expect(latest.snapshot?.hash).toBe(snapshot)
      expect(latest.transition?.sample?.tasksRemaining).toBe(remaining)
      expect(outbox.unacknowledged()).toEqual([])
      const applied = receiver.applied.map(({ message }) => `${message.type} ${message.epoch} ${message.sequence}`)
      expect(new Set(applied).size).toBe(applied.length) // each effect at most once
    }),
    { numRuns: 300 },
  )
})

test('a snapshot that is asked for goes out under a new number, and the heartbeat names it', () => {
  const outbox = createOutbox(3, () => 0)
  expect(outbox.heartbeat()).toBeUndefined()
  const first = outbox.snapshot(sampleSnapshot(), 'a'.repeat(64))
  outbox.acknowledge(first)
  expect(outbox.unacknowledged()).toEqual([])
  outbox.offerSnapshotAgain()
  expect(outbox.unacknowledged()).toMatchObject([{ type: 'snapshot', epoch: 3, sequence: first.sequence + 1 }])
  outbox.acknowledge({ epoch: 2, sequence: first.sequence + 1 })
  expect(outbox.unacknowledged()).toHaveLength(1)
  expect(outbox.heartbeat()?.snapshotHash).toBe('a'.repeat(64))
})
