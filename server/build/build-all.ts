import { buildAgent } from './build-agent.ts'
import { buildServer } from './build-server.ts'

/** All that runs outside the browser, into server/dist. */
await Promise.all([buildAgent(), buildServer()])
