import type { AuthorisationDetail } from '@rebootless/shared/contract/commands-api.ts'
import type { HostFit } from '@rebootless/shared/contract/patch-hosts.ts'
import type { PatchDetail } from '@rebootless/shared/contract/patches.ts'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { count, plural } from '../../ui/duration.ts'
import { Field } from '../../ui/field.tsx'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { PanelLoading } from './panel-loading.tsx'
import { LOAD_HOSTS_MAX, patchFitQuery } from './queries.ts'

const HOURS = ['1', '8', '24', '72'] as const

/** Asks for a patch on hosts that can take it, as the Act menu does for one; approvers sign where the host wants that. */
export const LoadDialog = ({
  patch,
  onAsked,
  onClose,
}: {
  patch: PatchDetail
  onAsked: (authorisation: AuthorisationDetail) => void
  onClose: () => void
}) => {
  const cache = useQueryClient()
  const fit = useInfiniteQuery(patchFitQuery(patch.id, { filter: '', fits: 'yes' }, LOAD_HOSTS_MAX))
  const hosts = fit.data?.pages[0]?.items ?? []
  const total = fit.data?.pages[0]?.total ?? 0
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [reason, setReason] = useState('')
  const [hours, setHours] = useState<(typeof HOURS)[number]>('24')
  // What could take it when it was chosen may no longer.
  const taken = hosts.filter(({ host }) => chosen.has(host.id))
  const vendor = patch.vendorUpdate
  const ask = useMutation({
    mutationFn: () =>
      api.post('/api/v1/authorisations', {
        body: {
          action: vendor === null ? 'load' : 'update',
          provider: vendor?.provider ?? null,
          artefact: vendor === null ? patch.id : null,
          hosts: taken.map(({ host }) => ({ id: host.id })),
          reason: reason.trim(),
          validHours: Number(hours),
        },
      }),
    onSuccess: (authorisation) => {
      cache.setQueryData(queryKeys.authorisation(authorisation.id), authorisation)
      void cache.invalidateQueries({ queryKey: queryKeys.commands })
      onAsked(authorisation)
    },
  })
  const missing = taken.length === 0 ? 'No host is chosen yet.' : reason.trim() === '' ? 'A reason is missing.' : null
  const title = vendor === null ? `Load ${visibleText(patch.name, 64)}` : `Run ${visibleText(patch.name, 64)}`
  return (
    <Dialog label={title} onClose={onClose} className="overflow-y-auto">
      <DialogHead title={title} onClose={onClose} />
      {fit.isPending ? (
        <PanelLoading what="Which hosts can take it" />
      ) : fit.isError ? (
        <div className="p-4">
          <Refusal error={fit.error} lead="Which hosts can take it could not be read." />
        </div>
      ) : hosts.length === 0 ? (
        <p className="p-4 text-ink-2">No host can take it now. The Hosts tab says of each why.</p>
      ) : (
        <form
          className="grid gap-4 p-4"
          onSubmit={(event) => {
            event.preventDefault()
            if (missing === null && !ask.isPending) ask.mutate()
          }}
        >
          <p className="text-ink-2">
            {plural(total, 'host')} can take it
            {total > hosts.length ? `; the first ${count(hosts.length)} are shown` : ''}. All that are chosen begin at
            once, as soon as what they need is signed.
          </p>
          <HostChoice hosts={hosts} chosen={chosen} onChange={setChosen} />
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span aria-hidden className="text-12 font-medium text-ink-2">
              Good for, in hours
            </span>
            <Segmented
              label="Good for, in hours"
              value={hours}
              onChange={setHours}
              segments={HOURS.map((value) => ({ value, label: value }))}
            />
          </div>
          <Field label="Reason" hint="Approvers read it, and the audit log keeps it.">
            {(control) => (
              <input
                {...control}
                autoComplete="off"
                value={reason}
                maxLength={1000}
                onChange={(event) => setReason(event.target.value)}
              />
            )}
          </Field>
          {ask.isError ? <Refusal error={ask.error} lead="Not asked for." /> : null}
          <div className="flex flex-wrap items-center gap-3">
            <Button
              type="submit"
              size="large"
              kind="primary"
              disabled={missing !== null || ask.isPending}
              className="disabled:bg-sunken"
            >
              {vendor === null ? 'Load' : 'Run'} on {plural(taken.length, 'host')}
            </Button>
            <Button size="large" onClick={onClose}>
              Cancel
            </Button>
            {missing === null ? null : (
              <span role="status" className="min-w-0 flex-1 text-12 text-ink-3">
                {missing}
              </span>
            )}
          </div>
        </form>
      )}
    </Dialog>
  )
}

const HostChoice = ({
  hosts,
  chosen,
  onChange,
}: {
  hosts: readonly HostFit[]
  chosen: ReadonlySet<string>
  onChange: (chosen: ReadonlySet<string>) => void
}) => {
  const all = hosts.every(({ host }) => chosen.has(host.id))
  const toggle = (id: string) =>
    onChange(new Set(chosen.has(id) ? [...chosen].filter((one) => one !== id) : [...chosen, id]))
  return (
    <fieldset className="grid gap-1.5">
      <legend className="mb-1.5 text-12 font-medium text-ink-2">Hosts</legend>
      <div className="max-h-60 divide-y divide-line overflow-y-auto rounded-control border border-line-2">
        {hosts.length === 1 ? null : (
          <Row
            label={`All ${count(hosts.length)}`}
            checked={all}
            onChange={() => onChange(new Set(all ? [] : hosts.map(({ host }) => host.id)))}
          />
        )}
        {hosts.map(({ host, reasons, replaces }) => (
          <Row
            key={host.id}
            label={visibleText(host.name, 80)}
            about={
              replaces.length > 0
                ? `takes the place of ${replaces.join(', ')}`
                : (reasons[0]?.text ?? host.kernelRelease)
            }
            checked={chosen.has(host.id)}
            onChange={() => toggle(host.id)}
          />
        ))}
      </div>
    </fieldset>
  )
}

const Row = ({
  label,
  about,
  checked,
  onChange,
}: {
  label: string
  about?: string
  checked: boolean
  onChange: () => void
}) => (
  <label className="flex cursor-pointer gap-2.5 px-3 py-2 transition-colors hover:bg-hover has-checked:bg-ink/6 touch:min-h-11">
    <input type="checkbox" checked={checked} onChange={onChange} className="mt-1 size-3.5 flex-none accent-ink" />
    <span className="min-w-0">
      <span className="font-medium">{label}</span>
      {about === undefined ? null : (
        <span className="block text-12 text-ink-3">
          <HostText value={about} max={300} />
        </span>
      )}
    </span>
  </label>
)
