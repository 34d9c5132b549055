import { createSecureContext, type SecureContext } from 'node:tls'
import { FRAME_BYTES_MAX } from '@rebootless/shared/contract/agent-message.ts'
import { CONNECT_PATH, SERVER_NAME } from '@rebootless/shared/domain/agent-link.ts'
import WebSocket, { type ClientOptions } from 'ws'
import { type AgentIdentity, authoritiesOf } from './identity.ts'
import { addressOf } from './server-address.ts'

/** A fleet that comes back together is let in one after the other: who gives up his place begins again at the end. */
export const LET_IN_MS_MAX = 45_000

/** Reading key and certificates costs more than the handshake, and a link that is not let in is tried often. */
const contexts = new WeakMap<AgentIdentity, SecureContext>()
const contextOf = (identity: AgentIdentity): SecureContext => {
  const known = contexts.get(identity)
  if (known !== undefined) return known
  const context = createSecureContext({
    key: identity.privateKey,
    cert: identity.certificate,
    ca: authoritiesOf(identity),
    minVersion: 'TLSv1.3',
  })
  contexts.set(identity, context)
  return context
}

/**
 * Opens the link: TLS 1.3, our certificate, and a server that must prove the fixed name under the pinned authority,
 * whatever address was dialled (threat-model T16). No redirects, no compression (T20).
 */
export const dial = (identity: AgentIdentity): WebSocket => {
  const { host, port } = addressOf(identity.server)
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  // `servername` and `secureContext` reach tls.connect() by ws, whose types leave them out.
  const options: ClientOptions & { servername: string; secureContext: SecureContext } = {
    secureContext: contextOf(identity),
    servername: SERVER_NAME,
    rejectUnauthorized: true,
    followRedirects: false,
    perMessageDeflate: false,
    maxPayload: FRAME_BYTES_MAX,
    handshakeTimeout: LET_IN_MS_MAX,
  }
  return new WebSocket(`wss://${authority}${CONNECT_PATH}`, options)
}
