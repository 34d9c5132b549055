import type { RolloutTemplatePlan } from '@rebootless/shared/contract/rollout-templates.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'
import { ReasonedAct } from '../../../shell/reasoned-act.tsx'
import { Refusal } from '../../../shell/refusal.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { DialogHead } from '../../../ui/dialog-head.tsx'
import { Field } from '../../../ui/field.tsx'
import { visibleText } from '../../../ui/host-text.tsx'
import { templatesQuery } from '../template-queries.ts'

/** Keeps how a plan goes under a name, anew or in the place of another; removes one that is not needed. */
export const SaveTemplateDialog = ({ plan, onClose }: { plan: RolloutTemplatePlan; onClose: () => void }) => {
  const cache = useQueryClient()
  const templates = useQuery(templatesQuery)
  const own = templates.data?.items.filter(({ shipped }) => !shipped) ?? []
  const [over, setOver] = useState('')
  const [name, setName] = useState('')
  const [about, setAbout] = useState('')
  const [removing, setRemoving] = useState(false)
  const old = own.find(({ id }) => id === over)
  const saved = () => {
    void cache.invalidateQueries({ queryKey: queryKeys.rolloutTemplates })
    onClose()
  }
  const save = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), about: about.trim(), plan }
      return old === undefined
        ? api.post('/api/v1/rollout-templates', { body })
        : api.put('/api/v1/rollout-templates/:id', { params: { id: old.id }, body })
    },
    onSuccess: saved,
  })
  const remove = useMutation({
    mutationFn: (reason: string) =>
      api.delete('/api/v1/rollout-templates/:id', { params: { id: over }, body: { reason } }),
    onSuccess: saved,
  })
  const choose = (id: string) => {
    const chosen = own.find((one) => one.id === id)
    setOver(id)
    setRemoving(false)
    if (chosen === undefined) return
    setName(chosen.name)
    setAbout(chosen.about)
  }
  const missing = name.trim() === '' ? 'A name is missing.' : null
  return (
    <Dialog label="Save as template" onClose={onClose} className="overflow-y-auto">
      <DialogHead title="Save as template" onClose={onClose} />
      <div className="grid gap-4 p-4">
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault()
            if (missing === null && !save.isPending) save.mutate()
          }}
        >
          <p className="text-ink-2">
            Waves, gates, limits, windows and rules are kept; the change and its hosts are not.
          </p>
          {own.length === 0 ? null : (
            <Field label="Keep it">
              {(control) => (
                <select {...control} value={over} onChange={(event) => choose(event.target.value)}>
                  <option value="">as a new template</option>
                  {own.map((one) => (
                    <option key={one.id} value={one.id}>
                      in the place of {visibleText(one.name, 80)}
                    </option>
                  ))}
                </select>
              )}
            </Field>
          )}
          <Field label="Name">
            {(control) => (
              <input
                {...control}
                data-autofocus
                autoComplete="off"
                value={name}
                maxLength={120}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <Field label="When to take it (optional)">
            {(control) => (
              <input
                {...control}
                autoComplete="off"
                value={about}
                maxLength={300}
                onChange={(event) => setAbout(event.target.value)}
              />
            )}
          </Field>
          {save.isError ? <Refusal error={save.error} lead="Not saved." /> : null}
          <div className="flex flex-wrap items-center gap-3">
            <Button
              type="submit"
              size="large"
              kind="primary"
              disabled={missing !== null || save.isPending}
              className="disabled:bg-sunken"
            >
              Save
            </Button>
            <Button size="large" onClick={onClose}>
              Cancel
            </Button>
            {old === undefined || removing ? null : (
              <Button size="large" kind="danger" onClick={() => setRemoving(true)}>
                Remove it…
              </Button>
            )}
            {missing === null ? null : (
              <span role="status" className="text-12 text-ink-3">
                {missing}
              </span>
            )}
          </div>
        </form>
        {old !== undefined && removing ? (
          <div className="border-t border-line pt-4">
            <p className="mb-3 text-ink-2">
              {visibleText(old.name, 120)} is removed for all. Rollouts that were made from it stay as they are.
            </p>
            <ReasonedAct
              act="Remove the template"
              dangerous
              pending={remove.isPending}
              error={remove.error}
              onAct={(reason) => remove.mutate(reason)}
              onCancel={() => setRemoving(false)}
            />
          </div>
        ) : null}
      </div>
    </Dialog>
  )
}
