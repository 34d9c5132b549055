import { join } from 'node:path'
import { buildAgent } from './build-agent.ts'
import { buildCli } from './build-cli.ts'
import { buildServer, DIST, SERVER_PROGRAMS } from './build-server.ts'
import { writeBillOfPages } from './write-bill.ts'

/** All that runs outside the browser: the program, those that play recorded and simulated kernels for it, and the agent. */
await Promise.all([
  buildAgent(),
  buildCli(),
  ...Object.entries(SERVER_PROGRAMS).map(([name, program]) => buildServer(program, join(DIST, `${name}.mjs`))),
])
await writeBillOfPages(join(DIST, '..', '..', 'web', 'dist'), DIST)
