import type { PatchDetail } from '@rebootless/shared/contract/patches.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ReasonedAct } from '../../shell/reasoned-act.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { plural } from '../../ui/duration.ts'
import { visibleText } from '../../ui/host-text.tsx'

/** Takes an entry out of the catalogue, for a reason, after its name was typed. */
export const DeleteDialog = ({
  patch,
  onDeleted,
  onClose,
}: {
  patch: PatchDetail
  onDeleted: () => void
  onClose: () => void
}) => {
  const cache = useQueryClient()
  const remove = useMutation({
    mutationFn: (reason: string) => api.delete('/api/v1/patches/:id', { params: { id: patch.id }, body: { reason } }),
    onSuccess: () => {
      onDeleted()
      cache.removeQueries({ queryKey: queryKeys.patch(patch.id) })
      void cache.invalidateQueries({ queryKey: queryKeys.patchLists })
    },
  })
  const { running } = patch.hosts
  const title = `Delete ${visibleText(patch.name, 80)}`
  return (
    <Dialog label={title} onClose={onClose} className="overflow-y-auto">
      <DialogHead title={title} onClose={onClose} />
      <div className="grid gap-4 p-4">
        <p className="text-ink-2">
          {patch.kind === 'module'
            ? 'The entry and its file go for good; whoever needs it again must upload it again.'
            : 'The entry goes for good.'}{' '}
          {running === 0
            ? 'It is in effect on no host that you may see.'
            : `It stays in effect on ${plural(running, 'host')}, which can then no longer fetch it.`}{' '}
          The audit log keeps who did it, and why.
        </p>
        <ReasonedAct
          act="Delete"
          name={visibleText(patch.name, 128)}
          dangerous
          lead="Not deleted."
          pending={remove.isPending}
          error={remove.error}
          onAct={remove.mutate}
        />
      </div>
    </Dialog>
  )
}
