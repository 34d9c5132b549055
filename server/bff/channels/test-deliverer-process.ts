/** A deliverer in a process of its own, which a test kills: `CONNECTION` is a PoolConfig as JSON. */
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { DatabaseSchema } from '../database/schema.ts'
import { createGuardedFetch } from '../outgoing/guarded-fetch.ts'
import { createGuardedConnect } from '../outgoing/guarded-socket.ts'
import { createSecretBox } from '../secrets/secret-box.ts'
import { createDeliverer } from './deliverer.ts'
import { readPushKeys } from './push-keys.ts'
import { createSender } from './send-message.ts'
import { TEST_BOX_KEY } from './test-channels.ts'

const pool = new pg.Pool(JSON.parse(process.env.CONNECTION ?? '{}') as pg.PoolConfig)
const database = new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) })
const networks = ['127.0.0.0/8']
const secrets = createSecretBox(TEST_BOX_KEY)
const sender = createSender({
  fetch: createGuardedFetch({ networks }),
  mail: { connect: createGuardedConnect({ networks }) },
  secrets,
  pushKeys: () => readPushKeys(database, secrets),
})
const deliverer = createDeliverer({ database, sender, log: { warn: (...words: unknown[]) => console.error(...words) } })
for (;;) {
  await deliverer.look()
  await new Promise((resolve) => setTimeout(resolve, 50))
}
