import { Worker } from 'node:worker_threads'
import type { DryRunResult } from '@rebootless/shared/contract/dry-run.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { DryRunSimulator, DryRunStage } from '@rebootless/shared/domain/rollouts/dry-run/dry-run-work.ts'

export type DryRunSays =
  | { readonly kind: 'at'; readonly stage: DryRunStage; readonly progress: number }
  | { readonly kind: 'done'; readonly result: DryRunResult }

/** Ten thousand hosts in twenty waves took a minute and a half on two processors that eight others wanted. */
const MS_MAX = 5 * 60 * 1000
const LIMITS = { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 64, stackSizeMb: 4 }

const refused = (detail: string) => new DomainError('rollout_refused', detail)

/** Simulates in a thread of its own, so that no page waits for it, with a deadline and a bound on its memory. */
export const createDryRunSimulator = ({ msMax = MS_MAX, limits = LIMITS } = {}): DryRunSimulator => ({
  run: (work, { signal, onProgress }) =>
    new Promise<DryRunResult>((resolve, reject) => {
      signal.throwIfAborted()
      // Beside the program where that is built (server/build/build-all.ts).
      const worker = new Worker(new URL('./dry-run-worker.mjs', import.meta.url), {
        workerData: work,
        resourceLimits: limits,
      })
      let ended = false
      const end = (settle: () => void) => {
        if (ended) return
        ended = true
        clearTimeout(deadline)
        signal.removeEventListener('abort', onAbort)
        worker.terminate().then(settle, settle)
      }
      const onAbort = () => end(() => reject(signal.reason))
      signal.addEventListener('abort', onAbort)
      const deadline = setTimeout(() => {
        const detail = 'Simulating it takes longer than it may: narrow its filter, or ask for fewer runs.'
        end(() => reject(refused(detail)))
      }, msMax)
      worker.on('message', (says: DryRunSays) => {
        if (says.kind === 'at') onProgress(says.stage, says.progress)
        else end(() => resolve(says.result))
      })
      worker.once('error', (error: Error & { code?: string }) => {
        const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        end(() => reject(isMemory ? refused('Simulating it takes more memory than it may: narrow its filter.') : error))
      })
      worker.once('exit', () => end(() => reject(new Error('The simulation ended without a word.'))))
    }),
})
