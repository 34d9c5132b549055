import { runLab } from '@rebootless/server/sim/lab/run-lab.ts'
import { SWEEP_VALUES, sweep } from '@rebootless/server/sim/lab/sweep.ts'
import type { LabAnswer, LabRequest } from './lab-messages.ts'
import { SYSTEM_ORDER } from './lab-words.ts'
import { packRun } from './packed-run.ts'

/** The one of a worker's globals that is used; the page's types know only windows. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<LabRequest>) => void) | null
  postMessage(answer: LabAnswer, transfer?: Transferable[]): void
}

const scope = globalThis as unknown as WorkerScope

const answer = (request: LabRequest): void => {
  if (request.kind === 'run') {
    for (const system of request.systems) {
      const run = packRun(runLab(request.setting, system))
      scope.postMessage({ kind: 'run', run }, [run.fromUs.buffer, run.what.buffer])
    }
    return
  }
  const { setting, over } = request
  const of = SWEEP_VALUES[over].length * SYSTEM_ORDER.length
  let done = 0
  for (const point of sweep(setting, { over })) {
    done += 1
    scope.postMessage({ kind: 'point', point, done, of })
  }
}

scope.onmessage = ({ data }) => {
  try {
    answer(data)
    scope.postMessage({ kind: 'through' })
  } catch (error) {
    scope.postMessage({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  }
}
