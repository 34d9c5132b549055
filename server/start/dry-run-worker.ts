/** Does one dry run, and ends. Started by dry-run-simulator.ts, in a thread that can be killed. */
import { parentPort, workerData } from 'node:worker_threads'
import type { DryRunWork } from '@rebootless/shared/domain/rollouts/dry-run/dry-run-work.ts'
import { dryRun } from '../sim/dry-run/dry-run.ts'
import type { DryRunSays } from './dry-run-simulator.ts'

const say = (message: DryRunSays) => parentPort?.postMessage(message)
/** Pages ask for it once a second. */
const PROGRESS_MS = 250

let toldAt = 0
const result = dryRun(workerData as DryRunWork, (stage, progress) => {
  const now = performance.now()
  if (now - toldAt < PROGRESS_MS) return
  toldAt = now
  say({ kind: 'at', stage, progress })
})
say({ kind: 'done', result })
