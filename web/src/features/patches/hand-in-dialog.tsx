import type { PatchDetail } from '@rebootless/shared/contract/patches.ts'
import { readSignature } from '@rebootless/shared/domain/pasted-signature.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { announce } from '../../live/announcer.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { Field } from '../../ui/field.tsx'
import { visibleText } from '../../ui/host-text.tsx'

/** A publisher's signature over the module, made where his key is. */
export const HandInDialog = ({ patch, onClose }: { patch: PatchDetail; onClose: () => void }) => {
  const cache = useQueryClient()
  const [pasted, setPasted] = useState('')
  const read = readSignature(pasted)
  const handIn = useMutation({
    mutationFn: (body: NonNullable<typeof read>) =>
      api.post('/api/v1/patches/:id/signatures', { params: { id: patch.id }, body }),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: queryKeys.patches })
      announce('The signature is taken')
      onClose()
    },
  })
  const command = `rebootless sign-patch ${visibleText(patch.name, 64).replace(/[^\w.-]/g, '_')}.ko --key publisher.pem`
  return (
    <Dialog label="Hand a signature in" onClose={onClose} className="max-w-[600px] overflow-y-auto">
      <DialogHead title="Hand a signature in" onClose={onClose} />
      <form
        className="grid gap-4 p-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (read !== null && !handIn.isPending) handIn.mutate(read)
        }}
      >
        <div>
          <p>
            Whoever publishes the module signs its file where his key is, and sends what the command prints. It has to
            be the unpacked <code className="mono">.ko</code>, with the SHA-256 that stands on this page.
          </p>
          <div className="mt-2 flex items-start gap-3 rounded-control bg-sunken p-3">
            <code className="mono min-w-0 flex-1 py-1 text-[12px] wrap-anywhere select-all">{command}</code>
            <CopyButton text={command} />
          </div>
        </div>
        <Field
          label="Paste what it printed"
          error={pasted.trim() !== '' && read === null ? 'There is no signature in this.' : undefined}
        >
          {(control) => (
            <textarea
              {...control}
              rows={3}
              value={pasted}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => setPasted(event.target.value)}
              className={`${control.className} mono h-auto! py-2 text-[12px]`}
            />
          )}
        </Field>
        {handIn.isError ? <Refusal error={handIn.error} lead="Not taken." /> : null}
        <div className="flex flex-wrap items-center gap-3">
          <Button
            type="submit"
            size="large"
            kind="primary"
            disabled={read === null || handIn.isPending}
            className="disabled:bg-sunken"
          >
            Hand the signature in
          </Button>
          {pasted.trim() === '' ? <span className="text-12 text-ink-3">No signature is pasted yet.</span> : null}
        </div>
      </form>
    </Dialog>
  )
}
