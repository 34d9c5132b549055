import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../schema.ts'

type Db = Kysely<DatabaseSchema>

/** Answers that only read, and may be made twice. */
type ReadHandlers<H> = { [K in keyof H]: K extends `GET ${string}` ? (call: never) => Promise<unknown> : never }

/**
 * Where pages, trends and exports read: the primary, or a replica that has all that anybody could have seen before he asked. Nothing
 * that decides, writes, or finds out who asks goes this way (docs/adr/025-read-replicas.md).
 */
export interface Reads {
  /** `work` runs once more, on the primary, when the replica fails meanwhile: so it does nothing but read. */
  read<Result>(work: (database: Db) => Promise<Result>): Promise<Result>
  /** For what cannot be made twice, such as a file that is being sent. */
  choose(): Promise<Db>
  /** Handlers made over each database, so that what they keep in memory is of one alone; each call is a `read`. */
  handlers<H extends ReadHandlers<H>>(make: (database: Db) => H): H
}

/** Without a replica. */
export const primaryAlone = (database: Db): Reads => ({
  read: (work) => work(database),
  choose: async () => database,
  handlers: (make) => make(database),
})

/** `handlers` by `read`. */
export const handlersOver =
  ({ primary, replica, read }: { readonly primary: Db; readonly replica: Db; readonly read: Reads['read'] }) =>
  <H extends ReadHandlers<H>>(make: (database: Db) => H): H => {
    const onPrimary = make(primary)
    const onReplica = make(replica)
    const both = (Object.keys(onPrimary) as (keyof H)[]).map((key) => {
      const of = (database: Db) =>
        (database === replica ? onReplica : onPrimary)[key] as (call: never) => Promise<unknown>
      return [key, (call: never) => read((database) => of(database)(call))] as const
    })
    return Object.fromEntries(both) as H
  }
