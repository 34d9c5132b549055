import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startEmbeddedPostgres } from '@rebootless/server/bff/database/embedded/embedded-postgres.ts'
import { startTestProxy, type TestProxy } from '@rebootless/server/process/test-proxy.ts'
import type { PoolConfig } from 'pg'

type Addresses = Readonly<Record<'DATABASE_URL' | 'DATABASE_OWNER_URL', string>>

/** A PostgreSQL that is not the program's own. */
export interface ExternalPostgres {
  readonly proxy: TestProxy
  /** What a program under test is told that reaches it through the proxy. */
  readonly environment: Addresses
  /** And one that nothing is to befall on its way to the database. */
  readonly direct: Addresses
  /** With all rights, and not through the proxy. */
  readonly administration: PoolConfig
  readonly pid: () => number
  stop(): Promise<void>
}

const silent = () => undefined

export const startExternalPostgres = async (settings: Record<string, string>): Promise<ExternalPostgres> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-faults-'))
  await chmod(folder, 0o755) // root's database runs as another user
  const log = { info: silent, warn: silent, error: silent }
  const server = await startEmbeddedPostgres({ dataDirectory: folder, log, settings })
  const proxy = await startTestProxy({ path: `${server.administration.host}/.s.PGSQL.${server.administration.port}` })
  const urlOf = ({ user, password, database, options }: PoolConfig, socket?: string): string => {
    const url = new URL(`postgres://127.0.0.1:${proxy.port}/${database}`)
    if (socket !== undefined) {
      url.port = String(server.administration.port)
      url.searchParams.set('host', socket)
    }
    url.username = String(user)
    url.password = String(password)
    if (options !== undefined) url.searchParams.set('options', options)
    return url.href.replaceAll('+', '%20')
  }
  const { host: socket } = server.administration
  return {
    proxy,
    direct: { DATABASE_URL: urlOf(server.connection, socket), DATABASE_OWNER_URL: urlOf(server.owner, socket) },
    environment: { DATABASE_URL: urlOf(server.connection), DATABASE_OWNER_URL: urlOf(server.owner) },
    administration: { ...server.administration, database: 'rebootless' },
    pid() {
      const state = server.state()
      return state.kind === 'up' ? state.pid : 0
    },
    async stop() {
      await proxy.close()
      await server.stop()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
