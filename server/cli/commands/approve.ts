import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { authorisationText } from '@rebootless/shared/domain/authorisation-text.ts'
import { printable } from '@rebootless/shared/domain/printable.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { KeyError } from '../../signing/key-error.ts'
import { chooseKey, KEY_OPTIONS } from '../keys/choose-key.ts'
import type { CliCommand } from '../main.ts'
import { AuthorisationUnusableError, readAuthorisation } from '../read-authorisation.ts'

const USAGE = `Usage: rebootless approve FILE|URL|ID (--key FILE | --ssh-agent [--key-file PUB]) [--server URL]

Shows a request in full, and signs it with your own key once you have typed how many hosts it names.
  FILE          its exact text, downloaded from its page; - reads it from standard input
  URL, ID       fetches it, with the API token in REBOOTLESS_TOKEN; an ID needs --server
  --key FILE    an Ed25519 key: PKCS #8 (rebootless keygen), or OpenSSH's without a passphrase
  --ssh-agent   a key that ssh-agent holds; of several, --key-file says which

The signature goes to standard output, for you to paste on the page. It is not sent from here: only a person's
session may approve, and a token that could would be as good as you are.

Exit status: 0 signed, 1 not signed, 2 wrong use.`

const approve = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...KEY_OPTIONS, server: { type: 'string' } },
    allowPositionals: true,
  })
  const [from, ...rest] = positionals
  if (from === undefined || rest.length > 0) throw new TypeError('one FILE, URL or ID is needed')
  const key = await chooseKey(values, process.env)
  const lines = createInterface({ input: process.stdin, terminal: false })[Symbol.asyncIterator]()
  const nextLine = async (): Promise<string> => {
    const line = await lines.next()
    return line.done === true ? '' : line.value
  }
  const { payload, sha256, authorisation } = await readAuthorisation(from, {
    server: values.server,
    token: process.env.REBOOTLESS_TOKEN,
    stdin: nextLine,
  })
  for (const { title, values: said } of authorisationText(authorisation)) {
    console.error(`${title}:`)
    for (const line of said) console.error(`    ${line}`)
  }
  console.error(`SHA-256 of the text:\n    ${sha256}`)
  console.error(`It will be signed with the key in ${printable(key.where)}:\n    ${key.publicKey}\n`)
  const hosts = authorisation.hosts.length
  process.stderr.write(`To sign, type the number of hosts (${hosts}); anything else leaves it unsigned: `)
  if ((await nextLine()).trim() !== String(hosts)) {
    console.error('\nNot signed.')
    return 1
  }
  console.error('')
  console.log(JSON.stringify(await key.sign(PAYLOAD_TYPES.authorisation, payload)))
  console.error('Paste this on the page of the request, signed in as yourself.')
  return 0
}

/** `rebootless approve`: threat-model, "Two signatures and a veto". */
export const approveCommand: CliCommand = {
  about: 'show a request for approval in full, and sign it',
  usage: USAGE,
  async run(args) {
    try {
      return await approve(args)
    } catch (error) {
      if (error instanceof KeyError || error instanceof AuthorisationUnusableError) {
        console.error(printable(error.message))
        return 1
      }
      if (!(error instanceof TypeError)) throw error
      console.error(`${printable(error.message)}\n\n${USAGE}`)
      return 2
    } finally {
      process.stdin.pause()
    }
  },
}
