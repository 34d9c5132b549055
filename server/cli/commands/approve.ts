import { authorisationText } from '@rebootless/shared/domain/authorisation-text.ts'
import { printable } from '@rebootless/shared/domain/printable.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { SERVER_OPTIONS, SERVER_USAGE } from '../api/settings.ts'
import { approveRollout } from '../approve-rollout.ts'
import { chooseKey, KEY_OPTIONS } from '../keys/choose-key.ts'
import type { SigningKey } from '../keys/signing-key.ts'
import { type ReadAuthorisation, readAuthorisation } from '../read-authorisation.ts'
import { defineCommand, UsageError } from '../run-command.ts'
import { createTerminal } from '../terminal.ts'

const USAGE = `Usage: rebootless approve FILE|URL|ID (--key FILE | --ssh-agent [--key-file PUB]) [--server URL]
       rebootless approve --rollout ID|NAME (--key FILE | --ssh-agent [--key-file PUB]) [--user NAME]

Shows a request in full, and signs it with your own key once you have typed how many hosts it names.
  FILE          its exact text, downloaded from its page; - reads it from standard input
  URL, ID       fetches it, with the API token in REBOOTLESS_TOKEN; an ID needs --server or REBOOTLESS_URL
  --rollout     every text of a rollout that still wants your signature: all are signed, or none
  --key FILE    an Ed25519 key: PKCS #8 (rebootless keygen), or OpenSSH's without a passphrase
  --ssh-agent   a key that ssh-agent holds; of several, --key-file says which

The signature goes to standard output, for you to paste on the page. Only a person may approve, and a token that could
would be as good as you are: with --rollout and --user NAME you sign in for this, and the signatures are sent.
${SERVER_USAGE}

Exit status: 0 signed, 1 not signed, 2 wrong use.`

/** What is signed, in full: what the server says of it counts for nothing. */
const showText = ({ authorisation, sha256 }: ReadAuthorisation): void => {
  for (const { title, values } of authorisationText(authorisation)) {
    console.error(`${title}:`)
    for (const line of values) console.error(`    ${line}`)
  }
  console.error(`SHA-256 of the text:\n    ${sha256}`)
}

const showKey = (key: SigningKey): void =>
  console.error(`It will be signed with the key in ${printable(key.where)}:\n    ${key.publicKey}\n`)

/** `rebootless approve`: threat-model, "Two signatures and a veto". */
export const approveCommand = defineCommand({
  about: 'show a request for approval in full, and sign it',
  usage: USAGE,
  options: { ...KEY_OPTIONS, ...SERVER_OPTIONS, rollout: { type: 'string' } },
  async run(values, [from, ...rest]) {
    const terminal = createTerminal()
    if (values.rollout !== undefined) {
      if (from !== undefined) throw new UsageError('--rollout takes the place of FILE, URL or ID')
      const key = await chooseKey(values, process.env)
      return approveRollout(values, values.rollout, { key, terminal, showText, showKey })
    }
    if (from === undefined || rest.length > 0) throw new UsageError('one FILE, URL or ID is needed')
    const key = await chooseKey(values, process.env)
    const read = await readAuthorisation(from, {
      server: values.server ?? process.env.REBOOTLESS_URL,
      token: process.env.REBOOTLESS_TOKEN,
      stdin: () => terminal.line(),
    })
    showText(read)
    showKey(key)
    const hosts = read.authorisation.hosts.length
    const typed = await terminal.line(
      `To sign, type the number of hosts (${hosts}); anything else leaves it unsigned: `,
    )
    if (typed.trim() !== String(hosts)) {
      console.error('\nNot signed.')
      return 1
    }
    console.error('')
    console.log(JSON.stringify(await key.sign(PAYLOAD_TYPES.authorisation, read.payload)))
    console.error('Paste this on the page of the request, signed in as yourself.')
    return 0
  },
})
