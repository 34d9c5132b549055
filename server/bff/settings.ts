import { isIP } from 'node:net'
import path from 'node:path'
import * as z from 'zod'
import { OIDC_ENVIRONMENT, type OidcSettings, oidcSettingsOf } from './access/oidc/oidc-settings.ts'

/** A setting is wrong: `message` is for the person who starts the program. */
export class SettingsError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SettingsError'
  }
}

export interface BackendSettings {
  /** Where browsers connect: `HOST`, `PORT`; port 0 takes a free one. */
  readonly host: string
  readonly port: number
  readonly agentHost: string
  readonly agentPort: number
  readonly dataFolder: string
  /** Undefined: embedded PostgreSQL. */
  readonly databaseUrl: string | undefined
  /** Past a pooler that `databaseUrl` goes through, for what needs a session of its own. */
  readonly databaseDirectUrl: string | undefined
  /** The role that owns the tables, where it is another than that of `databaseUrl`. */
  readonly databaseOwnerUrl: string | undefined
  /** A streaming replica of `databaseUrl`, for pages, trends and exports. */
  readonly databaseReplicaUrl: string | undefined
  /** Undefined: the first user signs in by a one-time link. */
  readonly adminPassword: string | undefined
  /** Paths of certificate and key for browsers; undefined: plain HTTP. */
  readonly tls: { readonly certificatePath: string; readonly keyPath: string } | undefined
  /** Addresses or networks of reverse proxies whose X-Forwarded-* headers count; empty: none. They must speak TLS. */
  readonly trustedProxies: readonly string[]
  /** Names beside the loopback ones under which browsers may reach this server (threat-model T02). */
  readonly publicHosts: readonly string[]
  /** What `enrolment-tokens` tells a host to dial, `host:port`; undefined: the name that the browser used. */
  readonly agentAddress: string | undefined
  /** 32 bytes in base64; undefined: `secrets.key` in the data folder. */
  readonly secretsKey: string | undefined
  /** Keys other than those that the database was served with before are taken for its own from now on. */
  readonly acceptNewKeys: boolean
  /** Addresses and networks that are not public and may yet be called: identity providers, webhooks, feeds (T12). */
  readonly outgoingNetworks: readonly string[]
  /** Below it lie files and folders that feeds of vulnerabilities are read from; undefined: none are. */
  readonly feedsFolder: string | undefined
  /** Whether somebody collects traces, by the settings of the OTLP exporter (opentelemetry.io, "OTLP Exporter Configuration"). */
  readonly traces: boolean
  /** Undefined: no single sign-on. */
  readonly oidc: OidcSettings | undefined
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback)
const words = z
  .string()
  .default('')
  .transform((text) => text.split(/[\s,]+/).filter((word) => word !== ''))

/** An address or a network in CIDR form (RFC 4632, §3.1; RFC 4291, §2.3); not a network of everyone. */
const isNetwork = (word: string): boolean => {
  const [address = '', prefix, ...rest] = word.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return prefix === undefined || (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128))
}
const networks = words.refine((list) => list.every(isNetwork), {
  error: 'write IP addresses or networks such as 10.0.0.5, 10.1.0.0/16 or fd00::/8, separated by commas',
})
const hostName = z.string().min(1).max(255)

const Environment = z.object({
  HOST: hostName.default('127.0.0.1'),
  PORT: port(8080),
  AGENT_HOST: hostName.default('127.0.0.1'),
  AGENT_PORT: port(8443),
  AGENT_ADDRESS: hostName.optional(),
  REBOOTLESS_DATA: z.string().min(1).default('.rebootless'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  DATABASE_DIRECT_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  DATABASE_OWNER_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  DATABASE_REPLICA_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  REBOOTLESS_ADMIN_PASSWORD: z.string().max(1024, 'use at most 1024 characters').optional(),
  TLS_CERTIFICATE: z.string().min(1).optional(),
  TLS_KEY: z.string().min(1).optional(),
  TRUSTED_PROXY: networks,
  PUBLIC_HOSTS: words,
  REBOOTLESS_SECRETS_KEY: z.string().max(1024).optional(),
  REBOOTLESS_NEW_KEYS: z.literal('accept', { error: 'write accept, for one start, or leave it out' }).optional(),
  OUTGOING_NETWORKS: networks,
  FEEDS_FOLDER: z.string().min(1).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  OTEL_SDK_DISABLED: z.string().optional(),
  ...OIDC_ENVIRONMENT,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
})

/** Whether only this machine can reach an address: 127.0.0.0/8 and ::1 (RFC 1122, §3.2.1.3; RFC 4291, §2.5.3). */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host)

