/**
 * Holds the database server that all test files share: started by the first that needs it (see test-database.ts), it
 * hands each that connects to its socket the server's address, and ends a few seconds after the last one has gone.
 * Arguments: its folder.
 */
import { rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import path from 'node:path'
import pg from 'pg'
import pino from 'pino'
import { startEmbeddedPostgres } from './embedded/embedded-postgres.ts'

const LINGER_MS = 5_000

const folder = process.argv[2]
if (!folder) throw new Error('usage: test-cluster-process FOLDER')

// Speed, and nothing else, depends on these; the tests of the database's own ground start servers of their own.
const settings = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: '100' }
const embedded = await startEmbeddedPostgres({
  dataDirectory: folder,
  log: pino({ level: 'warn' }, pino.destination(path.join(folder, 'test-cluster.log'))),
  settings,
})
await dropLeftovers()

const users = new Set<Socket>()
let lingering: NodeJS.Timeout | undefined
const server = createServer((socket) => {
  users.add(socket)
  clearTimeout(lingering)
  socket.on('error', () => undefined)
  socket.on('close', () => {
    users.delete(socket)
    if (users.size === 0) lingerThenEnd()
  })
  socket.write(`${JSON.stringify(embedded.administration)}\n`)
})

const address = path.join(folder, 'test-cluster.sock')
await rm(address, { force: true })
server.listen(address)
lingerThenEnd()

function lingerThenEnd() {
  clearTimeout(lingering)
  lingering = setTimeout(async () => {
    server.close()
    await embedded.stop()
    process.exit(0)
  }, LINGER_MS)
}

/** What an interrupted run left behind. */
async function dropLeftovers() {
  const client = new pg.Client(embedded.administration)
  await client.connect()
  const { rows } = await client.query<{ datname: string }>(
    `select datname from pg_database where datname like 'rebootless\\_test\\_%'`,
  )
  for (const { datname } of rows) await client.query(`drop database ${pg.escapeIdentifier(datname)} with (force)`)
  await client.end()
}
