import { ownScriptUrl } from '../../ui/own-script.ts'
import type { LabAnswer, LabRequest } from './lab-messages.ts'
import workerUrl from './lab-worker.ts?worker&url'

/**
 * Asks a worker of its own, which ends when it is through. A worker that cannot be started answers `failed` as well.
 *
 * @returns how to end it before
 */
export const startWorker = (request: LabRequest, onAnswer: (answer: LabAnswer) => void): (() => void) => {
  let worker: Worker
  try {
    worker = new Worker(ownScriptUrl(workerUrl), { type: 'module' })
  } catch (error) {
    onAnswer({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
    return () => undefined
  }
  worker.onmessage = ({ data }: MessageEvent<LabAnswer>) => {
    if (data.kind === 'through' || data.kind === 'failed') worker.terminate()
    onAnswer(data)
  }
  worker.onerror = (event) => {
    event.preventDefault()
    worker.terminate()
    onAnswer({ kind: 'failed', message: event.message || 'The simulator’s script could not be loaded.' })
  }
  worker.postMessage(request)
  return () => worker.terminate()
}
