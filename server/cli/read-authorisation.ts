import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Authorisation } from '@rebootless/shared/contract/command.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'

const ANSWER_BYTES_MAX = 8 * 1024 * 1024
const PATIENCE_MS = 30_000
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** What would be signed cannot be had, or is not what it should be. */
export class AuthorisationUnusableError extends Error {}
const unusable = (message: string) => new AuthorisationUnusableError(message)

export interface ReadAuthorisation {
  /** The exact text, and nothing else of what the server says. */
  readonly payload: string
  readonly sha256: string
  readonly authorisation: Authorisation
}

/**
 * The text of an authorisation from a file, `-` for standard input, an address of the API, or an id together with the
 * server's address. A file may hold several, one a line. They are parsed here, so that what is shown is what is signed,
 * whatever the server says of it.
 * @throws AuthorisationUnusableError
 */
export const readAuthorisations = async (
  from: string,
  options: { server?: string | undefined; token?: string | undefined; stdin: () => Promise<string> },
): Promise<readonly ReadAuthorisation[]> => {
  const address = addressOf(from, options.server)
  const payload =
    address === undefined ? await readText(from, options.stdin) : await fetchPayload(address, options.token)
  const lines = payload.split(/\r?\n/).filter((line) => line !== '')
  // A text in its canonical form has no line's end within it; of anything else the whole is refused with its reason.
  const isSeveral = lines.length > 1 && lines.every((line) => line.startsWith('{') && line.endsWith('}'))
  return (isSeveral ? lines : [payload]).map(parseAuthorisation)
}

const addressOf = (from: string, server: string | undefined): string | undefined => {
  if (/^https?:\/\//.test(from)) return from
  if (!UUID.test(from)) return undefined
  if (server === undefined)
    throw unusable(`To fetch ${from}, say where from: --server https://HOST, or REBOOTLESS_URL.`)
  return new URL(`/api/v1/authorisations/${from}`, server).href
}

const readText = async (from: string, stdin: () => Promise<string>): Promise<string> => {
  if (from === '-') return await stdin()
  const bytes = await readFile(from).catch((error: NodeJS.ErrnoException) => {
    throw unusable(`${from} cannot be read: ${error.code ?? error.message}.`)
  })
  return bytes.toString('utf8')
}

const fetchPayload = async (address: string, token: string | undefined): Promise<string> => {
  const { protocol, hostname } = new URL(address)
  const local = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
  if (protocol !== 'https:' && !local)
    throw unusable('The address must begin with https://: the token would be read on its way.')
  if (token === undefined) {
    throw unusable(
      'To fetch it, put an API token with the role viewer into REBOOTLESS_TOKEN; or download the text from its page.',
    )
  }
  const headers = { accept: 'application/json', authorization: `Bearer ${token}` }
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const response = await fetch(address, { headers, redirect: 'error', signal }).catch((error: Error) => {
    throw unusable(
      `${address} cannot be reached: ${error.cause instanceof Error ? error.cause.message : error.message}.`,
    )
  })
  const text = await readLimited(response)
  const json: unknown = await Promise.resolve(text)
    .then(JSON.parse)
    .catch(() => undefined)
  const said = typeof json === 'object' && json !== null ? (json as { payload?: unknown; detail?: unknown }) : {}
  if (response.ok && typeof said.payload === 'string') return said.payload
  const detail = typeof said.detail === 'string' ? said.detail : 'no request for approval is there'
  throw unusable(`The server answered ${response.status}: ${detail}`)
}

const readLimited = async (response: Response): Promise<string> => {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of response.body ?? []) {
    bytes += piece.length
    if (bytes > ANSWER_BYTES_MAX) throw unusable('The answer is too long.')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/**
 * The text itself, held against the contract and its one form.
 * @throws AuthorisationUnusableError
 */
export const parseAuthorisation = (text: string): ReadAuthorisation => {
  // Editors and shells put a line's end behind it; no other change is forgiven.
  const payload = text.replace(/\r?\n$/, '')
  let json: unknown
  try {
    json = JSON.parse(payload)
  } catch {
    throw unusable('This is not the text of an authorisation: it is no JSON.')
  }
  const parsed = Authorisation.safeParse(json)
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') || 'the whole'
    throw unusable(`This is not the text of an authorisation, at ${where}.`)
  }
  // A key said twice, blanks, another order: hosts refuse it, and two readers might see two things.
  if (canonicalJson(json) !== payload) {
    throw unusable('The text is not in its one canonical form: fetch or download it again.')
  }
  return { payload, sha256: createHash('sha256').update(payload).digest('hex'), authorisation: parsed.data }
}
