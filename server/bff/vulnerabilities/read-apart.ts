import { Worker } from 'node:worker_threads'
import type { FeedKind } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { FeedFileError } from './feed-files.ts'
import type { NoticeRow, StatementRow } from './feed-rows.ts'

export interface FeedWork {
  readonly kind: FeedKind
  readonly source: { readonly bytes: Uint8Array; readonly name: string } | { readonly root: string }
  /** Of these CVEs alone; null: of all. */
  readonly only: readonly string[] | null
}

export type WorkerSays =
  | { readonly type: 'statements'; readonly rows: StatementRow[] }
  | { readonly type: 'notice'; readonly row: NoticeRow }
  /** `isUnread`: nothing of it could be read. */
  | { readonly type: 'document'; readonly name: string; readonly troubles: string[]; readonly isUnread: boolean }
  | { readonly type: 'end' }

/** A feed of 60,000 files takes minutes on a slow disk. */
const READING_MS_MAX = 30 * 60_000
/** Debian's export, parsed, takes some 500 MiB. */
const LIMITS = { maxOldGenerationSizeMb: 1_536, stackSizeMb: 4 }

/**
 * Reads a feed in a thread of its own, so that no page waits for it, with limits: what somebody made to be read for ever ends.
 * @throws FeedFileError in a sentence, or what `take` throws
 */
export const readFeedApart = (
  work: FeedWork,
  take: (said: WorkerSays) => void,
  { signal, readingMsMax = READING_MS_MAX }: { signal: AbortSignal; readingMsMax?: number },
): Promise<void> =>
  new Promise<void>((resolve, reject) => {
    // Beside the program where that is built (server/build/build-server.ts).
    const worker = new Worker(new URL('./feed-worker.mjs', import.meta.url), {
      workerData: work,
      resourceLimits: LIMITS,
    })
    let ended = false
    const end = (settle: () => void) => {
      if (ended) return
      ended = true
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      worker.terminate().then(settle, settle)
    }
    const fail = (error: unknown) => end(() => reject(error))
    const stop = () => fail(new FeedFileError('The reading was ended before its time.'))
    const timer = setTimeout(() => fail(new FeedFileError('Reading it takes longer than any feed does.')), readingMsMax)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
    worker.on('message', (said: WorkerSays) => {
      if (ended) return
      try {
        take(said)
      } catch (error) {
        fail(error)
        return
      }
      if (said.type === 'end') end(resolve)
      else worker.postMessage('more')
    })
    worker.once('error', (error: Error & { code?: string }) => {
      fail(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? new FeedFileError('Reading it takes more memory than any feed does.')
          : error.name === 'Error' && error.message.endsWith('.')
            ? new FeedFileError(error.message)
            : error,
      )
    })
    worker.once('exit', () => fail(new Error('The reading of a feed ended without a word.')))
  })
