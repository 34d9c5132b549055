import { existsSync, readFileSync } from 'node:fs'
import { type ClientRequest, request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { rootCertificates } from 'node:tls'
import { CommandFailure } from '../run-command.ts'

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** Nobody answered: another try may help. */
export class UnreachableError extends CommandFailure {}

export type Transport = (
  method: string,
  target: string,
  init: { readonly headers: Readonly<Record<string, string>>; readonly body?: string | undefined },
) => Promise<Reply>

/** Texts of a rollout of ten thousand hosts are a few megabytes. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024
const PATIENCE_MS = 60_000

/** Where distributions keep what the machine trusts; Node reads none of them by itself. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

const trusted = (): string[] => {
  const bundle = BUNDLES.find(existsSync)
  return bundle === undefined ? [...rootCertificates] : [...rootCertificates, readFileSync(bundle, 'utf8')]
}

/** Sends to one server over HTTP/1.1, follows no redirection, and reads no more than there may be. */
export const createTransport = ({
  server,
  ca,
}: {
  readonly server: URL
  readonly ca: string | undefined
}): Transport => {
  const isTls = server.protocol === 'https:'
  const authorities = isTls ? (ca === undefined ? trusted() : [ca]) : []
  return (method, target, { headers, body }) =>
    new Promise((resolve, reject) => {
      const url = new URL(target, server)
      const fail = (error: Error) => {
        outgoing.destroy()
        reject(error)
      }
      const options = {
        method,
        headers: {
          accept: 'application/json, application/problem+json',
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
        timeout: PATIENCE_MS,
      }
      const outgoing: ClientRequest = isTls
        ? tlsRequest(url, { ...options, ca: authorities })
        : plainRequest(url, options)
      outgoing.on('timeout', () => fail(new UnreachableError(`${server.origin} does not answer.`)))
      outgoing.on('error', (error: NodeJS.ErrnoException) => fail(unreachable(server, error)))
      outgoing.on('response', (answer) => {
        const pieces: Buffer[] = []
        let bytes = 0
        answer.on('data', (piece: Buffer) => {
          bytes += piece.length
          if (bytes > ANSWER_BYTES_MAX) fail(new CommandFailure('The answer is too long.'))
          else pieces.push(piece)
        })
        answer.on('error', (error) => fail(unreachable(server, error)))
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: Buffer.concat(pieces).toString('utf8'),
          }),
        )
      })
      outgoing.end(body)
    })
}

const unreachable = (server: URL, error: NodeJS.ErrnoException): CommandFailure => {
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME/.test(error.code ?? '')) {
    return new CommandFailure(
      `${server.origin} shows a certificate that is not trusted here (${error.code}): name its authority by --ca FILE.`,
    )
  }
  return new UnreachableError(`${server.origin} cannot be reached: ${error.code ?? error.message}.`)
}
