import type { KeySignature } from '../contract/signed.ts'

const KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/
const SIGNATURE = /^[A-Za-z0-9+/]{85}[AQgw]==$/

export const isPublicKey = (text: string): boolean => KEY.test(text)

/**
 * What `rebootless approve` or `sign-patch` printed, as somebody pasted it: with lines of the terminal around it, and broken where the
 * terminal broke it. Null: there is no signature in it.
 */
export const readSignature = (pasted: string): KeySignature | null => {
  const joined = pasted.replace(/\s+/g, '')
  const field = (name: string) => new RegExp(`"${name}":"([^"]*)"`).exec(joined)?.[1] ?? ''
  const found = { publicKey: field('publicKey'), signature: field('signature') }
  return KEY.test(found.publicKey) && SIGNATURE.test(found.signature) ? found : null
}
