import type { RolloutApprovals } from '@rebootless/shared/contract/rollout-requests.ts'
import { counted } from '@rebootless/shared/domain/sentence.ts'
import { withServer } from './api/connect.ts'
import type { SERVER_OPTIONS } from './api/settings.ts'
import { findRollout } from './find-rollout.ts'
import type { SigningKey } from './keys/signing-key.ts'
import { parseAuthorisation, type ReadAuthorisation } from './read-authorisation.ts'
import { CommandFailure } from './run-command.ts'
import { signTexts } from './sign-texts.ts'
import type { Terminal } from './terminal.ts'

type Item = RolloutApprovals['items'][number]

/** Texts for which people have yet to sign, and this key has not. */
const isWanted = (key: SigningKey) => (item: Item) =>
  item.approvals.filter(({ lost }) => lost === null).length < item.approvalsNeeded &&
  !item.approvals.some(({ publicKey }) => publicKey === key.publicKey)

/** @throws AuthorisationUnusableError, CommandFailure: it is not what the server says that it is */
const parseOf = (rollout: string, { id, payload }: Item): ReadAuthorisation => {
  const read = parseAuthorisation(payload)
  if (read.authorisation.id === id && read.authorisation.rollout === rollout) return read
  throw new CommandFailure('The server gave a text of something else than this rollout: nothing was signed.')
}

/**
 * Shows every text of a rollout that wants a signature, in full, signs all or none, and sends them where a person is signed
 * in; or prints them as the body of `POST /api/v1/rollouts/:id/approve`.
 * @returns the exit status
 */
export const approveRollout = (
  given: { readonly [K in keyof typeof SERVER_OPTIONS]?: string | undefined },
  word: string,
  by: {
    readonly key: SigningKey
    readonly terminal: Terminal
  },
): Promise<number> =>
  withServer(
    given,
    async ({ api, isPerson }) => {
      const { key } = by
      const id = await findRollout(api, word)
      const { items } = await api.get('/api/v1/rollouts/:id/approvals', { params: { id } })
      const wanted = items.filter(isWanted(key))
      if (wanted.length === 0) {
        console.error('No text of it wants a signature of this key.')
        return 0
      }
      const barred = isPerson ? wanted.find(({ cannotSign }) => cannotSign !== null) : undefined
      if (barred !== undefined) throw new CommandFailure(`Nothing was signed: ${barred.cannotSign}`)
      const read = wanted.map((item) => parseOf(id, item))
      const signatures = await signTexts(read, by)
      if (signatures === null) return 1
      if (!isPerson) {
        console.log(JSON.stringify({ signatures }))
        console.error(
          'Nothing was sent: only a person may approve. Paste this on the page of the rollout,\nor give --user NAME to sign in and send them.',
        )
        return 0
      }
      await api.post('/api/v1/rollouts/:id/approve', { params: { id }, body: { signatures } })
      console.error(`Signed and sent: ${counted(signatures.length, 'text')}.`)
      return 0
    },
    by.terminal,
  )
