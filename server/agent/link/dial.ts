import { FRAME_BYTES_MAX } from '@rebootless/shared/contract/agent-message.ts'
import { CONNECT_PATH, SERVER_NAME } from '@rebootless/shared/domain/agent-link.ts'
import { type ClientOptions, WebSocket } from 'ws'
import { type AgentIdentity, authoritiesOf } from './identity.ts'
import { addressOf } from './server-address.ts'

/**
 * Opens the link: TLS 1.3, our certificate, and a server that must prove the fixed name under the pinned authority,
 * whatever address was dialled (threat-model T16). No redirects, no compression (T20).
 */
export const dial = (identity: AgentIdentity): WebSocket => {
  const { host, port } = addressOf(identity.server)
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  // `servername` reaches tls.connect() by ws, whose types leave it out.
  const options: ClientOptions & { servername: string } = {
    key: identity.privateKey,
    cert: identity.certificate,
    ca: authoritiesOf(identity),
    servername: SERVER_NAME,
    minVersion: 'TLSv1.3',
    rejectUnauthorized: true,
    followRedirects: false,
    perMessageDeflate: false,
    maxPayload: FRAME_BYTES_MAX,
    handshakeTimeout: 15_000,
  }
  return new WebSocket(`wss://${authority}${CONNECT_PATH}`, options)
}
