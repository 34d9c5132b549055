import { parseArgs } from 'node:util'
import { PublicKey } from '@rebootless/shared/contract/signed.ts'
import { printable } from '@rebootless/shared/domain/printable.ts'
import { ExportUnusableError, keyOf, readHeads, verifyExport } from '../audit/verify-export.ts'
import type { CliCommand } from '../main.ts'

const USAGE = `Usage: rebootless audit verify FILE [--key KEY] [--head FILE]...

Verifies an export of the audit log (Audit page, "Export to verify") without the server.
  --key KEY     the server's public key, as the Audit page shows it and as you have it from before;
                without it the key in FILE counts, which is as good as whoever made FILE
  --head FILE   a head that was kept elsewhere: an older export, or audit-head.json of a host's agent
                (/var/lib/rebootless) or of the server's data folder; tells a log that was written anew

Exit status: 0 the log is sound, 1 it was falsified, 2 wrong use, 3 FILE is no whole export.`

const plural = (value: number, one: string, many = `${one}s`) => `${value} ${value === 1 ? one : many}`

const verifyCommand = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { key: { type: 'string' }, head: { type: 'string', multiple: true } },
    allowPositionals: true,
  })
  const [verb, file, ...rest] = positionals
  if (verb !== 'verify' || file === undefined || rest.length > 0) throw new TypeError('one FILE is needed')
  if (values.key !== undefined && !PublicKey.safeParse(values.key).success) {
    throw new TypeError('--key is no Ed25519 public key: 44 characters of base64 are expected')
  }
  const publicKey = values.key ?? (await keyOf(file))
  const kept = await Promise.all((values.head ?? []).map((head) => readHeads(head, publicKey)))
  const { entries, heads, newest, faults } = await verifyExport(file, { publicKey, heads: kept.flat() })
  for (const fault of faults) console.log(`FALSIFIED  ${printable(fault)}`)
  console.log(`${plural(entries, 'entry', 'entries')} and ${plural(heads, 'signed head')} read.`)
  console.log(
    `Key ${publicKey}${values.key === undefined ? ', as the file says: compare it with the one you know' : ''}.`,
  )
  if (faults.length > 0) return 1
  if (newest === undefined && kept.length === 0) {
    console.log('The entries follow each other. No head was there to tell whether all of them were written anew.')
  } else if (newest !== undefined) {
    console.log(
      `The entries follow each other, and are those that were signed up to ${newest.sequence} on ${newest.at}.`,
    )
    if (entries > newest.sequence) {
      console.log(`${plural(entries - newest.sequence, 'entry', 'entries')} after it: chained, not signed yet.`)
    }
  }
  console.log('The log is sound.')
  return 0
}

/** `rebootless audit verify`: threat-model T30. */
export const auditCommand: CliCommand = {
  about: 'verify an export of the audit log, without the server',
  usage: USAGE,
  async run(args) {
    try {
      return await verifyCommand(args)
    } catch (error) {
      if (error instanceof ExportUnusableError) {
        console.error(printable(error.message))
        return 3
      }
      if (error instanceof TypeError) {
        console.error(`${printable(error.message)}\n\n${USAGE}`)
        return 2
      }
      if (typeof (error as { code?: unknown }).code !== 'string') throw error
      console.error(printable((error as Error).message))
      return 2
    }
  },
}
