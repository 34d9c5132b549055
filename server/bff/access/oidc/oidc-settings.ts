import { readFileSync } from 'node:fs'
import { normalScope } from '@rebootless/shared/domain/scope-within.ts'
import { ROLES, type Role } from '@rebootless/shared/domain/words.ts'
import * as z from 'zod'

/** What members of a group may do. */
export interface GroupRole {
  readonly group: string
  readonly role: Role
  readonly scope: string | null
}

export interface OidcSettings {
  readonly issuer: string
  readonly clientId: string
  /** Undefined: a public client, held by PKCE alone. */
  readonly clientSecret: string | undefined
  /** Asked for beside `openid`. */
  readonly scopes: string
  readonly groupsClaim: string
  /** The first whose group somebody is in counts. */
  readonly roles: readonly GroupRole[]
  /** The one algorithm that ID tokens are signed with: whatever a token says of itself is not asked (RFC 8725, §3.1). */
  readonly algorithm: string
}

const GROUP_ROLE = new RegExp(`^(.+?)=(${ROLES.join('|')})(?:@(.+))?$`)

/** `fleet admins=admin; staging=operator@label.env:staging`: group, role, and a scope if wanted. */
const readRoles = (text: string, context: z.RefinementCtx): GroupRole[] =>
  text
    .split(/[;\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .flatMap((entry) => {
      const [, group, role, scopeText] = GROUP_ROLE.exec(entry) ?? []
      const known = ROLES.find((word) => word === role)
      const scope = scopeText === undefined ? undefined : normalScope(scopeText)
      if (group === undefined || known === undefined) {
        context.addIssue(`write GROUP=${ROLES.join('|')}, and @SCOPE behind it if wanted, separated by semicolons`)
      } else if (scope?.ok === false) {
        context.addIssue(`the scope of ${group}: ${scope.detail}`)
      } else {
        return [{ group: group.trim(), role: known, scope: scope?.scope ?? null }]
      }
      return []
    })

const text = z.string().min(1).max(1024)

/** Part of the environment's schema (server/bff/settings.ts). */
export const OIDC_ENVIRONMENT = {
  OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  OIDC_CLIENT_ID: text.optional(),
  OIDC_CLIENT_SECRET: text.optional(),
  OIDC_CLIENT_SECRET_FILE: text.optional(),
  OIDC_SCOPES: text.default('profile'),
  OIDC_GROUPS_CLAIM: text.default('groups'),
  OIDC_ROLES: z.string().max(16_384).default('').transform(readRoles),
  OIDC_ALGORITHM: z.enum(['RS256', 'PS256', 'ES256', 'EdDSA']).default('RS256'),
}

/** @throws Error with a sentence for the person who starts the program */
export const oidcSettingsOf = (env: z.output<z.ZodObject<typeof OIDC_ENVIRONMENT>>): OidcSettings | undefined => {
  if (env.OIDC_ISSUER === undefined) return undefined
  if (env.OIDC_CLIENT_ID === undefined || env.OIDC_ROLES.length === 0) {
    throw new Error(
      'OIDC_ISSUER needs OIDC_CLIENT_ID, the name under which the identity provider knows this server, and OIDC_ROLES, ' +
        'such as "fleet admins=admin; staging=operator@label.env:staging".',
    )
  }
  return {
    issuer: env.OIDC_ISSUER,
    clientId: env.OIDC_CLIENT_ID,
    clientSecret: env.OIDC_CLIENT_SECRET ?? readSecret(env.OIDC_CLIENT_SECRET_FILE),
    scopes: env.OIDC_SCOPES,
    groupsClaim: env.OIDC_GROUPS_CLAIM,
    roles: env.OIDC_ROLES,
    algorithm: env.OIDC_ALGORITHM,
  }
}

const readSecret = (file: string | undefined): string | undefined => {
  if (file === undefined) return undefined
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    const reason = error instanceof Error ? error.message : error
    throw new Error(`OIDC_CLIENT_SECRET_FILE can't be read (${reason}): name a file that this user may read.`)
  }
}
