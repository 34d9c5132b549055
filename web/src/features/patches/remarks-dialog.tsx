import type { PatchDetail } from '@rebootless/shared/contract/patches.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { parseHandCves } from './hand-cves.ts'
import { NotesField, RemarksFields } from './remarks-fields.tsx'

/** Changes what people wrote of an entry. */
export const RemarksDialog = ({ patch, onClose }: { patch: PatchDetail; onClose: () => void }) => {
  const cache = useQueryClient()
  const byHand = patch.cveSources.filter(({ sources }) => sources.includes('hand')).map(({ cve }) => cve)
  const [remarks, setRemarks] = useState({ cves: byHand.join(' '), notes: patch.notes })
  const [vendorNotes, setVendorNotes] = useState(patch.vendorNotes)
  const read = parseHandCves(remarks.cves)
  const save = useMutation({
    mutationFn: () =>
      api.patch('/api/v1/patches/:id', {
        params: { id: patch.id },
        body: { cves: read.ok ? read.cves : byHand, notes: remarks.notes.trim(), vendorNotes: vendorNotes.trim() },
      }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: queryKeys.patches })
      onClose()
    },
  })
  return (
    <Dialog label="CVEs and notes" onClose={onClose} className="overflow-y-auto">
      <DialogHead title="CVEs and notes" onClose={onClose} />
      <form
        className="grid gap-4 p-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (read.ok && !save.isPending) save.mutate()
        }}
      >
        <RemarksFields value={remarks} onChange={setRemarks} />
        <NotesField
          label="The vendor’s notes"
          hint="Pasted as they are: CVEs that they name count as the vendor’s word."
          value={vendorNotes}
          onChange={setVendorNotes}
        />
        {save.isError ? <Refusal error={save.error} lead="Not changed." /> : null}
        <div className="flex gap-3">
          <Button
            type="submit"
            size="large"
            kind="primary"
            disabled={!read.ok || save.isPending}
            className="disabled:bg-sunken"
          >
            Save
          </Button>
          <Button size="large" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
