import type { ColumnType, JSONColumnType } from 'kysely'

/** bigint: pg gives it as text, and numbers or text go in. */
export type Int64 = ColumnType<string, number | string, number | string>
/** `json` and `jsonb`: parsed when read, text when written, since pg would write an array as a PostgreSQL array. */
export type Json<T> = JSONColumnType<T & object>
