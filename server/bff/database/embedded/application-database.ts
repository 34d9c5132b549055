import { Client, escapeIdentifier, escapeLiteral } from 'pg'
import type { Passwords } from './passwords.ts'
import type { Place } from './place.ts'
import { connectionOf } from './server.ts'

/** Owns the database and all that is in it. Nobody signs in as this role: the supervisor takes it on. */
export const OWNER_ROLE = 'rebootless_owner'
const APPLICATION_ROLE = 'rebootless'
const DATABASE = 'rebootless'

/**
 * Makes the database and its two roles when they are missing. The program works as one that owns nothing, so that it
 * cannot take the guard off the audit log (threat-model T30); what an older version owned as that role changes hands.
 */
export async function ensureApplicationDatabase(place: Place, passwords: Passwords): Promise<void> {
  const [owner, application, database] = [OWNER_ROLE, APPLICATION_ROLE, DATABASE].map(escapeIdentifier)
  await asSuperuser(place, passwords, 'postgres', async (client) => {
    const roles = await client.query('select rolname from pg_roles')
    const there = new Set(roles.rows.map(({ rolname }) => rolname))
    if (!there.has(OWNER_ROLE)) await client.query(`create role ${owner} nologin`)
    if (!there.has(APPLICATION_ROLE)) {
      await client.query(`create role ${application} login password ${escapeLiteral(passwords.application)}`)
    }
    const databases = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
    if (databases.rowCount === 0) await client.query(`create database ${database} owner ${owner}`)
  })
  // The database itself too, where the role owns it.
  await asSuperuser(place, passwords, DATABASE, (client) =>
    client.query(`reassign owned by ${application} to ${owner}`),
  )
}

async function asSuperuser(
  place: Place,
  passwords: Passwords,
  database: string,
  work: (client: Client) => Promise<unknown>,
): Promise<void> {
  const client = new Client(connectionOf(place, 'postgres', passwords.administration, database))
  client.on('error', () => undefined)
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
