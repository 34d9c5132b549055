/**
 * A supervisor in a process of its own, for tests that kill it: prints one line of JSON, `{connection, owner, state}` or
 * `{error}`, and stops the database when its standard input ends. Arguments: data directory, settings of
 * the server as JSON.
 */
import pino from 'pino'
import { startEmbeddedPostgres } from './embedded-postgres.ts'

try {
  const embedded = await startEmbeddedPostgres({
    dataDirectory: process.argv[2] ?? '',
    settings: JSON.parse(process.argv[3] ?? '{}'),
    log: pino({ level: 'warn' }, pino.destination(2)),
  })
  console.log(JSON.stringify({ connection: embedded.connection, owner: embedded.owner, state: embedded.state() }))
  process.stdin.resume().on('end', () => embedded.stop())
} catch (error) {
  console.log(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }))
}
