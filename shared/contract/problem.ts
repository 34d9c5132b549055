import * as z from 'zod'
import { ERROR_CODES } from '../domain/errors.ts'

/** RFC 9457. The web branches on `type`, never on text. */
export const Problem = z.strictObject({
  type: z.enum(ERROR_CODES.map((code) => `/problems/${code}` as const)),
  title: z.string(),
  status: z.int(),
  /** What happened and what to do, in one sentence. */
  detail: z.string(),
  requestId: z.string(),
  /** With `body_invalid`: the fields that cannot be used, the first twenty, and why, as what follows the field's name. */
  mistakes: z.array(z.strictObject({ path: z.array(z.union([z.string(), z.int()])), text: z.string() })).optional(),
})
export type Problem = z.infer<typeof Problem>
