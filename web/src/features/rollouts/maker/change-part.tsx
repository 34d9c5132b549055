import type { PatchSummary } from '@rebootless/shared/contract/patches.ts'
import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useId, useRef, useState } from 'react'
import { Refusal } from '../../../shell/refusal.tsx'
import { count, plural } from '../../../ui/duration.ts'
import { INPUT } from '../../../ui/field.tsx'
import { HostText } from '../../../ui/host-text.tsx'
import { Placeholder } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/section.tsx'
import { Segmented } from '../../../ui/segmented.tsx'
import { changeOf, isChangeOf } from './draft.ts'
import { useMistake } from './mistakes.tsx'
import { CheckField, TextField } from './plan-fields.tsx'
import { catalogueEntryQuery, catalogueQuery } from './queries.ts'

type Change = RolloutPlan['change']

const newChange = (kind: Change['kind']): Change => {
  switch (kind) {
    case 'load':
      return { kind, patches: [], downgrade: false }
    case 'disable':
      return { kind, patch: '' }
    case 'update':
      return { kind, provider: '', level: null }
  }
}

/** What is done to each host. */
export const ChangePart = ({
  change,
  patches,
  onChange,
}: {
  change: Change
  /** Livepatches that hosts have, for completion. */
  patches: readonly string[]
  /** `name`: what was chosen is called so. */
  onChange: (change: Change, name?: string) => void
}) => {
  const list = useId()
  return (
    <Section title="Change" about="What is done to each host. Of a set each gets the one file for its kernel.">
      <div className="grid gap-4">
        <div className="flex max-w-full overflow-x-auto">
          <Segmented
            label="Kind of change"
            value={change.kind}
            onChange={(kind) => onChange(newChange(kind))}
            segments={[
              { value: 'load', label: 'Load a patch' },
              { value: 'disable', label: 'Disable a patch' },
              { value: 'update', label: 'Vendor’s update' },
            ]}
          />
        </div>
        {change.kind === 'load' ? (
          <>
            <CatalogueChoice kinds="module,set" change={change} onChange={onChange} />
            <CheckField
              label="Also where a newer patch is in that this one would take the place of"
              checked={change.downgrade}
              onChange={(downgrade) => onChange({ ...change, downgrade })}
            />
          </>
        ) : change.kind === 'update' ? (
          <>
            <CatalogueChoice kinds="vendor_update" change={change} onChange={onChange} />
            <p className="max-w-[72ch] text-12 text-ink-2">
              It cannot be undone: no documented command takes back what a vendor’s tool has put in. The rollout may
              pause by itself, and not reverse.
            </p>
          </>
        ) : (
          <div className="max-w-[360px]">
            <TextField
              {...{ label: 'Livepatch, as in /sys/kernel/livepatch', at: 'change.patch', value: change.patch }}
              {...{ max: 55, list, placeholder: 'lp_nfs4_open' }}
              onChange={(patch) => onChange({ kind: 'disable', patch }, patch === '' ? undefined : `disable ${patch}`)}
            />
            <datalist id={list}>
              {patches.map((name) => (
                <option key={name} value={name} />
              ))}
            </datalist>
          </div>
        )}
      </div>
    </Section>
  )
}

const aboutOf = ({ module, set, vendorUpdate, hosts }: PatchSummary): string => {
  const where = `${count(hosts.ofItsKernel)} of ${plural(hosts.total, 'host')}`
  if (module !== null) return `for ${module.release} ${module.architecture ?? ''}, the kernel of ${where}`
  if (set !== null) return `set of ${plural(set.modules.length, 'module')} for kernels of ${where}`
  return `${vendorUpdate?.provider ?? ''}, ${vendorUpdate?.level ?? 'whatever is newest'}; on ${where}`
}

