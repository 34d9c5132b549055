import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { printable } from '@rebootless/shared/domain/printable.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { withServer } from '../api/connect.ts'
import { SERVER_OPTIONS, SERVER_USAGE } from '../api/settings.ts'
import { chooseKey, KEY_OPTIONS } from '../keys/choose-key.ts'
import { CommandFailure, defineCommand, UsageError } from '../run-command.ts'

const USAGE = `Usage: rebootless sign-patch FILE (--key FILE | --ssh-agent [--key-file PUB]) [--send]

Signs a livepatch module as its publisher, over the SHA-256 of FILE: the .ko as the kernel loads it, unpacked.
  --key FILE    an Ed25519 key: PKCS #8 (rebootless keygen), or OpenSSH's without a passphrase
  --ssh-agent   a key that ssh-agent holds; of several, --key-file says which
  --send        hands the signature in where the module is in the catalogue; else it goes to standard output

An admin registers the public key (rebootless keygen --show) on a patch's page. An approver's key is refused there.
${SERVER_USAGE}

Exit status: 0 signed, 1 not signed, 2 wrong use.`

const ELF_MAGIC = Buffer.from('\x7fELF', 'latin1')
/** As much as the catalogue takes. */
const BYTES_MAX = 64 * 1024 * 1024

/** @throws CommandFailure it cannot be read, or is no module as a kernel loads it */
const digestOf = async (path: string): Promise<string> => {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailure(`${path} cannot be read: ${error.code ?? error.message}.`)
  })
  try {
    const { size } = await file.stat()
    if (size > BYTES_MAX)
      throw new CommandFailure(`${path} is larger than 64 MiB, and no module that a catalogue takes.`)
    const bytes = await file.readFile()
    if (!bytes.subarray(0, 4).equals(ELF_MAGIC)) {
      throw new CommandFailure(
        `${path} is no .ko as the kernel loads it: of a packed one or a package, sign what is inside.`,
      )
    }
    return createHash('sha256').update(bytes).digest('hex')
  } catch (error) {
    if (error instanceof CommandFailure) throw error
    throw new CommandFailure(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'it is no file'}.`)
  } finally {
    await file.close()
  }
}

/** `rebootless sign-patch`: docs/patches.md, "Publishers". */
export const signPatchCommand = defineCommand({
  about: 'sign a livepatch module as its publisher',
  usage: USAGE,
  options: { ...KEY_OPTIONS, ...SERVER_OPTIONS, send: { type: 'boolean' } },
  async run(values, [path, ...rest]) {
    if (path === undefined || rest.length > 0) throw new UsageError('one FILE is needed')
    const key = await chooseKey(values, process.env)
    const sha256 = await digestOf(path)
    const signed = await key.sign(PAYLOAD_TYPES.patch, sha256)
    console.error(`SHA-256 of ${printable(path)}:\n    ${sha256}`)
    console.error(`Signed with the key in ${printable(key.where)}:\n    ${key.publicKey}`)
    if (values.send !== true) {
      console.log(JSON.stringify(signed))
      console.error('Paste this on the page of the patch.')
      return 0
    }
    await withServer(values, ({ api }) =>
      api.post('/api/v1/patches/:id/signatures', { params: { id: sha256 }, body: signed }),
    )
    console.error('Handed in.')
    return 0
  },
})
