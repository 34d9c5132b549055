import type { PublicKey, Signed } from '@rebootless/shared/contract/signed.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import type { CommandRefusal } from '@rebootless/shared/domain/command-refusals.ts'
import type { PayloadType } from '@rebootless/shared/domain/signing-bytes.ts'
import type { z } from 'zod'
import { isSigned } from '../../signing/ed25519.ts'

export interface Refused {
  readonly ok: false
  readonly code: CommandRefusal
  readonly detail: string
}
export const refused = (code: CommandRefusal, detail: string): Refused => ({ ok: false, code, detail })

/** Exactly one signature, by the server's key that came with this host's identity. */
export const checkServer = (signed: Signed, type: PayloadType, commandKey: PublicKey | undefined): Refused | null => {
  if (commandKey === undefined) return refused('server_key_unknown', 'No server key came with the identity.')
  if (signed.type !== type) return refused('type_wrong', `Signed was ${signed.type}, not ${type}.`)
  const [signature, ...more] = signed.signatures
  if (signature === undefined || more.length > 0) {
    return refused('server_signature', `One signature is wanted, and there are ${signed.signatures.length}.`)
  }
  if (signature.publicKey !== commandKey)
    return refused('server_signature', 'Another key than the server’s has signed.')
  return isSigned(signature, type, signed.payload)
    ? null
    : refused('server_signature', 'The signature does not fit the text.')
}

/**
 * Parses a text whose signatures are good. There is one text for each value: canonical JSON, so that nothing can stand
 * twice, in another order, or behind the end, and no half of a surrogate pair, which UTF-8 cannot tell from U+FFFD.
 */
export const parseSigned = <T>(
  { payload }: Signed,
  schema: z.ZodType<T>,
): { readonly ok: true; readonly value: T } | Refused => {
  try {
    const json: unknown = JSON.parse(payload)
    if (canonicalJson(json) !== payload || Buffer.from(payload).toString() !== payload) {
      return refused('not_canonical', 'The text is not the canonical JSON of what it says.')
    }
    const parsed = schema.safeParse(json)
    if (parsed.success) return { ok: true, value: parsed.data }
    const issue = parsed.error.issues[0]
    return refused('malformed', `${issue?.path.join('.') || 'The text'}: ${issue?.message ?? 'not valid'}`)
  } catch {
    return refused('malformed', 'The text is not JSON.')
  }
}
