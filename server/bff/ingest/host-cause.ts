import { formatFilterWord } from '@rebootless/shared/domain/filter.ts'
import { cut } from '@rebootless/shared/domain/sentence.ts'
import type { HostState } from '@rebootless/shared/domain/words.ts'

/** Why one host needs someone. Hosts with the same key wait for the same thing. */
export interface HostCause {
  readonly key: string
  readonly title: string
  readonly explanation: string
  /** Finds all hosts with this cause. */
  readonly filter: string
  /** In the host's clock; undefined: since the host is in its state. */
  readonly since: string | undefined
  readonly blocking: string | null
  readonly function: string | null
}

/** Two names, or a kernel's line, fit a key by their beginning. */
export const keyOf = (...parts: readonly string[]) => parts.map((part) => part.slice(0, 180)).join('|')

/** For causes that no other words of the filter tell apart: their own key does. */
export const filterOfCause = (state: HostState, key: string) => `state:${state} ${formatFilterWord('cause', key)}`

export const cause = (
  fields: Pick<HostCause, 'key' | 'title' | 'explanation' | 'filter'> & Partial<HostCause>,
): HostCause => ({
  since: undefined,
  blocking: null,
  function: null,
  ...fields,
  title: cut(fields.title, 600),
  explanation: cut(fields.explanation, 600),
})
