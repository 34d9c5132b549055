import type { SignInAnswer } from '@rebootless/shared/contract/session.ts'
import { CommandFailure } from '../run-command.ts'
import type { Terminal } from '../terminal.ts'
import { type Proof, refusalOf } from './client.ts'
import type { Reply, Transport } from './transport.ts'

/** A person's session, which the command ends when it is done. */
export interface PersonProof extends Proof {
  signOut(): Promise<void>
}

/**
 * Signs a person in by password and, where he has one, his second factor: what approves or ends must be done by one, and a
 * token in a file is none (threat-model T11).
 * @throws CommandFailure
 */
export const signIn = async (
  transport: Transport,
  origin: string,
  username: string,
  terminal: Terminal,
): Promise<PersonProof> => {
  let cookie = ''
  const headers = () => ({ origin, ...(cookie === '' ? {} : { cookie }) })
  const post = async (path: string, body: unknown): Promise<Reply> => {
    const reply = await transport('POST', path, { headers: headers(), body: JSON.stringify(body) })
    if (reply.status >= 300) throw refusalOf(reply)
    const [set = ''] = [reply.headers['set-cookie'] ?? []].flat()
    if (set !== '') cookie = set.split(';')[0] ?? ''
    return reply
  }
  const askCode = () => terminal.secret('Code of your authenticator, or a recovery code: ')

  const password = await terminal.secret(`Password of ${username}: `)
  if (password === '') throw new CommandFailure('No password was given: nothing was done.')
  const answer = JSON.parse((await post('/api/v1/session', { username, password })).text) as SignInAnswer
  if (answer.secondFactor === 'required') {
    await post('/api/v1/session/code', { challenge: answer.challenge, code: (await askCode()).trim() })
  }
  if (cookie === '') throw new CommandFailure('The server signed nobody in: is it Rebootless?')
  return {
    headers,
    async again() {
      console.error('The act needs a proof of who you are that is from just now.')
      await post('/api/v1/session/authenticate', { password: await terminal.secret(`Password of ${username}: `) })
    },
    async signOut() {
      // A session that stays is no harm that should hide what was done: it ends by itself.
      await transport('DELETE', '/api/v1/session', { headers: headers() }).catch(() => undefined)
    },
  }
}
