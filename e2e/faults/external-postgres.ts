import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startEmbeddedPostgres } from '@rebootless/server/bff/database/embedded/embedded-postgres.ts'
import { startTestProxy, type TestProxy } from '@rebootless/server/process/test-proxy.ts'
import type { PoolConfig } from 'pg'

/** A PostgreSQL that is not the program's own, reached through a proxy. */
export interface ExternalPostgres {
  readonly proxy: TestProxy
  /** What the program under test is told. */
  readonly environment: { readonly DATABASE_URL: string; readonly DATABASE_OWNER_URL: string }
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
  const urlOf = ({ user, password, database, options }: PoolConfig): string => {
    const url = new URL(`postgres://127.0.0.1:${proxy.port}/${database}`)
    url.username = String(user)
    url.password = String(password)
    if (options !== undefined) url.searchParams.set('options', options)
    return url.href.replaceAll('+', '%20')
  }
  return {
    proxy,
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
