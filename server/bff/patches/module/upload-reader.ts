import { Worker } from 'node:worker_threads'
import { refused } from './module-file.ts'
import type { ReadUpload } from './read-upload.ts'

export interface UploadWork {
  readonly upload: string
  readonly folder: string
}

export type WorkerSays =
  | { readonly kind: 'reading' }
  | { readonly kind: 'read'; readonly result: ReadUpload }
  | { readonly kind: 'refused'; readonly detail: string }

/** A packed module of 60 MiB took less on two processors that twenty programs wanted. */
const READING_MS_MAX = 5000
/** What V8 may hold; the libraries' own memory is bounded by the windows that they accept. */
const LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 }

/**
 * Reads an upload in a thread with limits, since what somebody made to be read for hours is only known by that: it is
 * killed after five seconds (T14).
 * @throws DomainError `artefact_refused`
 */
export const readUploadApart = (work: UploadWork, readingMsMax = READING_MS_MAX): Promise<ReadUpload> =>
  new Promise<ReadUpload>((resolve, reject) => {
    // Beside the program where that is built (server/build/build-all.ts).
    const worker = new Worker(new URL('./upload-worker.mjs', import.meta.url), {
      workerData: work,
      resourceLimits: LIMITS,
    })
    let timer: NodeJS.Timeout | undefined
    let ended = false
    const end = (settle: () => void) => {
      if (ended) return
      ended = true
      clearTimeout(timer)
      // Only once it has ended does nothing write into its folder any more.
      worker.terminate().then(settle, settle)
    }
    worker.on('message', (says: WorkerSays) => {
      if (says.kind === 'reading') {
        timer = setTimeout(() => {
          end(() =>
            reject(
              refused('Reading the file takes longer than any module does: unpack it, and upload the .ko itself.'),
            ),
          )
        }, readingMsMax)
      } else if (says.kind === 'read') end(() => resolve(says.result))
      else end(() => reject(refused(says.detail)))
    })
    worker.once('error', (error: Error & { code?: string }) => {
      const known = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      end(() => reject(known ? refused('Reading the file takes more memory than any module does.') : error))
    })
    worker.once('exit', () => end(() => reject(new Error('The reading of an upload ended without a word.'))))
  })