const CatalogueChoice = ({
  kinds,
  change,
  onChange,
}: {
  kinds: 'module,set' | 'vendor_update'
  change: Change
  onChange: (change: Change, name?: string) => void
}) => {
  const [find, setFind] = useState('')
  const name = useId()
  const field = kinds === 'vendor_update' ? 'change.provider' : 'change.patches'
  const mistake = useMistake(field)
  const found = useQuery({ ...catalogueQuery(kinds, find), placeholderData: keepPreviousData })
  const entries = found.data?.items ?? []
  const isListed = entries.some((entry) => isChangeOf(change, entry))
  const only = change.kind === 'load' && change.patches.length === 1 ? change.patches[0] : undefined
  const linked = useQuery({ ...catalogueEntryQuery(only ?? ''), enabled: only !== undefined && !isListed })
  // What a link chose may be far down the list, where nobody would see that it is chosen.
  const shown =
    find === '' && !isListed && linked.data !== undefined && isChangeOf(change, linked.data)
      ? [linked.data, ...entries]
      : entries
  const chosen =
    change.kind === 'load' && change.patches.length > 0
      ? linked.data === undefined
        ? plural(change.patches.length, 'module')
        : `${linked.data.name}, ${aboutOf(linked.data)}`
      : change.kind === 'update' && change.provider !== ''
        ? `${change.provider}, ${change.level ?? 'whatever is newest'}`
        : null
  const wasShown = useRef(false)
  /** What a link chose may stand far down the list. */
  const showOnce = (row: HTMLElement | null) => {
    if (row?.parentElement == null || wasShown.current) return
    wasShown.current = true
    row.parentElement.scrollTop = row.offsetTop
  }
  const what = kinds === 'vendor_update' ? 'update' : 'patch'
  return (
    <fieldset data-field={field} aria-describedby={mistake === undefined ? undefined : `${name}-mistake`}>
      <legend className="sr-only">Which {what}</legend>
      <input
        type="search"
        aria-label={`Find a ${what} by name`}
        placeholder={`Find a ${what} by name`}
        autoComplete="off"
        value={find}
        maxLength={100}
        onChange={(event) => setFind(event.target.value)}
        className={`${INPUT} mb-2 max-w-[360px]`}
      />
      {found.isPending ? (
        <div aria-busy="true" className="grid h-24 content-start gap-3 rounded-control border border-line-2 p-3">
          <Placeholder className="w-64" />
          <Placeholder className="w-40" />
        </div>
      ) : found.isError ? (
        <Refusal error={found.error} lead="The catalogue could not be read." />
      ) : shown.length === 0 ? (
        <p className="text-ink-3">
          {find === '' ? (
            <>
              There is none in the catalogue yet. <Link to="/patches">Open Patches</Link> to add one.
            </>
          ) : (
            'None has such a name.'
          )}
        </p>
      ) : (
        <div className="relative max-h-64 divide-y divide-line overflow-y-auto rounded-control border border-line-2">
          {shown.map((entry) => (
            <label
              key={entry.id}
              ref={isChangeOf(change, entry) ? showOnce : undefined}
              className="flex cursor-pointer gap-2.5 px-3 py-2 transition-colors hover:bg-hover has-checked:bg-ink/6 has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-ink touch:min-h-11"
            >
              <input
                type="radio"
                name={name}
                checked={isChangeOf(change, entry)}
                onChange={() => onChange(changeOf(entry), entry.name)}
                className="mt-1 size-3.5 flex-none accent-ink outline-none"
              />
              <span className="min-w-0">
                <span className="font-medium">
                  <HostText value={entry.name} max={64} />
                </span>
                <span className="block text-12 text-ink-3">
                  <HostText value={aboutOf(entry)} max={200} />
                </span>
              </span>
            </label>
          ))}
        </div>
      )}
      {chosen === null || shown.some((entry) => isChangeOf(change, entry)) ? null : (
        <p className="mt-2 text-12 text-ink-2">
          Chosen: <HostText value={chosen} max={200} />, which is not in this list.
        </p>
      )}
      {mistake === undefined ? null : (
        <p id={`${name}-mistake`} role="alert" className="mt-1.5 text-12 text-danger-text">
          {mistake}
        </p>
      )}
    </fieldset>
  )
}
