import { Worker } from 'node:worker_threads'
import { DomainError, type ErrorCode } from '@rebootless/shared/domain/errors.ts'
import type { KernelIncidentKind } from '@rebootless/shared/domain/kernel-incidents.ts'
import type { PoolConfig } from 'pg'
import type { Ingest } from '../link/ports.ts'
import type { IngestObserver } from './ingest.ts'

/** What the thread is given. */
export interface IngestWorkerData {
  readonly connection: PoolConfig
}

type Call = {
  [Name in keyof Ingest]: { readonly name: Name; readonly arguments: Parameters<Ingest[Name]> }
}[keyof Ingest]
export type IngestAsk = Call & { readonly id: number }

export type IngestSays =
  | { readonly kind: 'done'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly code: ErrorCode; readonly detail: string }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  | { readonly kind: 'incident'; readonly incident: KernelIncidentKind }

/** Registers of some hundred hosts at a time. */
const LIMITS = { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 64, stackSizeMb: 4 }

/**
 * Stores what agents say in a thread and over connections of its own: what a host's state follows from costs more than all else that
 * a word of it brings, and pages, streams and links need not wait for it. A thread that ends fails what it had not answered, whose
 * agents say it again, and the next word starts another.
 */
export const createIngestApart = (
  workerData: IngestWorkerData,
  { observe, observeIncident }: IngestObserver,
): Ingest & { close(): Promise<void> } => {
  let worker: Worker | undefined
  let newest = 0
  let unsent: IngestAsk[] = []
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>()

  const take = (id: number) => {
    const one = waiting.get(id)
    waiting.delete(id)
    return one
  }
  const hear = (says: IngestSays): void => {
    if (says.kind === 'incident') observeIncident?.(says.incident)
    else if (says.kind === 'done') take(says.id)?.resolve(says.result)
    else if (says.kind === 'refused') take(says.id)?.reject(new DomainError(says.code, says.detail))
    else take(says.id)?.reject(new Error(says.message))
  }
  const start = (): Worker => {
    // Beside the program where that is built (server/build/build-server.ts).
    const started = new Worker(new URL('./ingest-worker.mjs', import.meta.url), { workerData, resourceLimits: LIMITS })
    let reason = new Error('the thread that stores what hosts say has ended')
    started.on('message', (says: readonly IngestSays[]) => says.forEach(hear))
    started.once('error', (error) => {
      reason = error
    })
    started.once('exit', () => {
      if (worker !== started) return
      worker = undefined
      unsent = []
      for (const id of waiting.keys()) take(id)?.reject(reason)
    })
    started.unref()
    return started
  }

  /** What came over all links in one turn of the loop goes to the thread at once: each message of its own would wake it. */
  const send = () => {
    worker?.postMessage(unsent)
    unsent = []
  }
  const ask = <Name extends keyof Ingest>(name: Name, ...words: Parameters<Ingest[Name]>): ReturnType<Ingest[Name]> =>
    new Promise((resolve, reject) => {
      worker ??= start()
      newest += 1
      waiting.set(newest, { resolve, reject })
      unsent.push({ id: newest, name, arguments: words } as IngestAsk)
      if (unsent.length === 1) setImmediate(send)
    }) as ReturnType<Ingest[Name]>

  return {
    async accept(hostId, message, receivedAt) {
      const stored = await ask('accept', hostId, message, receivedAt)
      observe?.(message.type)
      return stored
    },
    async linkOpened(hostId, linkId, hello, receivedAt) {
      const opening = await ask('linkOpened', hostId, linkId, hello, receivedAt)
      observe?.(hello.type)
      return opening
    },
    linkClosed: (...words) => ask('linkClosed', ...words),
    clockMeasured: (...words) => ask('clockMeasured', ...words),
    async close() {
      await worker?.terminate()
    },
  }
}
