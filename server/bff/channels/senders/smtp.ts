import { isIP } from 'node:net'
import type { ChannelMessage } from '@rebootless/shared/contract/channel-messages.ts'
import type { MailSettings } from '@rebootless/shared/contract/channels.ts'
import { mailText } from '@rebootless/shared/domain/channel-formats/mail.ts'
import { toldOf } from '@rebootless/shared/domain/channel-formats/told.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { createTransport } from 'nodemailer'
import type { GuardedConnect } from '../../outgoing/guarded-socket.ts'
import { type Answered, answered, notFor } from '../tried.ts'

export interface MailSend {
  readonly address: string
  readonly user: string | null
  readonly token: string | null
  readonly mail: MailSettings
  readonly pages: string | null
  readonly id: string
  readonly message: ChannelMessage
  /** Of those to whom it goes, who has not got it yet; null: nobody has. */
  readonly remaining: readonly string[] | null
}

export interface MailOptions {
  readonly connect: GuardedConnect
  readonly timeoutMs?: number
  /** PEM of authorities to trust beside the system's. */
  readonly ca?: string
}

/** RFC 8314, 3.3: submission by STARTTLS and by TLS from the first byte. */
const PORTS: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 }
const TIMEOUT_MS = 10_000
/** For all of it, however slowly a server answers: less than a deliverer's claim lasts. */
const WHOLE = 3

/** One mail, to all who have not got it yet. */
export const sendMail = async (options: MailOptions, send: MailSend): Promise<Answered> => {
  const { mail, id, message, pages, remaining } = send
  const told = toldOf(message, pages)
  if (told === null) return notFor('Mail')
  const to = mail.to.filter((one) => remaining === null || remaining.includes(one))
  // Who was taken off the list since needs nothing any more.
  if (to.length === 0) return answered('delivered', 'All to whom it goes have it.')
  const words = mailText(id, told, mail.from.split('@').at(-1) ?? 'localhost')
  const { timeoutMs = TIMEOUT_MS } = options
  const signal = AbortSignal.timeout(timeoutMs * WHOLE)
  const transport = await transportOf(options, send)
  try {
    const info = await transport.sendMail({
      signal,
      from: mail.from,
      to: mail.to,
      envelope: { from: mail.from, to },
      ...{ subject: words.subject, text: words.text, html: words.html, messageId: words.messageId },
      attachments: filesOf(message),
      ...(words.references === null ? {} : { references: words.references, inReplyTo: words.references }),
      // RFC 3834, 5: no answering machine answers it.
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    })
    return afterTaken(info.rejectedErrors ?? [], to.length, info.response)
  } catch (error) {
    return afterFailure(error, signal.aborted)
  } finally {
    transport.close()
  }
}

const filesOf = ({ type, data }: ChannelMessage) =>
  type === 'compliance.report' && data.file !== null
    ? [{ filename: data.file.name, content: data.file.content, contentType: 'text/csv; charset=utf-8' }]
    : []

const transportOf = async (options: MailOptions, { address, user, token }: MailSend) => {
  const url = new URL(address)
  const secure = url.protocol === 'smtps:'
  const port = url.port === '' ? (PORTS[url.protocol] ?? 587) : Number(url.port)
  const { socket, named } = await options.connect(url.hostname, port)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const { timeoutMs = TIMEOUT_MS } = options
  return createTransport({
    ...{ host, port, secure },
    // T12: without TLS only where the setting names the server.
    requireTLS: !secure && !named,
    getSocket: (_options, done) => done(null, { connection: socket }),
    ...(user === null ? {} : { auth: { user, pass: token ?? '' } }),
    // An address is judged by the certificate too, but is no name that may be asked for (RFC 6066, 3).
    tls: {
      ...(isIP(host) === 0 ? { servername: host } : { host }),
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    },
    ...{ greetingTimeout: timeoutMs, socketTimeout: timeoutMs, connectionTimeout: timeoutMs },
    // What stands in a message is read from no file and no address.
    ...{ disableFileAccess: true, disableUrlAccess: true, maxRecipients: 100 },
  })
}

interface Rejected {
  readonly recipient?: string | undefined
  readonly responseCode?: number | undefined
  readonly response?: string | undefined
}

/** RFC 5321, 4.2.1: 4yz may be taken later, 5yz never. */
const isForNow = ({ responseCode = 500 }: Rejected): boolean => responseCode < 500
const saidOf = (rejected: readonly Rejected[]): string =>
  rejected.map(({ recipient = 'somebody', response = '' }) => `${recipient}: ${response}`).join(' ')

/** Some have it. Those who may get it later are tried again, and nobody else. */
const afterTaken = (rejected: readonly Rejected[], count: number, response: string): Answered => {
  if (rejected.length === 0)
    return answered('delivered', `The mail server took it for ${people(count)}.`, { answer: response })
  const later = rejected.filter(isForNow)
  const taken = `The mail server took it for ${count - rejected.length} of ${people(count)}`
  const answer = saidOf(rejected)
  return later.length === 0
    ? answered('delivered', `${taken}, and takes it for the others never.`, { answer })
    : answered('failed', `${taken}; the others may get it later.`, {
        answer,
        remaining: later.flatMap(({ recipient }) => recipient ?? []),
      })
}

const people = (count: number) => (count === 1 ? '1 recipient' : `${count} recipients`)

interface MailError extends Rejected {
  readonly code?: string
  readonly rejectedErrors?: readonly Rejected[]
}

const SENTENCES: Readonly<Record<string, string>> = {
  EAUTH: 'The mail server refused user and password.',
  ENOAUTH: 'The mail server asks for a user and password.',
  ETLS: 'No TLS came about: the server offers none, or its certificate is not for this name.',
  ETIMEDOUT: 'The mail server did not answer in time.',
  EENVELOPE: 'The mail server did not take the sender or a recipient.',
  EMESSAGE: 'The mail server did not take the message.',
}

const afterFailure = (error: unknown, late: boolean): Answered => {
  if (error instanceof DomainError || !(error instanceof Error)) throw error
  const { code = '', responseCode, response = '', rejectedErrors = [] } = error as Error & MailError
  const ofTls = code === 'ESOCKET' && /certificate|altname|tls|ssl/i.test(error.message)
  const detail = SENTENCES[late ? 'ETIMEDOUT' : ofTls ? 'ETLS' : code]
  // A wrong password or a server without TLS is mended, and the message is as good as before.
  const isOfMessage = code === 'EENVELOPE' || code === 'EMESSAGE'
  const never = isOfMessage && responseCode !== undefined && responseCode >= 500 && !rejectedErrors.some(isForNow)
  return answered(never ? 'refused' : 'failed', detail ?? 'The mail server broke the connection off.', {
    status: responseCode ?? null,
    answer: rejectedErrors.length > 0 ? saidOf(rejectedErrors) : ofTls ? error.message : response,
  })
}
