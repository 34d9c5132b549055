import type { cveFeedRoutes } from '@rebootless/shared/contract/routes/cve-feeds.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { Call, Handlers } from '../http/call.ts'
import { addFeed, askForReading, changeFeed, deleteFeed, readFeeds } from './feeds.ts'
import { FEED_PRESETS } from './presets.ts'

export interface CveFeedRouteOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  /** Whether FEEDS_FOLDER is set. */
  readonly hasFolder: boolean
}

export const cveFeedHandlers = ({
  database,
  clock,
  hasFolder,
}: CveFeedRouteOptions): Pick<Handlers, keyof typeof cveFeedRoutes> => {
  const person = ({ actor, requestId }: Pick<Call, 'actor' | 'requestId'>) => ({ actor, requestId, now: clock.now() })
  return {
    'GET /api/v1/cve-feeds': async () => ({
      items: await readFeeds(database, clock.now()),
      ...{ presets: [...FEED_PRESETS], hasFolder, asOf: clock.now().toISOString() },
    }),
    'POST /api/v1/cve-feeds': (call) =>
      addFeed(database, call.body, { ...person(call), username: call.signedIn.username, hasFolder }),
    'PATCH /api/v1/cve-feeds/:id': (call) =>
      changeFeed(database, call.params.id, call.body, { ...person(call), hasFolder }),
    'DELETE /api/v1/cve-feeds/:id': async (call) => {
      await deleteFeed(database, call.params.id, call.body.reason, person(call))
      return null
    },
    'POST /api/v1/cve-feeds/:id/read': (call) => askForReading(database, call.params.id, person(call)),
  }
}
