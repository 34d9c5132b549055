import { createHash } from 'node:crypto'
import { chmod, chown, lstat, mkdir, realpath, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseUnusableError } from '../database-error.ts'
import { endAbandoned, exists, POINTER, rememberOwner, textOf } from './abandoned-home.ts'
import { type Account, type Accounts, chooseAccount, folderInTheWay } from './account.ts'
import { makeFolder } from './make-folder.ts'
import { SOCKET_NAME } from './postmaster.ts'
import { finishSwitch } from './switch-cluster.ts'

/** Where one embedded database lives, and whom it runs as. */
export interface Place {
  /** Holds all of it: binaries, cluster, passwords, log. */
  home: string
  /** PGDATA. */
  cluster: string
  /** Folder of the unix socket. */
  sockets: string
  log: string
  /** Undefined: as ourselves. */
  account: Account | undefined
}

export interface PlaceRequest {
  dataDirectory: string
  /** Whether this process is root, and so has to lend PostgreSQL another user. */
  asRoot: boolean
  accounts: Accounts
  /** For databases of root whose data directory others can't pass through, such as one below /root. */
  stateDirectory: string
}

/** sun_path of unix(7) has 108 bytes, the last one zero. */
const SOCKET_PATH_BYTES_MAX = 107

/**
 * Finds or makes the folders of the embedded database: inside the data directory, or, when we are root and PostgreSQL's
 * user could not reach it there, below `stateDirectory` with the pointer `postgres.location` in the data directory.
 * @throws DatabaseUnusableError when the folders can't be used
 */
export async function preparePlace(request: PlaceRequest): Promise<Place> {
  try {
    // Root's database runs as another user, who has to pass through.
    await makeFolder(request.dataDirectory, request.asRoot ? 0o711 : 0o700)
    const dataDirectory = await realpath(request.dataDirectory)
    const { home, account } = request.asRoot
      ? await placeForRoot(dataDirectory, request)
      : { home: await placeForUser(dataDirectory), account: undefined }
    await makeFolder(home, 0o711)
    if (account) await refuseBarred(home, account)
    const sockets = await prepareSockets(home, account)
    return { home, cluster: path.join(home, 'cluster'), sockets, log: path.join(home, 'postgres.log'), account }
  } catch (error) {
    if (error instanceof DatabaseUnusableError) throw error
    throw new DatabaseUnusableError(
      `The data directory ${request.dataDirectory} can't be used: ${error instanceof Error ? error.message : error}. ` +
        'Give REBOOTLESS_DATA a folder that this user may write to.',
      { cause: error },
    )
  }
}

async function placeForUser(dataDirectory: string): Promise<string> {
  const home = path.join(dataDirectory, 'postgres')
  const owner = (await stat(home).catch(() => undefined))?.uid
  const ofRoot = await exists(path.join(dataDirectory, POINTER))
  if (!ofRoot && (owner === undefined || owner === process.getuid?.())) {
    await finishSwitch(home)
    return home
  }
  throw new DatabaseUnusableError(
    `The database of ${dataDirectory} belongs to ${ofRoot || owner === 0 ? 'root' : `the user with number ${owner}`}. ` +
      'Start Rebootless as that user, or give REBOOTLESS_DATA another folder.',
  )
}

async function placeForRoot(dataDirectory: string, { accounts, stateDirectory }: PlaceRequest) {
  const inside = path.join(dataDirectory, 'postgres')
  const pointer = path.join(dataDirectory, POINTER)
  const known = await textOf(pointer)
  await finishSwitch(known ?? inside)
  if (known !== undefined) {
    await refuseLost(known, pointer)
    await rememberOwner(known, dataDirectory)
  }
  const home = known ?? inside
  const owner = await ownerOf(path.join(home, 'cluster'), accounts)
  if (owner) return { home, account: owner }

  const account = await chooseAccount(accounts)
  if (known !== undefined) return { home, account }
  if ((await folderInTheWay(dataDirectory, account)) === undefined) return { home: inside, account }
  const hash = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 12)
  const name = path.join(stateDirectory, `${path.basename(dataDirectory)}-${hash}`)
  let outside = name
  for (let copy = 2; await exists(outside); copy += 1) {
    await endAbandoned(outside, dataDirectory)
    outside = `${name}-${copy}`
  }
  // The home goes first, so that a pointer to none tells of a loss; a crash between the two leaves an empty home.
  await makeFolder(outside, 0o711)
  await rememberOwner(outside, dataDirectory)
  await writeFile(pointer, `${outside}\n`)
  return { home: outside, account }
}

/**
 * A pointer to a database that has gone, such as with a container's /var, must not begin an empty one in silence. One
 * that was never started has no log yet: a first start that broke off is taken up.
 */
async function refuseLost(home: string, pointer: string): Promise<void> {
  const cluster = path.join(home, 'cluster')
  if ((await exists(cluster)) || ((await exists(home)) && !(await exists(path.join(home, 'postgres.log'))))) return
  throw new DatabaseUnusableError(
    `The database is gone: ${pointer} says that it is in ${cluster}, and nothing is there. Bring ${home} back, from a ` +
      `backup or by mounting its disk; or, to start afresh with an empty database, delete ${pointer}.`,
  )
}

/** A cluster made earlier stays with the user who made it, be it an ordinary one who later started us by sudo. */
async function ownerOf(cluster: string, accounts: Accounts): Promise<Account | undefined> {
  const found = await stat(cluster).catch(() => undefined)
  if (found === undefined || found.uid === 0) return undefined
  const name = (await accounts.list()).find(({ uid }) => uid === found.uid)?.name ?? String(found.uid)
  return { name, uid: found.uid, gid: found.gid }
}

async function refuseBarred(home: string, account: Account): Promise<void> {
  const barrier = await folderInTheWay(home, account)
  if (barrier === undefined) return
  throw new DatabaseUnusableError(
    `PostgreSQL runs as the user ${account.name}, who may not pass through ${barrier} on the way to its files in ` +
      `${home}. Run \`chmod o+x ${barrier}\`, or give REBOOTLESS_DATA another folder.`,
  )
}

/** A folder that lets in nobody but the server's user and root. `name`: of seven letters, since a path of a socket may only be so long. */
export async function prepareSockets(home: string, account: Account | undefined, name = 'sockets'): Promise<string> {
  const inside = path.join(home, name)
  const short = Buffer.byteLength(path.join(inside, SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX
  const hash = createHash('sha256')
    .update(name === 'sockets' ? home : inside)
    .digest('hex')
  const sockets = short ? inside : path.join(account ? '/run' : '/tmp', `rebootless-${hash.slice(0, 16)}`)
  await mkdir(sockets, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const found = await lstat(sockets)
  const uid = account?.uid ?? process.getuid?.()
  // In /tmp anyone may have been there first, and would be given our password by a fake server.
  if (!found.isDirectory() || (found.uid !== uid && found.uid !== process.getuid?.())) {
    throw new DatabaseUnusableError(
      `${sockets} belongs to another user, so the database can't put its socket there. ` +
        'Remove it, or give REBOOTLESS_DATA a folder with a shorter path.',
    )
  }
  if (account) await chown(sockets, account.uid, account.gid)
  await chmod(sockets, 0o700)
  return sockets
}
