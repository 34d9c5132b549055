import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { PublicKey } from '@rebootless/shared/contract/signed.ts'
import { printable } from '@rebootless/shared/domain/printable.ts'
import { KeyError } from '../../signing/key-error.ts'
import { openSshPublicKey, readOpenSshPublicKey } from '../../signing/ssh-signature.ts'
import type { CliCommand } from '../main.ts'
import { ReleaseError } from '../release/release-files.ts'
import { verifyRelease } from '../release/verify-release.ts'

const USAGE = `Usage: rebootless verify-release FOLDER --key PUBLIC_KEY

Verifies that FOLDER holds a release as its makers signed it, whole, and nothing besides.
  --key PUBLIC_KEY   the makers' key, as you have it from before and not from FOLDER: a file such as id_ed25519.pub,
                     the line in it ("ssh-ed25519 AAAA…"), or its 32 bytes in base64

Exit status: 0 it is the makers' release, 1 it is not, 2 wrong use, 3 FOLDER is no release.`

const readKey = async (given: string): Promise<PublicKey> => {
  if (PublicKey.safeParse(given).success) return given
  return readOpenSshPublicKey(given.startsWith('ssh-') ? given : await readFile(given, 'utf8'))
}

const verify = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { key: { type: 'string' } },
    allowPositionals: true,
  })
  const [folder, ...rest] = positionals
  if (folder === undefined || rest.length > 0) throw new TypeError('one FOLDER is needed')
  if (values.key === undefined) throw new TypeError('--key is needed: a key that lies in FOLDER would vouch for itself')
  const publicKey = await readKey(values.key)
  const { files, faults } = await verifyRelease(folder, publicKey)
  for (const fault of faults) console.log(`REFUSED  ${printable(fault)}`)
  console.log(`${files.length} files are listed. Key ${openSshPublicKey(publicKey)}`)
  console.log(
    faults.length === 0
      ? 'This is the release that this key signed.'
      : 'This is not the release that this key signed: install nothing of it.',
  )
  return faults.length === 0 ? 0 : 1
}

/** `rebootless verify-release`: threat-model T34. */
export const verifyReleaseCommand: CliCommand = {
  about: 'verify that a release is the makers’, whole and unaltered',
  usage: USAGE,
  async run(args) {
    try {
      return await verify(args)
    } catch (error) {
      if (error instanceof ReleaseError) {
        console.error(printable(error.message))
        return 3
      }
      if (error instanceof TypeError || error instanceof KeyError) {
        console.error(`${printable(error.message)}\n\n${USAGE}`)
        return 2
      }
      if (typeof (error as { code?: unknown }).code !== 'string') throw error
      console.error(printable((error as Error).message))
      return 2
    }
  },
}
