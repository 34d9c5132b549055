import { createECDH, randomBytes } from 'node:crypto'

/** A browser's own keys (RFC 8291, 3), of which it gives away the public half and the secret. */
export const newBrowserKeys = () => {
  const ecdh = createECDH('prime256v1')
  ecdh.generateKeys()
  const auth = randomBytes(16)
  return {
    ...{ ecdh, auth },
    keys: { p256dh: ecdh.getPublicKey('base64url'), auth: auth.toString('base64url') },
  }
}
