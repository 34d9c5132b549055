import { createHash } from 'node:crypto'
import type { AuditHead } from '@rebootless/shared/contract/audit.ts'
import type { Signed } from '@rebootless/shared/contract/signed.ts'
import { createChainCheck } from '@rebootless/shared/domain/audit-verify.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { PAYLOAD_TYPES, type PayloadType } from '@rebootless/shared/domain/signing-bytes.ts'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { KeptHead } from './kept-head.ts'
import { selectHashAt, selectLast, selectLinks, selectNewestHead } from './queries.ts'

export interface HeadSignerOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly log: Pick<Logger, 'error'>
  /** The server's key: bff/link/command-key.ts. */
  readonly sign: (type: PayloadType, payload: string) => Signed
  /** Outside the database, so that a database which was put back or written anew is found. */
  readonly kept: KeptHead
}

export interface HeadSigner {
  /** Verifies what came since the last head, and signs a new one if there is anything new. */
  sign(): Promise<void>
  /** The newest head that was signed or found; null: none yet. */
  newest(): Signed | null
  /** What is wrong with the chain; null: nothing was found. */
  broken(): string | null
}

const LINKS_AT_ONCE = 500
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/**
 * Signs how far the chain goes (threat-model T30), never without having verified it from the head before: a head vouches
 * for everything up to it. What is wrong is logged once, and no head follows.
 */
export const createHeadSigner = ({ database, clock, log, sign, kept }: HeadSignerOptions): HeadSigner => {
  let newest: Signed | null = null
  let broken: string | null = null

  const fail = (detail: string): void => {
    if (broken !== detail) log.error({ detail }, 'the audit log is not what was signed: no further head is signed')
    broken = detail
  }

  /** The faults between a head and the last link; undefined: none. */
  const faultSince = async (head: { sequence: number; hash: string } | undefined, to: number) => {
    const check = createChainCheck(sha256, [], head)
    for (let from = (head?.sequence ?? 0) + 1; from <= to; ) {
      const links = await selectLinks(database, from, LINKS_AT_ONCE, to)
      await check.take(links)
      const last = links.at(-1)
      if (last === undefined || check.faults.length > 0) break
      from = last.sequence + 1
    }
    return { fault: check.faults[0]?.detail, hash: check.last.hash }
  }

  return {
    newest: () => newest,
    broken: () => broken,
    async sign() {
      const last = await selectLast(database)
      const stored = await selectNewestHead(database)
      const ours = await kept.read()
      for (const head of [ours, stored]) {
        if (head === undefined) continue
        const hash = await selectHashAt(database, head.sequence)
        if (hash === head.hash) continue
        return fail(
          hash === undefined
            ? `The log ends at entry ${last.sequence}, and was signed at ${head.sequence}: the end was removed, or an older database put back. ` +
                `If that was you, remove ${kept.path} and start again.`
            : `Entry ${head.sequence} is not the one that was signed: the log was written anew.`,
        )
      }
      newest = stored?.signed ?? null
      // Ours may be the newer where another backend's head was removed; what lies between is verified again then.
      if (last.sequence === (stored?.sequence ?? 0)) {
        broken = null
        return
      }
      const { fault, hash } = await faultSince(stored, last.sequence)
      if (fault !== undefined) return fail(fault)
      broken = null
      const at = clock.now()
      const head: AuditHead = { version: 1, sequence: last.sequence, hash, at: at.toISOString() }
      const signed = sign(PAYLOAD_TYPES.auditHead, canonicalJson(head))
      const [signature] = signed.signatures
      if (signature === undefined) throw new Error('a head without a signature')
      await database
        .insertInto('audit_heads')
        .values({
          sequence: head.sequence,
          hash,
          signed_at: at,
          payload: signed.payload,
          public_key: signature.publicKey,
          signature: signature.signature,
        })
        // Another backend was first: its head says the same.
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      await kept.write({ sequence: head.sequence, hash })
      newest = signed
    },
  }
}
