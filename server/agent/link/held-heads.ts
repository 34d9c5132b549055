import { join } from 'node:path'
import { AuditHead } from '@rebootless/shared/contract/audit.ts'
import { type PublicKey, Signed } from '@rebootless/shared/contract/signed.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import * as z from 'zod'
import { checkServer, parseSigned } from '../commands/signatures.ts'
import { readIfThere, replaceFile } from './durable-file.ts'
import { readIdentity } from './identity.ts'

/** The newest, and of those before it one a day; the oldest goes first. */
const HELD_MAX = 16
const DAY_MS = 24 * 60 * 60_000

const Held = z.array(Signed)

/** Of the server's audit log, oldest first, so that who rewrites the log is found (threat-model T30). */
const pathOf = (dataDirectory: string) => join(dataDirectory, 'audit-head.json')

/** None when the file is lost or damaged: it is a witness, and nothing hangs on it. */
export const readHeldHeads = async (dataDirectory: string): Promise<Signed[]> => {
  try {
    return Held.parse(JSON.parse((await readIfThere(pathOf(dataDirectory))) ?? '[]'))
  } catch {
    return []
  }
}

/**
 * Keeps a head that the server's key signed and that reaches further than those that are held.
 * @returns why it was not kept; undefined: it was, or it is no news
 */
export const holdHead = async (
  dataDirectory: string,
  head: Signed,
  commandKey: PublicKey | undefined,
): Promise<string | undefined> => {
  const refusal = checkServer(head, PAYLOAD_TYPES.auditHead, commandKey)
  if (refusal !== null) return refusal.detail
  const said = parseSigned(head, AuditHead)
  if (!said.ok) return said.detail
  const held = await readHeldHeads(dataDirectory)
  const last = held.at(-1)
  const before = last === undefined ? undefined : parseSigned(last, AuditHead)
  if (before?.ok === true && before.value.sequence >= said.value.sequence) {
    const same = before.value.sequence > said.value.sequence || before.value.hash === said.value.hash
    return same ? undefined : `The server signed two heads of its audit log at entry ${said.value.sequence}.`
  }
  const kept = isWithinADay(held.at(-2), last) ? held.slice(0, -1) : held
  await replaceFile(pathOf(dataDirectory), `${JSON.stringify([...kept, head].slice(-HELD_MAX))}\n`, { durable: false })
  return undefined
}

const isWithinADay = (one: Signed | undefined, later: Signed | undefined): boolean => {
  const [from, to] = [one, later].map((head) => (head === undefined ? undefined : parseSigned(head, AuditHead)))
  return from?.ok === true && to?.ok === true && Date.parse(to.value.at) - Date.parse(from.value.at) < DAY_MS
}

/** Holds a head that the server gave, by the key that it enrolled with; what stands in the way is a warning. */
export const takeHead = async (dataDirectory: string, head: Signed, warn: (text: string) => void): Promise<void> => {
  try {
    const refusal = await holdHead(dataDirectory, head, (await readIdentity(dataDirectory))?.commandKey)
    if (refusal !== undefined) warn(`a head of the server's audit log was not kept: ${refusal}`)
  } catch (error) {
    warn(`a head of the server's audit log was not kept: ${String(error)}`)
  }
}
