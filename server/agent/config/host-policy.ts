import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PublicKey } from '@rebootless/shared/contract/signed.ts'
import { COMMAND_ACTIONS, HOST_CLASSES, type HostClass } from '@rebootless/shared/domain/words.ts'
import * as z from 'zod'
import { parseServerUrl } from '../link/server-address.ts'
import { ChangeHours } from './change-hours.ts'

export const DEFAULT_CONFIG_PATH = '/etc/rebootless/agent.json'
export const DEFAULT_DATA_DIRECTORY = '/var/lib/rebootless'
const BYTES_MAX = 64 * 1024

const ServerUrl = z.string().transform((text, context) => {
  const url = parseServerUrl(text)
  if (url === undefined) context.addIssue({ code: 'custom', message: 'write https://HOST:PORT' })
  return url ?? z.NEVER
})

/** The host's own word on what may be done to it: threat-model.md, "Two signatures and a veto". */
const AgentConfig = z
  .strictObject({
    class: z.enum(HOST_CLASSES),
    approvers: z
      .array(z.strictObject({ name: z.string().min(1).max(64), publicKey: PublicKey }))
      .max(64)
      .default([]),
    /** How many of them must sign. */
    threshold: z.int().min(1).max(64).default(1),
    /** Left out: at any hour. */
    hours: ChangeHours.optional(),
    neverForce: z.boolean().default(false),
    /** Left out: all. */
    actions: z.array(z.enum(COMMAND_ACTIONS)).max(COMMAND_ACTIONS.length).optional(),
    /** `update` may have the package manager install the running kernel's livepatch package. */
    packageUpdates: z.boolean().optional(),
    /** Where the servers of this host are dialled, any of them; left out: the one that it enrolled at. */
    servers: z.array(ServerUrl).min(1).max(16).optional(),
    /** Whose signature an agent must bear that takes this one's place. Left out: none does. */
    makersKey: PublicKey.optional(),
  })
  .refine(
    (config) => new Set(config.approvers.map((approver) => approver.publicKey)).size === config.approvers.length,
    {
      path: ['approvers'],
      message: 'two approvers have the same key',
    },
  )
  .refine((config) => config.class !== 'production' || config.approvers.length >= config.threshold, {
    path: ['threshold'],
    message: 'more signatures are asked for than there are approvers',
  })
export type AgentConfig = z.infer<typeof AgentConfig>

export interface HostPolicy {
  readonly hostClass: HostClass
  /** Why the host is only observed although, or because, of its file; null when the file itself says so. */
  readonly reason: string | null
  readonly config: AgentConfig | null
}

/** Of hosts that only play a kernel: there is nothing that a server could break. */
export const LAB_POLICY: HostPolicy = {
  ...{ hostClass: 'lab', reason: null },
  config: { class: 'lab', approvers: [], threshold: 1, neverForce: false, packageUpdates: true },
}

const observed = (reason: string): HostPolicy => ({ hostClass: 'observe', reason, config: null })

const ownerReason = (
  what: string,
  owner: number,
  mode: number,
  trustedOwners: readonly number[],
): string | undefined => {
  if (!trustedOwners.includes(owner)) return `${what} belongs to user ${owner}, not to root or the agent's own user`
  if ((mode & 0o022) !== 0) return `${what} can be written by others: run chmod go-w on it`
  return undefined
}

/**
 * Reads the host's class. Whatever is wrong with the file, reading the kernel goes on and nothing may be changed:
 * class `observe`, with the reason (threat-model T27). `userId` is the agent's own, geteuid(2). Never rejects.
 */
export const readHostPolicy = async (path: string, userId: number): Promise<HostPolicy> => {
  const trusted = [0, userId]
  try {
    // O_NOFOLLOW: a link would let whoever owns its target decide. O_NONBLOCK: a FIFO must not hold the agent up.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const facts = await file.stat()
      if (!facts.isFile()) return observed(`${path} is not a regular file`)
      if (facts.size > BYTES_MAX) return observed(`${path} is larger than ${BYTES_MAX} bytes`)
      const folder = await stat(dirname(path))
      const reason =
        ownerReason(path, facts.uid, facts.mode, trusted) ??
        ownerReason(dirname(path), folder.uid, folder.mode, trusted)
      if (reason !== undefined) return observed(reason)
      return policyOf(path, await file.readFile('utf8'))
    } finally {
      await file.close()
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (code === 'ENOENT') return observed(`there is no ${path}`)
    if (code === 'ELOOP') return observed(`${path} is a symbolic link`)
    return observed(`${path} cannot be read: ${code}`)
  }
}

/** Duplicate keys are not told apart: JSON.parse takes the last, and the file is root's own. */
const policyOf = (path: string, text: string): HostPolicy => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return observed(`${path} is not JSON`)
  }
  const parsed = AgentConfig.safeParse(json)
  if (parsed.success) return { hostClass: parsed.data.class, reason: null, config: parsed.data }
  const issue = parsed.error.issues[0]
  return observed(`${path}: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not valid'}`)
}
