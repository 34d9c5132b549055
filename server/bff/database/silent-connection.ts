import type { Socket } from 'node:net'

/**
 * PostgreSQL ends a statement of ours after 30 s by itself, so one that has said nothing for longer is not there any more: a machine
 * that lost its power, or a firewall that forgot us, leaves the socket open, and TCP would go on sending for a quarter of an hour
 * (tcp(7), tcp_retries2).
 */
export const SILENT_MS_MAX = 40_000

/** What is used of pg's client; its types name neither. */
interface Client {
  /** False while a query is under way. */
  readonly readyForQuery: boolean
  readonly connection: { readonly stream: Pick<Socket, 'setTimeout' | 'destroy'> }
}

/** Cuts the connection when the other side is silent for so long while a query waits; the query fails, and the pool opens another. */
export const cutWhenSilent = (client: object, afterMs = SILENT_MS_MAX): void => {
  const { connection } = client as Client
  // Fires again each time as much has passed with nothing read or written: node:net, socket.setTimeout.
  connection.stream.setTimeout(afterMs, () => {
    if (!(client as Client).readyForQuery) connection.stream.destroy(new Error('the database server no longer answers'))
  })
}
