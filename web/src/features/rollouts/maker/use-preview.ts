import type { RolloutPreview } from '@rebootless/shared/contract/rollouts-api.ts'
import { fieldName } from '@rebootless/shared/domain/mistakes.ts'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { ApiProblem } from '../../../api/api-problem.ts'
import type { Draft } from './draft.ts'
import { previewQuery } from './queries.ts'

/** Long enough for a word to be typed, short enough to be taken for at once. */
const TYPING_MS = 350

const useSettled = <Value>(value: Value): Value => {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_MS)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}

/** What lacks before hosts can be asked about; null: nothing. */
const missingOf = ({ plan }: Draft): string | null =>
  plan.change.kind === 'load' && plan.change.patches.length === 0
    ? 'Choose what is to be rolled out.'
    : plan.change.kind === 'disable' && plan.change.patch === ''
      ? 'Say which livepatch is to be disabled.'
      : plan.change.kind === 'update' && plan.change.provider === ''
        ? 'Choose a vendor’s update.'
        : plan.hosts.trim() === ''
          ? 'Say which hosts it goes to.'
          : null

export interface Preview {
  /** The newest there is, which may be of the plan as it was before. */
  readonly shown: RolloutPreview | undefined
  /** It is of the plan as it stands. */
  readonly isCurrent: boolean
  readonly isPending: boolean
  readonly missing: string | null
  readonly error: Error | null
  /** By place in the plan: what the server does not take, and what policies want otherwise. */
  readonly mistakes: ReadonlyMap<string, string>
}

export const usePreview = (draft: Draft): Preview => {
  const settled = useSettled(draft)
  const missing = missingOf(draft)
  const asked = useQuery({
    ...previewQuery(settled.id, settled.plan),
    enabled: missingOf(settled) === null,
    placeholderData: keepPreviousData,
  })
  const isSettled = settled.plan === draft.plan
  const shown = asked.isError ? undefined : asked.data
  const isCurrent = isSettled && missing === null && shown !== undefined && !asked.isPlaceholderData
  const { error } = asked
  const mistakes = useMemo(() => mistakesOf(error, shown), [error, shown])
  return {
    ...{
      shown: missing === null ? shown : undefined,
      isCurrent,
      missing,
      mistakes,
      error: missing === null ? error : null,
    },
    isPending: missing === null && (!isSettled || asked.isFetching),
  }
}

const mistakesOf = (error: Error | null, shown: RolloutPreview | undefined): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  for (const { field, sentence } of shown?.breaches ?? []) found.set(field, sentence)
  if (!(error instanceof ApiProblem)) return found
  if (error.code === 'filter_invalid') found.set('hosts', error.detail)
  for (const { path, text } of error.mistakes) {
    const [head, ...rest] = path
    if (head !== 'plan') continue
    found.set(fieldName(rest), `It ${text}.`)
    // Of a list that is written in one field.
    if (typeof rest.at(-1) === 'number') found.set(fieldName(rest.slice(0, -1)), `One of them ${text}.`)
  }
  return found
}
