import type { ApiClient } from '@rebootless/shared/contract/api-client.ts'
import { UsageError } from '../run-command.ts'
import { createTerminal, type Terminal } from '../terminal.ts'
import { createApi } from './client.ts'
import { readServerSettings, type SERVER_OPTIONS } from './settings.ts'
import { signIn } from './sign-in.ts'
import { createTransport } from './transport.ts'

export interface Connection {
  readonly api: ApiClient
  readonly terminal: Terminal
  /** A person is signed in, and may do what no token may. */
  readonly isPerson: boolean
}

type Given = { readonly [K in keyof typeof SERVER_OPTIONS]?: string | undefined }

/** Does something with a server, as a person or by a token; a person's session ends with it. */
export const withServer = async <T>(
  given: Given,
  work: (connection: Connection) => Promise<T>,
  terminal: Terminal = createTerminal(),
): Promise<T> => {
  const { server, token, user, ca } = await readServerSettings(given)
  const transport = createTransport({ server, ca })
  if (user !== undefined) {
    const person = await signIn(transport, server.origin, user, terminal)
    try {
      return await work({ api: createApi(transport, person), terminal, isPerson: true })
    } finally {
      await person.signOut()
    }
  }
  if (token === undefined) {
    throw new UsageError('nothing proves who you are: put an API token into REBOOTLESS_TOKEN, or give --user NAME')
  }
  const proof = { headers: () => ({ authorization: `Bearer ${token}` }) }
  return work({ api: createApi(transport, proof), terminal, isPerson: false })
}
