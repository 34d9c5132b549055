import type { EnrolmentToken } from '@rebootless/shared/contract/enrolment.ts'
import { parseLabelWords } from '@rebootless/shared/domain/label-words.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { useEnrolledSince } from '../../live/live-store.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { LabelsField } from './labels-field.tsx'
import { enrolmentFactsQuery } from './queries.ts'
import { NewHosts, SetUpSteps } from './set-up-steps.tsx'
import { useServed } from './use-served.ts'

const whole = (least: number, most: number) => ({
  valueAsNumber: true,
  validate: (value: number) =>
    (Number.isInteger(value) && value >= least && value <= most) || `Write a whole number from ${least} to ${most}.`,
})

/** A token for some hosts, and what to type on each of them. */
export const MakeToken = () => {
  const cache = useQueryClient()
  const facts = useQuery(enrolmentFactsQuery).data
  const form = useForm({ defaultValues: { uses: 1, validMinutes: 60 } })
  const [labels, setLabels] = useState('')
  const [madeAt, setMadeAt] = useState(Number.POSITIVE_INFINITY)
  const enrolled = useEnrolledSince(madeAt)
  const read = parseLabelWords(labels)
  const token = useMutation({
    mutationFn: (given: { uses: number; validMinutes: number }): Promise<EnrolmentToken> =>
      api.post('/api/v1/enrolment-tokens', { body: { ...given, labels: read.ok ? read.labels : {} } }),
    onSuccess: () => {
      setMadeAt(Date.now())
      void cache.invalidateQueries({ queryKey: queryKeys.joinTokens })
    },
    // The token is a secret: it goes with the page that shows it.
    gcTime: 0,
  })
  const served = useServed(token.data, enrolled)
  const { errors } = form.formState
  if (token.data)
    return (
      <div className="max-w-[720px] animate-appear">
        <SetUpSteps token={token.data} facts={facts} served={served} onAgain={() => token.reset()} />
        <div className="mt-4 border-t border-line">
          <NewHosts hosts={enrolled} />
        </div>
        <Button size="large" onClick={() => token.reset()}>
          Done
        </Button>
      </div>
    )
  return (
    <form
      className="grid max-w-[720px] gap-4 desk:grid-cols-[120px_120px_1fr]"
      onSubmit={form.handleSubmit((given) => {
        if (read.ok) token.mutate(given)
      })}
    >
      <Field label="Hosts" error={errors.uses?.message} hint="How many it lets in.">
        {(control) => <input {...control} type="number" {...form.register('uses', whole(1, 1000))} />}
      </Field>
      <Field label="Minutes" error={errors.validMinutes?.message} hint="An hour at most.">
        {(control) => <input {...control} type="number" {...form.register('validMinutes', whole(1, 60))} />}
      </Field>
      <LabelsField value={labels} onChange={setLabels} error={read.ok ? undefined : read.detail} />
      {token.isError ? (
        <div className="desk:col-span-3">
          <Refusal error={token.error} lead="No token was made." />
        </div>
      ) : null}
      <div className="desk:col-span-3">
        <Button type="submit" size="large" kind="primary" disabled={token.isPending} className="disabled:bg-sunken">
          Make a join token
        </Button>
      </div>
    </form>
  )
}
