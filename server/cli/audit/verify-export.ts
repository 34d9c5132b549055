import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { AuditExportLine } from '@rebootless/shared/contract/audit-api.ts'
import { type PublicKey, Sha256, Signed } from '@rebootless/shared/contract/signed.ts'
import { createChainCheck } from '@rebootless/shared/domain/audit-verify.ts'
import * as z from 'zod'
import { verifiedHead } from './signed-head.ts'

interface Place {
  readonly sequence: number
  readonly hash: string
}

export interface Verification {
  readonly entries: number
  readonly heads: number
  /** The newest head whose signature is good, and when it was signed. */
  readonly newest: { readonly sequence: number; readonly at: string } | undefined
  /** What is wrong with the log, in sentences; empty: nothing. */
  readonly faults: readonly string[]
}

/** The file is no export, or not a whole one: nothing can be said of the log. */
export class ExportUnusableError extends Error {}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** @throws ExportUnusableError with the line */
async function* linesOf(file: string): AsyncGenerator<AuditExportLine> {
  let number = 0
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1
    let line: AuditExportLine
    try {
      line = AuditExportLine.parse(JSON.parse(text))
    } catch {
      throw new ExportUnusableError(
        `Line ${number} is none of an export: the file is damaged, or another kind of file.`,
      )
    }
    if ((line.kind === 'start') !== (number === 1)) {
      throw new ExportUnusableError(`Line ${number} does not stand where it belongs: the file is damaged.`)
    }
    yield line
  }
}

/**
 * Verifies an export by itself, or by a key and by heads that were kept elsewhere. Reads the file twice, since heads come
 * after the entries, and keeps no entry.
 * @throws ExportUnusableError
 */
export const verifyExport = async (
  file: string,
  given: { readonly publicKey: PublicKey; readonly heads: readonly Place[] },
): Promise<Verification> => {
  const faults: string[] = []
  const heads: (Place & { at: string })[] = []
  let counted = { entries: 0, heads: 0 }
  let end: { entries: number; heads: number } | undefined
  for await (const line of linesOf(file)) {
    if (end !== undefined) throw new ExportUnusableError('The file goes on after its end: it is damaged.')
    if (line.kind === 'entry') counted = { ...counted, entries: counted.entries + 1 }
    else if (line.kind === 'end') end = line
    else if (line.kind === 'head') {
      counted = { ...counted, heads: counted.heads + 1 }
      const head = verifiedHead(line.head, given.publicKey)
      if (head === undefined) faults.push(`Head ${counted.heads} of the file is not signed by this key: it was forged.`)
      else heads.push(head)
    }
  }
  if (end === undefined) throw new ExportUnusableError('The file has no end: it was cut off. Export it again.')
  if (end.heads > counted.heads) faults.push(`${end.heads - counted.heads} of ${end.heads} signed heads were removed.`)

  const check = createChainCheck(sha256, [...heads, ...given.heads])
  for await (const line of linesOf(file)) if (line.kind === 'entry') await check.take([line])
  check.end()
  faults.push(...check.faults.map(({ detail }) => detail))
  if (end.entries !== counted.entries && check.faults.length === 0) {
    faults.push(`The file was made with ${end.entries} entries and holds ${counted.entries}.`)
  }
  return { ...counted, newest: heads.at(-1), faults }
}

/** The key that an export names: as good as the file. @throws ExportUnusableError */
export const keyOf = async (file: string): Promise<PublicKey> => {
  for await (const line of linesOf(file)) if (line.kind === 'start') return line.publicKey
  throw new ExportUnusableError('The file is empty.')
}

const Kept = z.union([Signed, z.array(Signed).min(1), z.strictObject({ sequence: z.int().min(1), hash: Sha256 })])
const KEPT_BYTES_MAX = 64 * 1024

/**
 * Heads that were kept elsewhere: the `audit-head.json` of a host's agent or of the server, or an older export.
 * @throws ExportUnusableError when none of them is signed by this key
 */
export const readHeads = async (file: string, publicKey: PublicKey): Promise<Place[]> => {
  const places: Place[] = []
  const take = (signed: Signed) => {
    const head = verifiedHead(signed, publicKey)
    if (head !== undefined) places.push(head)
  }
  const text = (await stat(file)).size > KEPT_BYTES_MAX ? '' : await readFile(file, 'utf8')
  const kept = Kept.safeParse(jsonOf(text))
  if (kept.success && 'sequence' in kept.data) return [kept.data]
  if (kept.success) for (const signed of [kept.data].flat() as Signed[]) take(signed)
  else for await (const line of linesOf(file)) if (line.kind === 'head') take(line.head)
  if (places.length === 0) throw new ExportUnusableError(`${file} holds no head that is signed by this key.`)
  return places
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
