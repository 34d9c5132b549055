import { randomUUID } from 'node:crypto'
import type { DryRun } from '@rebootless/shared/contract/dry-run.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { DryRunSimulator, DryRunWork } from '@rebootless/shared/domain/rollouts/dry-run/dry-run-work.ts'
import type { Logger } from 'pino'
import type { Clock } from '../../clock.ts'

/** A dry run has a processor for minutes: one at a time, and no more that wait than somebody would wait for. */
const WAITING_MAX = 8
const KEPT_MS = 30 * 60 * 1000
const KEPT_MAX = 50

/** Who asks, and by which scope: whoever's scope has changed sees nothing of what an older one held (threat-model T07). */
export interface Asker {
  readonly userId: string
  readonly scope: string | null
}

export interface DryRuns {
  /**
   * Whoever asks for another ends his own that is not done.
   * @param read what is to be run through, when its turn comes
   * @throws DomainError `too_many_requests`
   */
  start(asker: Asker, read: (about: Reading) => Promise<DryRunWork>): DryRun
  /** @throws DomainError `rollout_not_found` for who did not ask for it, or when it is no longer kept */
  get(asker: Asker, id: string): DryRun
  cancel(asker: Asker, id: string): DryRun
  close(): Promise<void>
}

export interface Reading {
  readonly signal: AbortSignal
  onProgress(progress: number): void
}

interface Job {
  readonly id: string
  readonly asker: Asker
  readonly read: (about: Reading) => Promise<DryRunWork>
  readonly ends: AbortController
  shown: Omit<DryRun, 'id' | 'before'>
  endedAt: number | null
}

const WAITS: Job['shown'] = { state: 'waiting', stage: null, progress: 0, result: null, why: null }

/** Dry runs of this server, in memory: who asks again after a restart asks anew. */
export const createDryRuns = (options: {
  readonly simulator: DryRunSimulator
  readonly clock: Clock
  readonly log: Logger
}): DryRuns => {
  const { simulator, clock, log } = options
  const jobs = new Map<string, Job>()
  let working: Promise<void> | null = null

  const waiting = () => [...jobs.values()].filter(({ shown }) => shown.state === 'waiting')
  const view = (job: Job): DryRun => ({
    id: job.id,
    ...job.shown,
    before: job.shown.state === 'waiting' ? waiting().indexOf(job) + (working === null ? 0 : 1) : 0,
  })

  const forget = () => {
    const now = clock.now().getTime()
    const ended = [...jobs.values()].filter(({ endedAt }) => endedAt !== null)
    for (const [index, { id, endedAt }] of ended.entries())
      if (now - (endedAt ?? now) > KEPT_MS || ended.length - index > KEPT_MAX) jobs.delete(id)
  }

  const end = (job: Job, shown: Partial<Job['shown']>) => {
    job.shown = { ...job.shown, stage: null, ...shown }
    job.endedAt = clock.now().getTime()
  }

  const run = async (job: Job): Promise<void> => {
    const { signal } = job.ends
    const tell = (stage: DryRun['stage'], progress: number) => {
      if (!signal.aborted) job.shown = { ...job.shown, state: 'running', stage, progress: Math.min(1, progress) }
    }
    try {
      tell('reading hosts', 0)
      const work = await job.read({ signal, onProgress: (progress) => tell('reading hosts', progress) })
      signal.throwIfAborted()
      tell('simulating kernels', 0)
      const result = await simulator.run(work, { signal, onProgress: tell })
      if (!signal.aborted) end(job, { state: 'done', progress: 1, result })
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof DomainError)) log.error({ err: error, dryRun: job.id }, 'a dry run failed')
      const why = error instanceof DomainError ? error.detail : 'The simulation failed; the server’s log tells more.'
      end(job, { state: 'failed', why })
    }
  }

  const work = () => {
    const [next] = waiting()
    if (working !== null || next === undefined) return
    working = run(next).finally(() => {
      working = null
      work()
    })
  }

  const cancel = (job: Job) => {
    if (job.endedAt !== null) return
    job.ends.abort(new Error('the dry run was cancelled'))
    end(job, { state: 'cancelled' })
  }

  const find = (asker: Asker, id: string): Job => {
    forget()
    const job = jobs.get(id)
    if (job === undefined || job.asker.userId !== asker.userId || job.asker.scope !== asker.scope)
      throw new DomainError('rollout_not_found', 'There is no such dry run, or it is no longer kept: run it again.')
    return job
  }

  return {
    start(asker, read) {
      forget()
      for (const job of jobs.values()) if (job.asker.userId === asker.userId) cancel(job)
      if (waiting().length >= WAITING_MAX)
        throw new DomainError('too_many_requests', 'Other dry runs wait already: try again in a minute.', {
          retryAfterMs: 60_000,
        })
      const job: Job = { id: randomUUID(), asker, read, ends: new AbortController(), shown: WAITS, endedAt: null }
      jobs.set(job.id, job)
      work()
      return view(job)
    },
    get: (asker, id) => view(find(asker, id)),
    cancel(asker, id) {
      const job = find(asker, id)
      cancel(job)
      return view(job)
    },
    async close() {
      for (const job of jobs.values()) cancel(job)
      await working
    },
  }
}
