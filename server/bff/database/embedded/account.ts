import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { DatabaseUnusableError } from '../database-error.ts'

/** A user of this machine, from passwd(5). */
export interface Account {
  name: string
  uid: number
  gid: number
}

/** Looks accounts up and makes one; passed in, so that tests can choose who exists. */
export interface Accounts {
  list(): Promise<Account[]>
  /** Makes a system user without home or shell. @throws when it can't be made */
  create(name: string): Promise<void>
}

export const systemAccounts: Accounts = {
  async list() {
    return parsePasswd(await readFile('/etc/passwd', 'utf8'))
  },
  async create(name) {
    const parts = ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent']
    await promisify(execFile)('useradd', [...parts, '--shell', '/usr/sbin/nologin', name])
  },
}

/** The users in the text of /etc/passwd; lines of another shape (NIS, comments) are left out. */
export function parsePasswd(text: string): Account[] {
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':')
    return name && uid && gid && /^\d+$/.test(uid) && /^\d+$/.test(gid)
      ? [{ name, uid: Number(uid), gid: Number(gid) }]
      : []
  })
}

/**
 * Whom PostgreSQL runs as when we are root, since it refuses root: `rebootless`, made when it is missing; else
 * `postgres`; else `nobody`.
 * @throws DatabaseUnusableError when none exists
 */
export async function chooseAccount(accounts: Accounts): Promise<Account> {
  const named = async (name: string) => (await accounts.list()).find((account) => account.name === name)
  const own = await named('rebootless')
  if (own) return own
  const made = await accounts.create('rebootless').then(
    () => named('rebootless'),
    () => undefined,
  )
  const chosen = made ?? (await named('postgres')) ?? (await named('nobody'))
  if (chosen && chosen.uid !== 0) return chosen
  throw new DatabaseUnusableError(
    'PostgreSQL refuses to run as root, and this machine has none of the users rebootless, postgres and nobody. ' +
      'Make one by `useradd --system rebootless`, start Rebootless as an ordinary user, or set DATABASE_URL.',
  )
}

/**
 * The first folder on the way to `directory`, itself included, that the account may not pass through; undefined when
 * there is none. Judged by owner, group and mode.
 */
export async function folderInTheWay(directory: string, account: Account): Promise<string | undefined> {
  const { root } = path.parse(directory)
  const steps = directory.slice(root.length).split(path.sep)
  const folders = [root, ...steps.map((_, index) => path.join(root, ...steps.slice(0, index + 1)))]
  for (const folder of folders) {
    const { mode, uid, gid } = await stat(folder)
    const search = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
    if ((mode & search) === 0) return folder
  }
  return undefined
}
