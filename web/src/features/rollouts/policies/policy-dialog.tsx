import type { KeptRolloutPolicy } from '@rebootless/shared/contract/rollout-policy.ts'
import { type PlanError, readPlanYaml } from '@rebootless/shared/domain/rollouts/plan-yaml.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { ApiProblem } from '../../../api/api-problem.ts'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'
import { Refusal } from '../../../shell/refusal.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { DialogHead } from '../../../ui/dialog-head.tsx'
import { plural } from '../../../ui/duration.ts'
import { Field } from '../../../ui/field.tsx'
import { HostText } from '../../../ui/host-text.tsx'
import { OpenFileButton, textOfFile } from '../plan/open-file-button.tsx'
import { PlanDiff } from '../plan/plan-diff.tsx'
import { NEW_POLICY, policyText, writtenPolicy } from './policy-text.ts'

const ROWS_MAX = 16

/** A policy is written, or changed, as the file that it is; what would change is shown before it does. */
export const PolicyDialog = ({
  policies,
  policy,
  onClose,
}: {
  policies: readonly KeptRolloutPolicy[]
  /** Null: a new one. */
  policy: KeptRolloutPolicy | null
  onClose: () => void
}) => {
  const cache = useQueryClient()
  const [text, setText] = useState(() => (policy === null ? NEW_POLICY : policyText(policy)))
  const [failure, setFailure] = useState<Error | null>(null)
  const source = useMemo(() => readPlanYaml(text), [text])
  const written = useMemo(() => (source.ok ? writtenPolicy(source.value) : null), [source])
  const kept = policies.find(({ name }) => name === written?.name)
  const keptText = kept === undefined ? '' : policyText(kept)
  const applying = useMutation({
    mutationFn: async () => {
      if (written === null) throw new Error('This is not a policy yet.')
      const { name, spec } = written
      return api.put('/api/v1/rollout-policies/:name', { params: { name }, body: spec })
    },
    onSuccess: async ({ goOn }) => {
      await cache.invalidateQueries({ queryKey: queryKeys.rolloutPolicies })
      if (goOn.length === 0) onClose()
    },
  })
  const mistakes = applying.error instanceof ApiProblem ? applying.error.mistakes : []
  const errors: readonly PlanError[] = source.ok
    ? source.errorsOf(mistakes.map(({ path, text: what }) => ({ path: ['spec', ...path], text: what })))
    : source.errors
  const change = (next: string) => {
    setText(next)
    setFailure(null)
    applying.reset()
  }
  const open = async (file: File) => {
    try {
      change(await textOfFile(file))
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error('The file could not be read.'))
    }
  }
  const isSame = written !== null && written.text === keptText
  const missing = !source.ok
    ? `${plural(source.errors.length, 'mistake')} in how it is written.`
    : written === null
      ? 'A policy has kind: Policy, metadata with a name, and spec.'
      : isSame
        ? 'It is kept like this.'
        : null
  const title = policy === null ? 'New policy' : `Change ${policy.name}`
  if (applying.data !== undefined) return <GoOn {...{ title, onClose }} rollouts={applying.data.goOn} />
  return (
    <Dialog
      label={title}
      onClose={onClose}
      className="mt-[6vh] max-h-[88vh] w-[min(760px,calc(100vw-24px))] overflow-y-auto"
    >
      <DialogHead title={title} onClose={onClose} />
      <form
        className="grid gap-4 p-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (missing === null && !applying.isPending) applying.mutate()
        }}
      >
        <Field
          label="The policy as YAML"
          hint={
            <>
              The same file as <code className="mono">rebootless apply</code> takes. Comments are not kept.
            </>
          }
        >
          {({ className: _, ...control }) => (
            <textarea
              {...control}
              data-autofocus
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              wrap="off"
              aria-invalid={errors.length > 0}
              rows={Math.min(ROWS_MAX, text.split('\n').length + 1)}
              value={text}
              onChange={(event) => change(event.target.value)}
              className="mono w-full resize-y overflow-x-auto rounded-control border border-line-3 bg-sheet px-2.5 py-2 text-12 leading-5 whitespace-pre transition-colors hover:border-ink-3 aria-invalid:border-danger-fill touch:text-16 touch:leading-6"
            />
          )}
        </Field>
        {errors.length === 0 ? null : (
          <ul aria-label="Mistakes" className="grid gap-1 text-12 text-danger-text">
            {errors.map(({ line, text: what }) => (
              <li key={`${line} ${what}`}>
                Line {line}: <HostText value={what} max={400} />
              </li>
            ))}
          </ul>
        )}
        {failure === null ? null : <Refusal error={failure} lead="Not opened." />}
        {applying.isError && mistakes.length === 0 ? (
          <Refusal error={applying.error} lead="Not kept." after="What you wrote is still here." />
        ) : null}
        {written === null || isSame ? null : (
          <PlanDiff
            before={keptText}
            after={written.text}
            beforeName={kept === undefined ? 'nothing' : 'what is kept'}
            afterName="this text"
          />
        )}
        <div className="sticky bottom-0 -mx-4 -mb-4 flex flex-wrap items-center gap-3 border-t border-line bg-raised px-4 py-3">
          <Button
            type="submit"
            kind="primary"
            size="large"
            disabled={missing !== null || applying.isPending}
            className="disabled:bg-sunken"
          >
            Keep the policy
          </Button>
          <OpenFileButton label="Open a file" onFile={(file) => void open(file)} />
          <span role="status" className="min-w-0 flex-1 text-12 text-ink-3 max-desk:-order-1 max-desk:basis-full">
            {missing ?? 'Rollouts that have begun go on; no other begins against it.'}
          </span>
        </div>
      </form>
    </Dialog>
  )
}

const GoOn = ({
  title,
  rollouts,
  onClose,
}: {
  title: string
  rollouts: readonly {
    readonly id: string
    readonly name: string
    readonly breaches: readonly { readonly sentence: string }[]
  }[]
  onClose: () => void
}) => (
  <Dialog label={title} onClose={onClose} className="overflow-y-auto">
    <DialogHead title={title} onClose={onClose} />
    <div className="grid gap-3 p-4">
      <p role="status">
        The policy is kept. {plural(rollouts.length, 'rollout')} had begun and {rollouts.length === 1 ? 'goes' : 'go'}{' '}
        on without holding it:
      </p>
      <ul className="grid gap-2">
        {rollouts.map(({ id, name, breaches }) => (
          <li key={id}>
            <Link
              to="/rollouts/$id"
              params={{ id }}
              className="font-medium underline decoration-line-3 underline-offset-2"
            >
              <HostText value={name} max={120} />
            </Link>
            <p className="text-12 text-ink-3">
              <HostText value={breaches.map(({ sentence }) => sentence).join(' ')} max={1000} />
            </p>
          </li>
        ))}
      </ul>
      <div>
        <Button kind="primary" size="large" data-autofocus onClick={onClose}>
          Close
        </Button>
      </div>
    </div>
  </Dialog>
)
