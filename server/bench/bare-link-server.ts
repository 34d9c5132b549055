/**
 * A process of `npm run bench -- links`: bare `ws` over mutual TLS that welcomes whoever has a certificate, pings as often as the agent
 * server does, and keeps nothing. Its parent sends key and certificates, and is answered with the port.
 */
import { constants } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { AgentMessage, HEARTBEAT_INTERVAL_MS, type ServerMessage } from '@rebootless/shared/contract/agent-message.ts'
import { WebSocketServer } from 'ws'

export interface BareLinkCredentials {
  readonly key: string
  readonly cert: string
  readonly ca: readonly string[]
}

const PING_EVERY_MS = 10_000

process.once('message', (message) => {
  const { key, cert, ca } = message as BareLinkCredentials
  const tls = { key, cert, minVersion: 'TLSv1.3', secureOptions: constants.SSL_OP_NO_TICKET } as const
  const server = createServer({ ...tls, ca: [...ca], requestCert: true, rejectUnauthorized: true })
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  sockets.on('connection', (socket) => {
    const pinging = setInterval(() => socket.ping(), PING_EVERY_MS)
    socket.on('close', () => clearInterval(pinging))
    socket.on('message', (data) => {
      const message = AgentMessage.parse(JSON.parse(String(data)))
      if (message.type === 'heartbeat') return
      const { epoch, sequence } = message
      const answer: ServerMessage =
        message.type === 'hello'
          ? {
              ...{ type: 'welcome', serverTime: new Date().toISOString(), helloSentAt: message.sentAt },
              ...{ heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS, epochSeen: null },
            }
          : { type: 'acknowledged', epoch, sequence }
      socket.send(JSON.stringify(answer))
    })
  })
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
})
process.once('disconnect', () => process.exit(0))
