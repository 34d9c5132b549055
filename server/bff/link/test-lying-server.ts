import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { CommandMessage, CommandResult } from '@rebootless/shared/contract/agent-message.ts'
import { ARTEFACTS_PATH, CONNECT_PATH } from '@rebootless/shared/domain/agent-link.ts'
import { type WebSocket, WebSocketServer } from 'ws'
import { publicKeyOf } from '../../signing/ed25519.ts'
import { openCertificateAuthority } from './certificate-authority.ts'
import { eventually } from './link-test-bench.ts'

const ANSWERS_WITHIN_MS = 60_000

/** Whoever has stolen a server's data directory, with every key in it, and says to hosts what he likes. */
export interface LyingServer {
  readonly port: number
  /** The server's own key for commands. */
  readonly key: { readonly privateKey: KeyObject; readonly publicKey: string }
  /** What it gives as the module of a hash. */
  readonly modules: Map<string, Uint8Array>
  linked(): Promise<void>
  /** Says it, and waits for the host's last word on it. */
  endOf(message: CommandMessage): Promise<CommandResult>
  end(): Promise<void>
}

export async function startLyingServer(dataDirectory: string): Promise<LyingServer> {
  const authority = await openCertificateAuthority(dataDirectory, new Date())
  const { certificatePem, privateKeyPem } = await authority.issueServerCertificate(new Date())
  const privateKey = createPrivateKey(await readFile(path.join(dataDirectory, 'command-key.pem')))
  const modules = new Map<string, Uint8Array>()
  const results: CommandResult[] = []
  let link: WebSocket | undefined

  const server = createServer({ cert: certificatePem, key: privateKeyPem, minVersion: 'TLSv1.3' }, (asked, answer) => {
    const module = modules.get(asked.url?.replace(ARTEFACTS_PATH, '') ?? '')
    answer.writeHead(module === undefined ? 404 : 200).end(module)
  })
  const links = new WebSocketServer({ server, path: CONNECT_PATH, perMessageDeflate: false })
  links.on('connection', (socket) => {
    socket.on('message', (data) => {
      const message = JSON.parse(String(data))
      const { type, epoch, sequence, sentAt } = message
      if (type === 'hello') {
        const now = new Date().toISOString()
        const welcome = { type: 'welcome', serverTime: now, helloSentAt: sentAt, heartbeatIntervalMs: 10_000 }
        socket.send(JSON.stringify(welcome))
        link = socket
        return
      }
      if (type === 'result') results.push(message)
      if (type !== 'heartbeat') socket.send(JSON.stringify({ type: 'acknowledged', epoch, sequence }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    port: (server.address() as AddressInfo).port,
    key: { privateKey, publicKey: publicKeyOf(privateKey) },
    modules,
    linked: () => eventually('a link', () => link !== undefined && link.readyState === link.OPEN, ANSWERS_WITHIN_MS),
    async endOf(message) {
      const before = results.length
      link?.send(JSON.stringify(message))
      const { id } = JSON.parse(message.command.payload)
      const end = () => results.slice(before).find(({ commandId, state }) => commandId === id && state !== 'started')
      await eventually(`an end of ${id}`, () => end() !== undefined, ANSWERS_WITHIN_MS)
      return end() as CommandResult
    },
    async end() {
      for (const client of links.clients) client.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
