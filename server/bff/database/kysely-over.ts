import { Kysely, PostgresDialect } from 'kysely'
import type { Client } from 'pg'
import type { DatabaseSchema } from './schema.ts'

/** Kysely over one connection of our own, for work that speaks to it in other ways too; it is not ended with it. */
export const kyselyOver = (client: Client): Kysely<DatabaseSchema> => {
  const lent = { query: client.query.bind(client), release: () => undefined }
  return new Kysely<DatabaseSchema>({
    dialect: new PostgresDialect({ pool: { connect: async () => lent as never, end: async () => undefined } }),
  })
}
