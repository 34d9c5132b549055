import pg, { type PoolConfig } from 'pg'

/** Changes a log as whoever rules the database does it, past the triggers: `work` is given statements' runner, one connection's. */
export const tamperWith = async <Result>(
  superuser: PoolConfig,
  work: (run: (statement: string) => Promise<unknown>) => Promise<Result>,
): Promise<Result> => {
  const client = new pg.Client(superuser)
  await client.connect()
  try {
    await client.query('set session_replication_role = replica')
    return await work((statement) => client.query(statement))
  } finally {
    await client.end()
  }
}
