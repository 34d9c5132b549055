import { join } from 'node:path'
import { buildAgent } from './build-agent.ts'
import { buildServer, DIST } from './build-server.ts'

/** All that runs outside the browser: the program, the one that replays recorded kernels for it, and the agent. */
await Promise.all([buildAgent(), buildServer(), buildServer('recorded-fleet', join(DIST, 'recorded-fleet.mjs'))])
