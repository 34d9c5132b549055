import { gunzipSync } from 'node:zlib'
import type { FeedKind } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { readCsaf } from './csaf.ts'
import { readCveJson } from './cve-json.ts'
import { readDebianTracker } from './debian-tracker.ts'
import { type DocumentReader, type ReadDocument, UnreadableDocument } from './document.ts'
import { readEpss } from './epss.ts'
import { readKev } from './kev.ts'
import { readOpenVex } from './openvex.ts'
import { readOsv } from './osv.ts'
import { readRebootless } from './rebootless.ts'
import { readRedHatApi } from './redhat-api.ts'
import { readUbuntuLsn } from './ubuntu-lsn.ts'

/** The tracker's export has 70 MB and more. */
export const DOCUMENT_BYTES_MAX = 128 * 1024 * 1024

const READERS: Readonly<Record<FeedKind, { readonly read: DocumentReader; readonly names: RegExp }>> = {
  cve_json: { read: readCveJson, names: /(^|\/)CVE-[\d-]+\.(json|dyad|cvss)(\.gz)?$/ },
  osv: { read: readOsv, names: /\.json(\.gz)?$/ },
  csaf: { read: readCsaf, names: /\.json(\.gz)?$/ },
  openvex: { read: readOpenVex, names: /\.json(\.gz)?$/ },
  debian_tracker: { read: readDebianTracker, names: /(\.json(\.gz)?|(^|\/)list)$/ },
  redhat_api: { read: readRedHatApi, names: /\.json(\.gz)?$/ },
  ubuntu_lsn: { read: readUbuntuLsn, names: /(^|\/)LSN-[\d-]+\.json(\.gz)?$/ },
  kev: { read: readKev, names: /\.json(\.gz)?$/ },
  epss: { read: readEpss, names: /\.csv(\.gz)?$/ },
  rebootless: { read: readRebootless, names: /\.jsonl(\.gz)?$/ },
}

/** Which files of a folder are documents of a feed of this kind, by their names below it. */
export const isDocumentOf = (kind: FeedKind, name: string): boolean => READERS[kind].names.test(name)

/**
 * One document, gzip or not: what it says, and what of it could not be read. Never throws: what is hostile or broken is told as a
 * trouble, in a sentence.
 */
export const readDocument = (kind: FeedKind, bytes: Uint8Array, name: string): ReadDocument => {
  try {
    return READERS[kind].read(new TextDecoder().decode(unpacked(bytes)), name.replace(/\.gz$/, ''))
  } catch (error) {
    const sentence =
      error instanceof UnreadableDocument
        ? error.message
        : `It could not be read: ${error instanceof Error ? error.name : 'unknown'}.`
    return { statements: [], notices: [], troubles: [sentence] }
  }
}

const unpacked = (bytes: Uint8Array): Uint8Array => {
  if (bytes.byteLength > DOCUMENT_BYTES_MAX) throw new UnreadableDocument(TOO_LARGE)
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: DOCUMENT_BYTES_MAX })
  } catch (error) {
    const isLarge = error instanceof RangeError
    throw new UnreadableDocument(isLarge ? TOO_LARGE : 'It is packed by gzip, and the packing is broken.')
  }
}
const TOO_LARGE = `It is larger than ${DOCUMENT_BYTES_MAX / 1024 / 1024} MiB.`
