import { createHash } from 'node:crypto'
import { chmod, chown, lstat, mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseUnusableError } from '../database-error.ts'
import { type Account, type Accounts, chooseAccount, folderInTheWay } from './account.ts'
import { endPostmaster, findPostmaster } from './postmaster.ts'
import { lockForSupervisor } from './supervisor-lock.ts'

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
/** In the data directory: where its database is, when not in it. */
const POINTER = 'postgres.location'
const SOCKET_NAME = '.s.PGSQL.5432'

/**
 * Finds or makes the folders of the embedded database: inside the data directory, or, when we are root and PostgreSQL's
 * user could not reach it there, below `stateDirectory` with the pointer `postgres.location` in the data directory.
 * @throws DatabaseUnusableError when the folders can't be used
 */
export async function preparePlace(request: PlaceRequest): Promise<Place> {
  try {
    await mkdir(request.dataDirectory, { recursive: true })
    const dataDirectory = await realpath(request.dataDirectory)
    const { home, account } = request.asRoot
      ? await placeForRoot(dataDirectory, request)
      : { home: await placeForUser(dataDirectory), account: undefined }
    await mkdir(home, { recursive: true, mode: 0o711 })
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
  if (!ofRoot && (owner === undefined || owner === process.getuid?.())) return home
  throw new DatabaseUnusableError(
    `The database of ${dataDirectory} belongs to ${ofRoot || owner === 0 ? 'root' : `the user with number ${owner}`}. ` +
      'Start Rebootless as that user, or give REBOOTLESS_DATA another folder.',
  )
}

async function placeForRoot(dataDirectory: string, { accounts, stateDirectory }: PlaceRequest) {
  const inside = path.join(dataDirectory, 'postgres')
  const pointer = path.join(dataDirectory, POINTER)
  const known = (await readFile(pointer, 'utf8').catch(() => undefined))?.trim()
  const home = known ?? inside
  const owner = await ownerOf(path.join(home, 'cluster'), accounts)
  if (owner) return { home, account: owner }

  const account = await chooseAccount(accounts)
  if (known !== undefined) return { home, account }
  if ((await folderInTheWay(dataDirectory, account)) === undefined) return { home: inside, account }
  const hash = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 12)
  const name = path.join(stateDirectory, `${path.basename(dataDirectory)}-${hash}`)
  let outside = name
  // Left by a data directory of this path that was deleted: its secrets are gone, so what it stored is of no use here.
  for (let copy = 2; await exists(outside); copy += 1) {
    await endAbandoned(outside)
    outside = `${name}-${copy}`
  }
  // The pointer goes first: a crash between the two leaves a pointer to an empty place, which is filled next time.
  await writeFile(pointer, `${outside}\n`)
  return { home: outside, account }
}

/**
 * Ends the server that a deleted data directory left running. Inside the directory it would end by itself, since
 * PostgreSQL looks every minute whether its postmaster.pid is still there; outside nobody would ever end it.
 */
async function endAbandoned(home: string): Promise<void> {
  const server = await findPostmaster(path.join(home, 'cluster'))
  if (!server) return
  const release = await lockForSupervisor(home).catch(() => undefined)
  if (!release) return
  await endPostmaster(server.identity, 10_000).finally(release)
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

async function prepareSockets(home: string, account: Account | undefined): Promise<string> {
  const inside = path.join(home, 'sockets')
  const short = Buffer.byteLength(path.join(inside, SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX
  const name = createHash('sha256').update(home).digest('hex').slice(0, 16)
  const sockets = short ? inside : path.join(account ? '/run' : '/tmp', `rebootless-${name}`)
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

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  )
