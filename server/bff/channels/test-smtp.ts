import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export const MAIL_HOST = 'mail.example'

/** A certificate that is its own authority. */
export const certificateFor = async (name: string) => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: '01', name: 'CN=test', keys, signingAlgorithm: algorithm },
    ...{ notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) },
    extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
  })
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { cert: certificate.toString('pem'), key: PemConverter.encode(pkcs8, 'PRIVATE KEY') }
}

export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  readonly overTls: boolean
  readonly user: string | undefined
  readonly text: string
}

export const MAIL_PASSWORD = 'mail canary: p@ss'

/** A real SMTP server with real TLS, which keeps what it is sent and refuses recipients as a test says. */
export const startMailServer = async (
  certificate: { cert: string; key: string },
  options: SMTPServerOptions & { readonly refuses?: (recipient: string, nth: number) => number | undefined } = {},
) => {
  const mails: ReceivedMail[] = []
  const asked = new Map<string, number>()
  const state = { refuses: options.refuses }
  const server = new SMTPServer({
    ...certificate,
    ...{ authOptional: true, disableReverseLookup: true, logger: false },
    onAuth({ username, password }, _session, done) {
      if (password === MAIL_PASSWORD) done(null, { user: username })
      else done(Object.assign(new Error('Wrong password'), { responseCode: 535 }))
    },
    onRcptTo({ address }, _session, done) {
      const nth = (asked.get(address) ?? 0) + 1
      asked.set(address, nth)
      const responseCode = state.refuses?.(address, nth)
      done(
        responseCode === undefined
          ? null
          : Object.assign(new Error(`not now or never ${responseCode}`), { responseCode }),
      )
    },
    onData(stream, { envelope, secure, user }, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        mails.push({
          from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          ...{ overTls: secure, user, text: Buffer.concat(parts).toString('utf8') },
        })
        done(null)
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.server.address() as AddressInfo
  return {
    mails,
    port,
    refuse: (refuses: typeof options.refuses) => {
      state.refuses = refuses
      asked.clear()
    },
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
export type MailServer = Awaited<ReturnType<typeof startMailServer>>
