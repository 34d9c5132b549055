import type { AuditHead, AuditLink } from '@rebootless/shared/contract/audit.ts'
import type { AuditHeads } from '@rebootless/shared/contract/audit-api.ts'
import type { Signed } from '@rebootless/shared/contract/signed.ts'
import { type ChainFault, createChainCheck } from '@rebootless/shared/domain/audit-verify.ts'
import { PAYLOAD_TYPES, signingBytes } from '@rebootless/shared/domain/signing-bytes.ts'

export interface LogSource {
  heads(): Promise<AuditHeads>
  /** Links from a sequence on, oldest first; none: the end. */
  chain(from: number): Promise<readonly AuditLink[]>
}

export interface Verdict {
  readonly entries: number
  /** The newest head by the server's present key. */
  readonly head: { readonly sequence: number; readonly at: string } | null
  readonly publicKey: string
  /** False: this browser knows no Ed25519, so heads were compared and their signatures were not. */
  readonly signaturesChecked: boolean
  /** Empty: sound. */
  readonly faults: readonly ChainFault[]
  /** A head whose signature is not good. */
  readonly forgedHeads: number
  /** What the server itself found wrong. */
  readonly broken: string | null
  readonly roleOwnsLog: boolean
}

const encoder = new TextEncoder()

const sha256 = async (text: string): Promise<string> => {
  const digest = await crypto.subtle.digest('SHA-256', encoder.encode(text))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))

/** Whether every signature of a head is good; undefined where the browser cannot tell (RFC 8032 in Web Cryptography). */
const isSigned = async ({ payload, signatures }: Signed): Promise<boolean | undefined> => {
  for (const { publicKey, signature } of signatures) {
    let key: CryptoKey
    try {
      key = await crypto.subtle.importKey('raw', bytesOf(publicKey), 'Ed25519', false, ['verify'])
    } catch {
      return undefined
    }
    const bytes = new Uint8Array(signingBytes(PAYLOAD_TYPES.auditHead, payload))
    if (!(await crypto.subtle.verify('Ed25519', key, bytesOf(signature), bytes))) return false
  }
  return signatures.length > 0
}

/**
 * Verifies the whole log here, from what the server holds: every hash is computed anew, and every head that it signed must
 * lie on the chain (threat-model T30).
 * @throws when the source does, or `signal` is aborted
 */
export const verifyLog = async (
  source: LogSource,
  onProgress: (done: number, last: number) => void,
  signal: AbortSignal,
): Promise<Verdict> => {
  const { heads: signed, last, publicKey, broken, roleOwnsLog } = await source.heads()
  const heads: AuditHead[] = []
  let head: AuditHead | null = null
  let signaturesChecked = true
  let forgedHeads = 0
  for (const one of signed) {
    const good = await isSigned(one)
    if (good === false) {
      forgedHeads += 1
      continue
    }
    if (good === undefined) signaturesChecked = false
    const said: AuditHead = JSON.parse(one.payload)
    heads.push(said)
    if (one.signatures.some((signature) => signature.publicKey === publicKey)) head = said
  }
  const check = createChainCheck(sha256, heads)
  for (;;) {
    signal.throwIfAborted()
    const links = await source.chain(check.last.sequence + 1)
    if (links.length === 0) break
    await check.take(links)
    onProgress(check.count, Math.max(last, check.count))
  }
  check.end()
  const { count: entries, faults } = check
  return { entries, head, publicKey, signaturesChecked, faults, forgedHeads, broken, roleOwnsLog }
}