/**
 * Reads the settings from the environment; an empty value counts as unset.
 * @throws SettingsError that names each wrong setting and what to write
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): BackendSettings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = Environment.safeParse(given)
  if (!parsed.success) {
    // The value itself stays out of the message: it may be a password.
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new SettingsError(`These settings cannot be used. ${wrong.join('; ')}.`)
  }
  const env = parsed.data
  if ((env.TLS_CERTIFICATE === undefined) !== (env.TLS_KEY === undefined)) {
    throw new SettingsError('TLS_CERTIFICATE and TLS_KEY go together: set both to paths of PEM files, or neither.')
  }
  if (env.DATABASE_REPLICA_URL !== undefined && env.DATABASE_URL === undefined) {
    throw new SettingsError(
      'DATABASE_REPLICA_URL goes with DATABASE_URL, of which it is a replica: set both, or neither.',
    )
  }
  const settings: BackendSettings = {
    host: env.HOST,
    port: env.PORT,
    agentHost: env.AGENT_HOST,
    agentPort: env.AGENT_PORT,
    agentAddress: env.AGENT_ADDRESS,
    dataFolder: path.resolve(env.REBOOTLESS_DATA),
    databaseUrl: env.DATABASE_URL,
    databaseDirectUrl: env.DATABASE_DIRECT_URL,
    databaseOwnerUrl: env.DATABASE_OWNER_URL,
    databaseReplicaUrl: env.DATABASE_REPLICA_URL,
    adminPassword: env.REBOOTLESS_ADMIN_PASSWORD,
    tls:
      env.TLS_CERTIFICATE === undefined || env.TLS_KEY === undefined
        ? undefined
        : { certificatePath: env.TLS_CERTIFICATE, keyPath: env.TLS_KEY },
    trustedProxies: env.TRUSTED_PROXY,
    publicHosts: env.PUBLIC_HOSTS.map((name) => name.toLowerCase()),
    secretsKey: env.REBOOTLESS_SECRETS_KEY,
    acceptNewKeys: env.REBOOTLESS_NEW_KEYS === 'accept',
    outgoingNetworks: env.OUTGOING_NETWORKS,
    feedsFolder: env.FEEDS_FOLDER === undefined ? undefined : path.resolve(env.FEEDS_FOLDER),
    traces:
      env.OTEL_SDK_DISABLED?.toLowerCase() !== 'true' &&
      (env.OTEL_EXPORTER_OTLP_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) !== undefined,
    oidc: readOidc(env),
    logLevel: env.LOG_LEVEL,
  }
  requireSafeTransport(settings)
  return settings
}

const readOidc = (env: Parameters<typeof oidcSettingsOf>[0]): OidcSettings | undefined => {
  try {
    return oidcSettingsOf(env)
  } catch (error) {
    throw new SettingsError(error instanceof Error ? error.message : String(error))
  }
}

/**
 * A session cookie over plain HTTP is safe on this machine only (T01).
 * @throws SettingsError
 */
export function requireSafeTransport({ host, tls, trustedProxies }: BackendSettings): void {
  if (isLoopback(host) || tls !== undefined || trustedProxies.length > 0) return
  throw new SettingsError(
    `HOST=${host} would send sign-ins over the network in the clear. Set TLS_CERTIFICATE and TLS_KEY, ` +
      'or put a TLS reverse proxy in front and name its address in TRUSTED_PROXY, or leave HOST at 127.0.0.1.',
  )
}
