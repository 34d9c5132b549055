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

/** As somebody who has the database, but not the server's data folder, makes it look untouched: a sound chain, without heads. */
export const rewriteLog = (superuser: PoolConfig, statement: string): Promise<unknown> =>
  tamperWith(superuser, async (run) => {
    await run('create temp table old as select * from audit')
    await run('truncate audit, audit_heads')
    await run(statement)
    await run('set session_replication_role = origin')
    await run(`insert into audit (at, action, actor_name, result, entry)
      select at, action, actor_name, result, entry from old order by sequence`)
  })
