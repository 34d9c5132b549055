import { realpath } from 'node:fs/promises'
import type { GuardedFetch } from '../outgoing/guarded-fetch.ts'
import { FeedFileError, pathBelow } from './feed-files.ts'
import { DOCUMENT_BYTES_MAX } from './feeds/read-document.ts'
import type { FeedWork } from './read-apart.ts'
import type { StoredOutcome } from './stored-outcome.ts'

/** Of calls for feeds: some are large, and their servers slow. */
export const FEED_FETCH = { timeoutMs: 120_000, answerBytesMax: DOCUMENT_BYTES_MAX } as const

export interface FeedSources {
  /** For large answers. */
  readonly fetch: GuardedFetch
  /** Setting FEEDS_FOLDER; undefined: files and folders are not read. */
  readonly folder: string | undefined
}

export interface FoundSource {
  readonly source: FeedWork['source']
  readonly etag: string | null
  readonly lastModified: string | null
}

export const isAddress = (location: string): boolean => /^https?:\/\//i.test(location)

/** FIRST names each day's file by the day, and the day's own is there late in it. */
const addressOn = (location: string, now: Date): string =>
  location.replaceAll('{yesterday}', new Date(now.getTime() - 24 * 60 * 60_000).toISOString().slice(0, 10))

/**
 * Where a feed's documents are.
 * @returns 'unchanged': the server says that it has nothing new
 * @throws FeedFileError, or DomainError `outgoing_refused` or `outgoing_failed`; each with a sentence
 */
export const findSource = async (
  location: string,
  { fetch, folder }: FeedSources,
  { before, now, signal }: { before: StoredOutcome | null; now: Date; signal: AbortSignal },
): Promise<FoundSource | 'unchanged'> => {
  if (!isAddress(location)) {
    if (folder === undefined) {
      throw new FeedFileError('Files and folders are read below the folder that FEEDS_FOLDER names, and it names none.')
    }
    const real = await realpath(folder).catch(() => {
      throw new FeedFileError('The folder that FEEDS_FOLDER names is not there.')
    })
    return { source: { root: await pathBelow(real, location) }, etag: null, lastModified: null }
  }
  const address = addressOn(location, now)
  const known = before?.shown.result === 'failed' || before?.location !== location ? null : before
  const headers = {
    ...(known?.etag ? { 'if-none-match': known.etag } : {}),
    ...(known?.lastModified ? { 'if-modified-since': known.lastModified } : {}),
  }
  const answer = await fetch(address, { headers, signal })
  if (answer.status === 304) return 'unchanged'
  if (answer.status !== 200) throw new FeedFileError(`The server answered ${answer.status}.`)
  const header = (name: string) => answer.headers.get(name)?.slice(0, 500) ?? null
  return {
    source: { bytes: new Uint8Array(await answer.arrayBuffer()), name: shownAddress(address) },
    ...{ etag: header('etag'), lastModified: header('last-modified') },
  }
}

/** What of an address may stand beside each fact: a query may be somebody's secret. */
const shownAddress = (address: string): string => {
  const url = new URL(address)
  return `${url.origin}${url.pathname}`.slice(0, 500)
}
