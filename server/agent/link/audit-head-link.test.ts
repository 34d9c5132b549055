// Goal: a host is given the heads of the audit log, and says with its next link what it holds. Method: a real agent and the
// backend's real port on loopback.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Signed } from '@rebootless/shared/contract/signed.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { expect, test } from 'vitest'
import { createLinkBench, eventually, sampleSnapshot } from '../../bff/link/link-test-bench.ts'
import { createSystemClock } from '../kernel/system-clock.ts'
import type { HostObserver } from '../observer.ts'
import { runAgent } from '../run-agent.ts'
import { ensureEnrolled } from './enrol.ts'
import { readHeldHeads } from './held-heads.ts'

const observer: HostObserver = {
  current: async () => sampleSnapshot(),
  run: (listener, signal) => {
    listener.snapshot(sampleSnapshot(), '0'.repeat(64))
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  },
}

test('T30 a head is kept on the host, over a restart of its agent, and said to the server', async () => {
  const said: (Signed | undefined)[] = []
  let newest: Signed | null = null
  const auditWitness = { newest: () => newest, held: async (_host: unknown, head: Signed) => void said.push(head) }
  const bench = await createLinkBench({ auditHeadMs: 50 }, { auditWitness })
  const dataDirectory = await mkdtemp(join(tmpdir(), 'rebootless-agent-'))
  const clock = createSystemClock()
  const common = { dataDirectory, hostName: 'host-a', origin: 'agent' as const }
  const run = async (until: () => boolean | Promise<boolean>) => {
    const stop = new AbortController()
    const log = { info: () => undefined, warn: () => undefined }
    const running = runAgent({ ...common, observer, clock, log, signal: stop.signal, random: () => 0.1 })
    await eventually('what the agent was started for', until).finally(() => stop.abort())
    await running
  }
  const headAt = (sequence: number) => {
    const head = { version: 1, sequence, hash: 'a'.repeat(64), at: new Date().toISOString() }
    return bench.commandKey.sign(PAYLOAD_TYPES.auditHead, canonicalJson(head))
  }
  try {
    await ensureEnrolled({ ...common, server: bench.url, token: await bench.token(), now: clock.now })
    // None is signed when the link begins: the first comes while it is open.
    const first = headAt(5)
    await run(async () => {
      newest = first
      return (await readHeldHeads(dataDirectory)).length === 1
    })
    expect(said).toEqual([])
    await run(() => said.length > 0)
    expect(said).toEqual([first])
  } finally {
    await bench.end()
    await rm(dataDirectory, { recursive: true, force: true })
  }
})
