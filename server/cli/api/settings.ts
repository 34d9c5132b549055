import { open, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import * as z from 'zod'
import { CommandFailure, UsageError } from '../run-command.ts'

/** Options of every command that asks a server, for parseArgs. */
export const SERVER_OPTIONS = {
  server: { type: 'string' },
  ca: { type: 'string' },
  config: { type: 'string' },
  user: { type: 'string' },
} as const

export const SERVER_USAGE = `  --server URL   or REBOOTLESS_URL, or "server" in the configuration file
  --user NAME    signs in as a person, whose password is asked for, in place of the API token in REBOOTLESS_TOKEN
  --ca FILE      trusts these certificate authorities alone, in place of the machine's
  --config FILE  JSON with server, token, ca, user; ~/.config/rebootless/config.json unless said; only you may read it`

export interface ServerSettings {
  readonly server: URL
  readonly token: string | undefined
  /** Sign in as this person. */
  readonly user: string | undefined
  /** PEM of the authorities that are trusted alone; undefined: the machine's. */
  readonly ca: string | undefined
}

const ConfigFile = z.strictObject({
  server: z.string().optional(),
  token: z.string().optional(),
  ca: z.string().optional(),
  user: z.string().optional(),
})
const CONFIG_BYTES_MAX = 64 * 1024
const LOCAL = ['127.0.0.1', 'localhost', '[::1]']

type Given = { readonly [K in keyof typeof SERVER_OPTIONS]?: string | undefined }

/** Options before the environment, and that before the file. @throws CommandFailure, UsageError */
export const readServerSettings = async (
  given: Given,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ServerSettings> => {
  const file = await readConfig(given.config, environment)
  const address = given.server ?? environment.REBOOTLESS_URL ?? file.server
  if (address === undefined) {
    throw new UsageError('no server is named: put its address into REBOOTLESS_URL, or give --server https://HOST')
  }
  const ca = given.ca ?? file.ca
  return {
    server: serverOf(address),
    token: environment.REBOOTLESS_TOKEN ?? file.token,
    user: given.user ?? environment.REBOOTLESS_USER ?? file.user,
    ca: ca === undefined ? undefined : await readAuthorities(ca),
  }
}

const serverOf = (address: string): URL => {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new UsageError(`${address} is no address of a server: write https://HOST`)
  }
  if (url.protocol === 'http:' && !LOCAL.includes(url.hostname)) {
    throw new CommandFailure('The address must begin with https://: what proves who you are would be read on its way.')
  }
  return url
}

const readAuthorities = async (file: string): Promise<string> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailure(`${file} cannot be read: ${error.code ?? error.message}.`)
  })
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new CommandFailure(`${file} holds no certificate: give PEM, as the Enrolment page or your TLS proxy has it.`)
  }
  return text
}

const readConfig = async (
  given: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<z.infer<typeof ConfigFile>> => {
  const folder = environment.XDG_CONFIG_HOME ?? path.join(environment.HOME ?? homedir(), '.config')
  const name = given ?? path.join(folder, 'rebootless', 'config.json')
  const file = await open(name, 'r').catch((error: NodeJS.ErrnoException) => {
    if (given === undefined && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined
    throw new CommandFailure(`${name} cannot be read: ${error.code ?? error.message}.`)
  })
  if (file === undefined) return {}
  try {
    const { mode, size } = await file.stat()
    if ((mode & 0o077) !== 0) {
      throw new CommandFailure(`${name} is open to others: run chmod 600 on it, and make a new token if it holds one.`)
    }
    if (size > CONFIG_BYTES_MAX) throw new CommandFailure(`${name} is no configuration: it is too large.`)
    return parseConfig(name, await file.readFile('utf8'))
  } finally {
    await file.close()
  }
}

const parseConfig = (name: string, text: string): z.infer<typeof ConfigFile> => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new CommandFailure(`${name} is not JSON.`)
  }
  const parsed = ConfigFile.safeParse(json)
  if (parsed.success) return parsed.data
  throw new CommandFailure(`${name} holds something else than texts named server, token, ca and user.`)
}
