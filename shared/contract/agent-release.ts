import * as z from 'zod'
import { Sha256 } from './signed.ts'

/** Plain numbers, so that any two can be told apart by age. */
export const AgentVersion = z.string().regex(/^\d{1,6}\.\d{1,6}\.\d{1,6}$/)

export const AGENT_RELEASE_BYTES_MAX = 4 * 1024 * 1024

/**
 * What the makers sign of an agent (threat-model T34). A release is one file: the signed text (`Signed`, JSON) on the first
 * line, and behind it the agent's own bytes.
 */
export const AgentRelease = z.strictObject({
  version: AgentVersion,
  /** Of the agent's own bytes. */
  sha256: Sha256,
  size: z.int().min(1).max(AGENT_RELEASE_BYTES_MAX),
  /** Of the agent link. */
  protocol: z.int().min(1),
  /** The oldest agent that it may take the place of. */
  from: AgentVersion,
  /** The oldest Node.js that runs it, by its first number. */
  node: z.int().min(1),
})
export type AgentRelease = z.infer<typeof AgentRelease>
