import * as z from 'zod'
import { LABEL_KEY, LABEL_VALUE_MAX } from '../domain/label-words.ts'

/** PostgreSQL's text and jsonb take neither U+0000 nor half a surrogate pair (documentation, "JSON Types"). */
const labelValue = z
  .string()
  .max(LABEL_VALUE_MAX)
  .refine((value) => !value.includes('\0') && !/\p{Surrogate}/u.test(value), { error: 'it holds what is no text' })

/** A host's labels: `env` → `prod`. */
export const Labels = z.record(z.string().regex(LABEL_KEY), labelValue)
export type Labels = z.infer<typeof Labels>
