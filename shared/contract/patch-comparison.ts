import * as z from 'zod'
import { CALLBACK_KINDS } from './module-facts.ts'
import { hostText, KernelName } from './primitives.ts'
import { CveId } from './provider.ts'
import { Sha256 } from './signed.ts'

const side = z.enum(['both', 'left', 'right'])
const Side = z.strictObject({ id: Sha256, name: KernelName, release: hostText(128), releaseCounter: z.int() })

/** Two modules, function by function. */
export const PatchComparison = z.strictObject({
  left: Side,
  right: Side,
  /** Why functions cannot be compared; null: they are. */
  unread: z.string().max(700).nullable(),
  /** Metadata that differs or is worth seeing side by side, as text; null: the file does not say. */
  fields: z.array(
    z.strictObject({
      field: hostText(32),
      left: hostText(300).nullable(),
      right: hostText(300).nullable(),
      same: z.boolean(),
    }),
  ),
  /** By object and name. */
  functions: z.array(
    z.strictObject({
      object: KernelName,
      name: hostText(512),
      sympos: z.int(),
      in: side,
      /** Symbols of the replacements; null: not there, or not shown. Whether their code is the same, no file says. */
      leftReplacement: hostText(512).nullable(),
      rightReplacement: hostText(512).nullable(),
    }),
  ),
  counts: z.strictObject({ both: z.int(), left: z.int(), right: z.int() }),
  callbacks: z.array(z.strictObject({ object: KernelName, callback: z.enum(CALLBACK_KINDS), in: side })),
  cves: z.array(z.strictObject({ cve: CveId, in: side })),
  /** `klp_state` by id; null: that side does not have it. */
  states: z.array(z.strictObject({ id: z.string().max(20), left: z.int().nullable(), right: z.int().nullable() })),
  /** What comes of loading the right one where the left one is. */
  summary: z.string().max(700),
})
export type PatchComparison = z.infer<typeof PatchComparison>
