import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiClient, LooseGiven } from '@rebootless/shared/contract/api-client.ts'
import { routeAddress } from '@rebootless/shared/domain/route-address.ts'
import { CommandFailure } from '../run-command.ts'
import type { Reply, Transport } from './transport.ts'

/** An answer that is not 2xx (RFC 9457). Branch on `code`, never on text. */
export class ServerRefusal extends CommandFailure {
  readonly code: string
  readonly httpStatus: number
  constructor(code: string, httpStatus: number, message: string) {
    super(message)
    this.code = code
    this.httpStatus = httpStatus
  }
}

/** What proves who asks. */
export interface Proof {
  headers(): Readonly<Record<string, string>>
  /** Proves it anew where an act wants that; undefined: it cannot. */
  again?(): Promise<void>
}

const WAITS_MAX = 5
const WAIT_SECONDS_MAX = 60

/** The backend as typed functions over one connection's settings. @throws ServerRefusal, CommandFailure */
export const createApi = (transport: Transport, proof: Proof): ApiClient => {
  const call = async (method: string, path: string, given: LooseGiven): Promise<unknown> => {
    const body = given.body === undefined ? undefined : JSON.stringify(given.body)
    let isProven = false
    for (let waits = 0; ; ) {
      const reply = await transport(method, routeAddress(path, given), { headers: proof.headers(), body })
      if (reply.status >= 200 && reply.status < 300) return reply.text === '' ? null : jsonOf(reply)
      const refusal = refusalOf(reply)
      const seconds = Number(reply.headers['retry-after'])
      if (refusal.code === 'authentication_too_old' && proof.again !== undefined && !isProven) {
        isProven = true
        await proof.again()
      } else if (reply.status === 429 && seconds <= WAIT_SECONDS_MAX && waits < WAITS_MAX) {
        waits += 1
        await sleep(Math.max(1, seconds) * 1000)
      } else throw refusal
    }
  }
  const method = (name: string) => (path: string, given: LooseGiven) => call(name, path, given)
  const methods = { put: method('PUT'), patch: method('PATCH'), delete: method('DELETE') }
  // The one place where the wire meets the types: tests parse the answers with the contract's schemas instead.
  return { get: method('GET'), post: method('POST'), ...methods } as unknown as ApiClient
}

const jsonOf = ({ text }: Reply): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new CommandFailure('What answered is not Rebootless: is there a proxy or a sign-in page in between?')
  }
}

export const refusalOf = (reply: Reply): ServerRefusal => {
  let said: { readonly type?: unknown; readonly detail?: unknown; readonly mistakes?: unknown } = {}
  try {
    const json: unknown = JSON.parse(reply.text)
    if (typeof json === 'object' && json !== null) said = json
  } catch {
    // What came was not ours; its status says enough.
  }
  const code = typeof said.type === 'string' ? said.type.replace('/problems/', '') : 'unreadable'
  const detail = typeof said.detail === 'string' ? said.detail : `The server answered ${reply.status}.`
  return new ServerRefusal(code, reply.status, `${detail}${advice(code)}`)
}

/** What to do here, where the server speaks of a browser. */
const advice = (code: string): string => {
  if (code === 'not_signed_in') return '\nPut a token that is good into REBOOTLESS_TOKEN, or give --user NAME.'
  if (code === 'not_authorised') return '\nWhere a person is asked for, give --user NAME: you sign in for this one act.'
  return ''
}
