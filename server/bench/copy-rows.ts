import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { Client } from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { listTables, quoted } from '../bff/backup/dump-database.ts'

/** PostgreSQL, "COPY": a binary file's header and trailer. */
const EMPTY_COPY_BYTES = 21

export interface RowsOfTable {
  readonly table: string
  readonly columns: string
  readonly rows: Buffer
}

/** Rows that a transaction of that number or a later one has written, as COPY tells them. */
export const rowsSince = async (client: Client, transaction: string): Promise<RowsOfTable[]> => {
  const written: RowsOfTable[] = []
  for (const { name: table, columns: names } of await listTables(client)) {
    const columns = names.map(quoted).join()
    // PostgreSQL, "System Columns": xmin is the transaction that wrote this version of a row; no run here reaches its wraparound.
    const select = `select ${columns} from ${quoted(table)} where xmin::text::bigint >= ${BigInt(transaction)}`
    const rows = await buffer(client.query(copyTo(`copy (${select}) to stdout (format binary)`)))
    if (rows.length > EMPTY_COPY_BYTES) written.push({ table, columns, rows })
  }
  return written
}

/** Into empty tables with the same indexes, which are dropped again. @returns seconds */
export const copyAll = async (client: Client, written: readonly RowsOfTable[]): Promise<number> => {
  const copyOf = (table: string) => quoted(`copy_of_${table}`)
  for (const { table } of written) {
    await client.query(`create table ${copyOf(table)} (like ${quoted(table)} including all)`)
  }
  const startedAt = performance.now()
  for (const { table, columns, rows } of written) {
    const into = client.query(copyFrom(`copy ${copyOf(table)} (${columns}) from stdin (format binary)`))
    await pipeline(Readable.from([rows]), into)
  }
  const seconds = (performance.now() - startedAt) / 1000
  for (const { table } of written) await client.query(`drop table ${copyOf(table)}`)
  return seconds
}
