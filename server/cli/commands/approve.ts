import { SERVER_OPTIONS, SERVER_USAGE } from '../api/settings.ts'
import { approveRollout } from '../approve-rollout.ts'
import { chooseKey, KEY_OPTIONS } from '../keys/choose-key.ts'
import { type ReadAuthorisation, readAuthorisations } from '../read-authorisation.ts'
import { CommandFailure, defineCommand, UsageError } from '../run-command.ts'
import { signTexts } from '../sign-texts.ts'
import { createTerminal } from '../terminal.ts'

const USAGE = `Usage: rebootless approve FILE|URL|ID (--key FILE | --ssh-agent [--key-file PUB]) [--server URL]
       rebootless approve --rollout ID|NAME (--key FILE | --ssh-agent [--key-file PUB]) [--user NAME]

Shows a request in full, and signs it with your own key once you have typed how many hosts it names.
  FILE          its exact text, or all texts of a rollout, downloaded from its page; - reads one from standard input
  URL, ID       fetches it, with the API token in REBOOTLESS_TOKEN; an ID needs --server or REBOOTLESS_URL
  --rollout     every text of a rollout that still wants your signature: all are signed, or none
  --key FILE    an Ed25519 key: PKCS #8 (rebootless keygen), or OpenSSH's without a passphrase
  --ssh-agent   a key that ssh-agent holds; of several, --key-file says which

The signature goes to standard output, for you to paste on the page. Only a person may approve, and a token that could
would be as good as you are: with --rollout and --user NAME you sign in for this, and the signatures are sent.
${SERVER_USAGE}

Exit status: 0 signed, 1 not signed, 2 wrong use.`

/** @throws CommandFailure: they are several, and not of one rollout */
const requireOneRollout = (texts: readonly ReadAuthorisation[]): void => {
  const [first, ...others] = texts.map(({ authorisation }) => authorisation)
  const isOne = others.every(({ rollout }) => rollout !== null && rollout === first?.rollout)
  const ids = new Set(texts.map(({ authorisation }) => authorisation.id))
  if (!isOne || ids.size < texts.length) {
    throw new CommandFailure('The texts of the file are not those of one rollout: nothing was signed.')
  }
}

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
      return approveRollout(values, values.rollout, { key, terminal })
    }
    if (from === undefined || rest.length > 0) throw new UsageError('one FILE, URL or ID is needed')
    const key = await chooseKey(values, process.env)
    const texts = await readAuthorisations(from, {
      server: values.server ?? process.env.REBOOTLESS_URL,
      token: process.env.REBOOTLESS_TOKEN,
      stdin: () => terminal.line(),
    })
    requireOneRollout(texts)
    const signatures = await signTexts(texts, { key, terminal })
    if (signatures === null) return 1
    const [{ publicKey, signature } = { publicKey: '', signature: '' }] = signatures
    console.log(JSON.stringify(texts.length === 1 ? { publicKey, signature } : { signatures }))
    console.error(`Paste this on the page of the ${texts.length === 1 ? 'request' : 'rollout'}, signed in as yourself.`)
    return 0
  },
})
