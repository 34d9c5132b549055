import type { Transaction } from 'kysely'

/** One step of the schema, forward only: once released, a step is never changed; a mistake is mended by the next. */
export interface Migration {
  /** Number and name, `0001-hosts`; ids rise strictly through the list and are what the database remembers. */
  id: string
  /**
   * Runs in a transaction of its own, so it happens wholly or not at all. The handle knows no tables, on purpose: a
   * step has to compile for ever, while `schema.ts` moves on. Use `transaction.schema` or the `sql` template.
   */
  up(transaction: Transaction<unknown>): Promise<void>
}
