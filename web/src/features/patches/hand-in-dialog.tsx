import type { PatchDetail } from '@rebootless/shared/contract/patches.ts'
import { readSignature } from '@rebootless/shared/domain/pasted-signature.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { announce } from '../../live/announcer.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { SignForm } from '../../shell/sign-form.tsx'
import { CopyableText } from '../../ui/copyable-text.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
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
      <div className="grid gap-4 p-4">
        <div>
          <p>
            Whoever publishes the module signs its file where his key is, and sends what the command prints. It has to
            be the unpacked <code className="mono">.ko</code>, with the SHA-256 that stands on this page.
          </p>
          <CopyableText text={command} className="mt-2" />
        </div>
        <SignForm
          pasted={pasted}
          onPaste={setPasted}
          mistake={read === null ? 'There is no signature in this.' : null}
          act="Hand the signature in"
          pending={handIn.isPending}
          refusal={handIn.isError ? <Refusal error={handIn.error} lead="Not taken." /> : null}
          onSign={() => {
            if (read !== null) handIn.mutate(read)
          }}
        />
      </div>
    </Dialog>
  )
}
