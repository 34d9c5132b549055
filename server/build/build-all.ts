import { join } from 'node:path'
import { buildAgent } from './build-agent.ts'
import { buildCli } from './build-cli.ts'
import { buildServer, DIST } from './build-server.ts'
import { writeBillOfPages } from './write-bill.ts'

/** All that runs outside the browser: the program, those that play recorded and simulated kernels for it, and the agent. */
await Promise.all([
  buildAgent(),
  buildCli(),
  buildServer(),
  // The thread that reads uploads; server.mjs and simulated-fleet.mjs look for it beside themselves.
  buildServer('../bff/patches/module/upload-worker', join(DIST, 'upload-worker.mjs')),
  ...['recorded-fleet', 'simulated-fleet'].map((name) => buildServer(name, join(DIST, `${name}.mjs`))),
])
await writeBillOfPages(join(DIST, '..', '..', 'web', 'dist'), DIST)
