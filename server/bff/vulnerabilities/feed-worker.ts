/** Reads the documents of one feed and hands over rows, a batch at a time. Started by read-apart.ts, in a thread that can be killed. */
import { parentPort, workerData } from 'node:worker_threads'
import { nameInside, openArchive } from './archive.ts'
import { FeedFileError, isArchiveName, listFeedFiles, readFeedFile } from './feed-files.ts'
import { mergeNotices, noticeHash, type StatementRow, statementHash } from './feed-rows.ts'
import type { ReadNotice } from './feeds/document.ts'
import { isDocumentOf, readDocument } from './feeds/read-document.ts'
import type { FeedWork, WorkerSays } from './read-apart.ts'

const BATCH = 1_000
const { kind, source, only } = workerData as FeedWork
const wanted = only === null ? null : new Set(only)

let taken: () => void = () => undefined
parentPort?.on('message', () => taken())
/** Hands something over, and waits until it was taken: rows must not pile up between two threads. */
const say = (message: WorkerSays): Promise<void> =>
  new Promise((resolve) => {
    taken = resolve
    parentPort?.postMessage(message)
  })

const notices = new Map<string, { read: ReadNotice; document: string }>()
let batch: StatementRow[] = []

const take = async (bytes: Uint8Array, name: string) => {
  const read = readDocument(kind, bytes, name)
  const isUnread = read.troubles.length > 0 && read.statements.length + read.notices.length === 0
  for (const { cve, statement, publishedOn, document = name } of read.statements) {
    if (wanted !== null && !wanted.has(cve)) continue
    const body = JSON.stringify(statement)
    batch.push({ cve, kind: statement.kind, hash: statementHash(statement, body), body, document, publishedOn })
    if (batch.length === BATCH) await flush()
  }
  for (const one of read.notices) {
    const before = notices.get(one.notice.notice)
    notices.set(one.notice.notice, {
      read: before === undefined ? one : mergeNotices(before.read, one),
      document: before?.document ?? one.document ?? name,
    })
  }
  await say({ type: 'document', name, troubles: read.troubles, isUnread })
}

/** An archive that breaks ends the reading: what the rest of it said before must not count as said no more. */
const takeAll = async (bytes: Uint8Array, name: string) => {
  const archive = await openArchive(bytes, (inner) => isDocumentOf(kind, inner))
  if (archive === null) return take(bytes, name)
  for await (const inner of archive) await take(inner.bytes, nameInside(name, inner.name))
}

const flush = async () => {
  const rows = batch
  batch = []
  if (rows.length > 0) await say({ type: 'statements', rows })
}

const trouble = (error: unknown) =>
  error instanceof FeedFileError ? error.message : 'The file could not be read: see that this server may read it.'

if ('bytes' in source) await takeAll(source.bytes, source.name)
else {
  for (const file of await listFeedFiles(source.root, kind)) {
    const bytes = await readFeedFile(file.path).catch((error: unknown) => trouble(error))
    if (typeof bytes === 'string' && isArchiveName(file.name)) throw new FeedFileError(bytes)
    if (typeof bytes === 'string') await say({ type: 'document', name: file.name, troubles: [bytes], isUnread: true })
    else await takeAll(bytes, file.name)
  }
}
await flush()
for (const { read, document } of notices.values()) {
  const body = JSON.stringify(read.notice)
  const { notice, cves } = read.notice
  await say({
    type: 'notice',
    row: { notice, cves, hash: noticeHash(body), body, document, publishedOn: read.publishedOn },
  })
}
await say({ type: 'end' })
parentPort?.close()
