/** Reads one upload, says what came of it, and ends. Started by upload-reader.ts, in a thread that can be killed. */
import { parentPort, workerData } from 'node:worker_threads'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { readUpload } from './read-upload.ts'
import type { UploadWork, WorkerSays } from './upload-reader.ts'

const say = (message: WorkerSays) => parentPort?.postMessage(message)

const { upload, folder } = workerData as UploadWork
say({ kind: 'reading' })
try {
  say({ kind: 'read', result: await readUpload(upload, folder) })
} catch (error) {
  if (!(error instanceof DomainError)) throw error
  say({ kind: 'refused', detail: error.detail })
}
