import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { databaseHome } from './program.ts'
import { postmasterOf } from './stored-rows.ts'

/** Where and as whom a program's own database is reached with all rights. */
export async function superuserOf(dataDirectory: string) {
  const file = path.join(await databaseHome(dataDirectory), 'passwords.json')
  const { administration: password } = JSON.parse(await readFile(file, 'utf8'))
  const { sockets: host } = await postmasterOf(dataDirectory)
  return { host, port: 5432, user: 'postgres', password: String(password), database: 'rebootless' }
}
