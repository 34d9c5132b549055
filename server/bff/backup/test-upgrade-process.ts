/**
 * Starts the embedded database as the program does, in a process of its own, for a test that kills it in the middle of an
 * upgrade. Arguments: data directory.
 */
import pino from 'pino'
import { startEmbeddedPostgres } from '../database/embedded/embedded-postgres.ts'
import { migrations } from '../database/migrations/index.ts'
import { copyDatabase } from './copy-database.ts'

await startEmbeddedPostgres({
  dataDirectory: process.argv[2] ?? '',
  log: pino({ level: 'silent' }),
  settings: { fsync: 'off' },
  copyDatabase: (request) => copyDatabase(request, migrations, '1.2.3'),
})
