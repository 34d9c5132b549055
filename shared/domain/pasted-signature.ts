import type { KeySignature } from '../contract/signed.ts'

const KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/
const SIGNATURE = /^[A-Za-z0-9+/]{85}[AQgw]==$/

export const isPublicKey = (text: string): boolean => KEY.test(text)

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Whether a text is of the contract's KeySignature, without the weight of a schema in the browser. */
const isSignature = ({ publicKey, signature }: KeySignature): boolean =>
  KEY.test(publicKey) && SIGNATURE.test(signature)

/**
 * What `rebootless approve` or `sign-patch` printed, as somebody pasted it: with lines of the terminal around it, and broken where the
 * terminal broke it. Null: there is no signature in it.
 */
export const readSignature = (pasted: string): KeySignature | null => {
  const joined = pasted.replace(/\s+/g, '')
  const field = (name: string) => new RegExp(`"${name}":"([^"]*)"`).exec(joined)?.[1] ?? ''
  const found = { publicKey: field('publicKey'), signature: field('signature') }
  return isSignature(found) ? found : null
}

/**
 * The same of several texts, each named: what `approve` printed of a rollout. Null: there are none in it, or one of them is
 * spoilt, since all are handed in or none.
 */
export const readSignatures = (pasted: string): (KeySignature & { authorisation: string })[] | null => {
  const list = /\{"signatures":\[(.+?)\]\}/.exec(pasted.replace(/\s+/g, ''))?.[1]
  if (list === undefined) return null
  const signatures = list.split('},{').map((one) => {
    const field = (name: string) => new RegExp(`"${name}":"([^"]*)"`).exec(one)?.[1] ?? ''
    return { authorisation: field('authorisation'), publicKey: field('publicKey'), signature: field('signature') }
  })
  return signatures.every((one) => UUID.test(one.authorisation) && isSignature(one)) ? signatures : null
}
