import type { PatchDetail } from '@rebootless/shared/contract/patches.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { queryKeys } from '../../api/query-keys.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { parseHandCves } from './hand-cves.ts'
import { NO_REMARKS, RemarksFields } from './remarks-fields.tsx'

/** The common part of an entry that has no file of its own: a name, what is special to it, and remarks. */
export const MadeEntryForm = ({
  act,
  nameHint,
  missing,
  children,
  make,
  onMade,
  onClose,
}: {
  /** What the button says. */
  act: string
  nameHint: string
  /** What of the special part is not there yet; null: nothing. */
  missing: string | null
  children: ReactNode
  make: (given: { name: string; notes: string; cves: string[] }) => Promise<PatchDetail>
  onMade: (made: PatchDetail) => void
  onClose: () => void
}) => {
  const cache = useQueryClient()
  const [name, setName] = useState('')
  const [remarks, setRemarks] = useState(NO_REMARKS)
  const read = parseHandCves(remarks.cves)
  const lacks = name.trim() === '' ? 'A name is missing.' : missing
  const making = useMutation({
    mutationFn: () => make({ name: name.trim(), notes: remarks.notes.trim(), cves: read.ok ? read.cves : [] }),
    onSuccess: (made) => {
      void cache.invalidateQueries({ queryKey: queryKeys.patches })
      onMade(made)
    },
  })
  return (
    <form
      className="grid gap-4 p-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (lacks === null && read.ok && !making.isPending) making.mutate()
      }}
    >
      <Field label="Name" hint={nameHint}>
        {(control) => (
          <input
            {...control}
            data-autofocus
            autoComplete="off"
            value={name}
            maxLength={128}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      {children}
      <RemarksFields value={remarks} onChange={setRemarks} />
      {making.isError ? <Refusal error={making.error} lead="Not made." /> : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button
          type="submit"
          size="large"
          kind="primary"
          disabled={lacks !== null || !read.ok || making.isPending}
          className="disabled:bg-sunken"
        >
          {act}
        </Button>
        <Button size="large" onClick={onClose}>
          Cancel
        </Button>
        {lacks === null ? null : (
          <span role="status" className="min-w-0 flex-1 text-12 text-ink-3">
            {lacks}
          </span>
        )}
      </div>
    </form>
  )
}
