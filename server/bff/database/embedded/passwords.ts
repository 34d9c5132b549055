import { randomBytes } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import * as z from 'zod'
import { DatabaseUnusableError } from '../database-error.ts'

const Passwords = z.object({
  /** Of the superuser `postgres`, which only the supervisor uses. */
  administration: z.string().min(20),
  /** Of `rebootless`, who owns the program's database and no more. */
  application: z.string().min(20),
})
export type Passwords = z.infer<typeof Passwords>

/**
 * Reads the passwords of the cluster in `home`; makes them, random and mode 0600, before there is a cluster.
 * @throws DatabaseUnusableError when a cluster is there but its passwords are lost
 */
export async function readPasswords(home: string, clusterExists: boolean): Promise<Passwords> {
  const file = path.join(home, 'passwords.json')
  try {
    return Passwords.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if (clusterExists) {
      throw new DatabaseUnusableError(
        `${file} is missing or damaged, so the database beside it can't be opened. Restore this file from a backup.`,
        { cause: error },
      )
    }
  }
  const password = () => randomBytes(24).toString('base64url')
  const passwords = { administration: password(), application: password() }
  await writeDurably(file, `${JSON.stringify(passwords)}\n`)
  return passwords
}

/** Written whole or not at all, power cut included: the cluster made next can't be opened without it. */
async function writeDurably(file: string, text: string): Promise<void> {
  const draft = await open(`${file}.new`, 'w', 0o600)
  try {
    await draft.writeFile(text)
    await draft.sync()
  } finally {
    await draft.close()
  }
  await rename(`${file}.new`, file)
  const directory = await open(path.dirname(file), 'r')
  await directory.sync().finally(() => directory.close())
}
