import { Worker } from 'node:worker_threads'
import type { Kysely } from 'kysely'
import type { PoolConfig } from 'pg'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { createJudge, type JudgePass } from './judge-pass.ts'

export type JudgeSays =
  | { readonly kind: 'left'; readonly left: number }
  | { readonly kind: 'passed'; readonly passed: JudgePass }
  | { readonly kind: 'failed'; readonly message: string }

/** What the thread is given. */
export interface JudgeWorkerData {
  readonly connection: PoolConfig
  /** The database's processes are of this machine, and ours. */
  readonly isDatabaseHere: boolean
  /** `[0]`: how many requests wait for their answers. */
  readonly underWay: Int32Array<SharedArrayBuffer>
}

export interface ExposureJudge {
  /** Judges what is due; never two at once. `onProgress` is told how many classes are left. */
  pass(onProgress: (left: number) => void): Promise<JudgePass>
  /** Ends one under way; what it had not judged stays due. */
  close(): Promise<void>
}

/** Statements of fifteen thousand CVEs and the verdicts of a few classes. */
const LIMITS = { maxOldGenerationSizeMb: 2048, maxYoungGenerationSizeMb: 64, stackSizeMb: 4 }
/** It keeps what it loaded so long for the next classes: they come in crowds, as when a rollout runs. */
const IDLE_MS = 60_000

/** Judges in a thread and over a connection of its own, and lets pages go first. */
export const createJudgeApart = (workerData: JudgeWorkerData): ExposureJudge => {
  let worker: Worker | undefined
  let idle: NodeJS.Timeout | undefined

  const end = async () => {
    clearTimeout(idle)
    const ending = worker
    worker = undefined
    await ending?.terminate()
  }
  const start = (): Worker => {
    // Beside the program where that is built (server/build/build-server.ts).
    const started = new Worker(new URL('./exposure-worker.mjs', import.meta.url), {
      workerData,
      resourceLimits: LIMITS,
    })
    started.once('exit', () => {
      if (worker === started) worker = undefined
    })
    started.unref()
    return started
  }

  return {
    pass: (onProgress) =>
      new Promise<JudgePass>((resolve, reject) => {
        clearTimeout(idle)
        worker ??= start()
        const running = worker
        const settle = (how: () => void) => {
          running.off('message', onMessage).off('error', onError).off('exit', onExit)
          idle = setTimeout(() => void end(), IDLE_MS).unref()
          how()
        }
        const onMessage = (says: JudgeSays) => {
          if (says.kind === 'left') onProgress(says.left)
          else if (says.kind === 'passed') settle(() => resolve(says.passed))
          else settle(() => reject(new Error(says.message)))
        }
        const onError = (error: Error) => settle(() => reject(error))
        const onExit = () => settle(() => resolve({ result: 'stopped', classes: 0, written: 0 }))
        running.on('message', onMessage).once('error', onError).once('exit', onExit)
        running.postMessage('pass')
      }),
    close: end,
  }
}

/** In the thread of whoever asks: for tests, which move time. */
export const createJudgeHere = (database: Kysely<DatabaseSchema>, clock: Clock): ExposureJudge => {
  const stop = new AbortController()
  let left: (left: number) => void = () => undefined
  const judge = createJudge(database, { clock, stop: stop.signal, onProgress: (count) => left(count) })
  return {
    pass(onProgress) {
      left = onProgress
      return judge.pass()
    },
    async close() {
      stop.abort()
    },
  }
}
