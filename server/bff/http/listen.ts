import { readFileSync } from 'node:fs'
import { createServer, type Server, type ServerOptions } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Express } from 'express'
import { PROBLEM_MEDIA_TYPE } from '../problem-json.ts'
import { type BackendSettings, SettingsError } from '../settings.ts'

const DRAIN_MS = 5_000

interface BareProblem {
  readonly status: number
  readonly phrase: string
  readonly type: string
  readonly title: string
  readonly detail: string
}

const NOT_HTTP: BareProblem = {
  ...{ status: 400, phrase: 'Bad Request', type: '/problems/query_invalid', title: 'The request is not valid' },
  detail: 'This is not HTTP as this server reads it.',
}
/** By Node's code. */
const BARE_PROBLEMS: Readonly<Record<string, BareProblem>> = {
  HPE_HEADER_OVERFLOW: {
    ...{ status: 431, phrase: 'Request Header Fields Too Large', type: '/problems/uri_too_long' },
    ...{ title: 'The request head is too large', detail: 'Address and headers are too long: send less.' },
  },
  // Without a type of its own it has the title of its status (RFC 9457, section 4.2.1).
  ERR_HTTP_REQUEST_TIMEOUT: {
    ...{ status: 408, phrase: 'Request Timeout', type: 'about:blank', title: 'Request Timeout' },
    detail: 'The request took longer to arrive than this server waits.',
  },
}

/** Answers what never became a request: it cannot be read as HTTP, is too large, or does not come to an end. */
const refuseClient = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const { phrase, ...problem } = BARE_PROBLEMS[error.code ?? ''] ?? NOT_HTTP
  const body = JSON.stringify({ ...problem, requestId: 'none' })
  socket.end(
    `HTTP/1.1 ${problem.status} ${phrase}\r\nContent-Type: ${PROBLEM_MEDIA_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n${body}`,
  )
}

/** @throws SettingsError when certificate and key cannot be read or do not belong together */
const createSecureServer = (
  { certificatePath, keyPath }: NonNullable<BackendSettings['tls']>,
  limits: ServerOptions,
  app: Express,
): Server => {
  try {
    const files = { cert: readFileSync(certificatePath), key: readFileSync(keyPath) }
    return createTlsServer({ ...limits, ...files, minVersion: 'TLSv1.2' }, app)
  } catch (error) {
    throw new SettingsError(
      `TLS_CERTIFICATE and TLS_KEY can't be used (${error instanceof Error ? error.message : error}). ` +
        'They are paths of a PEM certificate and of its key, readable by this user.',
    )
  }
}

/** @throws SettingsError when the files of `tls` cannot be used */
export const createHttpServer = (app: Express, { tls }: Pick<BackendSettings, 'tls'>): Server => {
  const times = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 10_000 }
  // Node looks for those that are over only so often; its own 30 s would make of 10 s up to 40 (http.createServer).
  const limits = { ...times, maxHeaderSize: 16_384, connectionsCheckingInterval: 2_000 }
  const server = tls === undefined ? createServer(limits, app) : createSecureServer(tls, limits, app)
  // A client that takes nothing of its answer for so long is gone or means harm; event streams speak every 15 s (T09).
  server.timeout = 60_000
  server.on('clientError', refuseClient)
  return server
}

/** @throws SettingsError when the address cannot be had, with what to do */
export const listen = (server: Server, { host, port }: Pick<BackendSettings, 'host' | 'port'>): Promise<number> =>
  new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => {
      const where = `${host}:${port}`
      const reasons: Record<string, string> = {
        EADDRINUSE: `Port ${port} of ${host} is taken: end the program that holds it, or set PORT to another.`,
        EACCES: `This user may not listen on ${where}: set PORT to 1024 or more.`,
        EADDRNOTAVAIL: `HOST=${host} is no address of this machine: set one that it has.`,
        ENOTFOUND: `HOST=${host} is not known: set an address of this machine.`,
      }
      reject(new SettingsError(reasons[error.code ?? ''] ?? `Cannot listen on ${where}: ${error.message}`))
    }
    server.once('error', refuse)
    server.listen(port, host, () => {
      server.off('error', refuse)
      resolve((server.address() as AddressInfo).port)
    })
  })

/** Stops accepting and waits for the requests under way, so long and no longer. */
export const drain = async (server: Server): Promise<void> => {
  if (!server.listening) return
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const cancel = new AbortController()
  await Promise.race([closed, sleep(DRAIN_MS, undefined, { signal: cancel.signal }).catch(() => undefined)])
  cancel.abort()
  server.closeAllConnections()
  await closed
}
