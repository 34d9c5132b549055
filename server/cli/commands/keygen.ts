import { generateKeyPairSync } from 'node:crypto'
import { open } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { printable } from '@rebootless/shared/domain/printable.ts'
import { publicKeyOf } from '../../signing/ed25519.ts'
import { KeyError } from '../../signing/key-error.ts'
import { chooseKey, KEY_OPTIONS } from '../keys/choose-key.ts'
import type { CliCommand } from '../main.ts'

const USAGE = `Usage: rebootless keygen FILE
       rebootless keygen --show (--key FILE | --ssh-agent [--key-file PUB])

Makes an Ed25519 key in FILE, which must not be there yet and which only you can read; or shows the public half of one
that is there. Register the public key on the page Approvals, Keys, and have root put it into agent.json of the hosts.

Exit status: 0 done, 1 it could not be, 2 wrong use.`

const keygen = async (args: readonly string[]): Promise<number> => {
  const options = { ...KEY_OPTIONS, show: { type: 'boolean' } } as const
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  if (values.show === true) {
    if (positionals.length > 0) throw new TypeError('--show takes no FILE but that of --key')
    console.log((await chooseKey(values, process.env)).publicKey)
    return 0
  }
  const [path, ...rest] = positionals
  if (path === undefined || rest.length > 0) throw new TypeError('one FILE is needed')
  const { privateKey } = generateKeyPairSync('ed25519')
  // wx: a key that is there may be the only one that hosts know.
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new KeyError(`${path} cannot be made: ${error.code === 'EEXIST' ? 'it is there already' : error.code}.`)
  })
  try {
    await file.writeFile(privateKey.export({ type: 'pkcs8', format: 'pem' }))
    await file.sync()
  } finally {
    await file.close()
  }
  const publicKey = publicKeyOf(privateKey)
  console.log(publicKey)
  console.error(`In agent.json: ${JSON.stringify({ approvers: [{ name: 'YOUR NAME', publicKey }] })}`)
  return 0
}

/** `rebootless keygen`: a key for `rebootless approve`. */
export const keygenCommand: CliCommand = {
  about: 'make a key to approve with, or show its public half',
  usage: USAGE,
  async run(args) {
    try {
      return await keygen(args)
    } catch (error) {
      if (error instanceof KeyError) {
        console.error(printable(error.message))
        return 1
      }
      if (!(error instanceof TypeError)) throw error
      console.error(`${printable(error.message)}\n\n${USAGE}`)
      return 2
    }
  },
}
