import type { ApiToken } from '@rebootless/shared/contract/tokens.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { TypedName } from '../../ui/typed-name.tsx'

/** Ends a token everywhere. */
export const RevokeTokenDialog = ({ token, onClose }: { token: ApiToken; onClose: () => void }) => {
  const cache = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => api.delete('/api/v1/tokens/:id', { params: { id: token.id } }),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: queryKeys.apiTokens })
      onClose()
    },
  })
  const title = `Revoke ${visibleText(token.name, 64)}`
  return (
    <Dialog label={title} onClose={onClose} className="max-w-[400px] overflow-y-auto">
      <DialogHead title={title} onClose={onClose} />
      <div className="grid gap-3 p-4">
        <p>
          Whatever signs in with <HostText value={token.name} max={64} />, of {token.username}, is refused from then on,
          and streams that it holds end. It cannot be taken back; it stands in the audit log.
        </p>
        <TypedName name={token.name} act="Revoke" pending={revoke.isPending} onAct={() => revoke.mutate()} />
        {revoke.isError ? <Refusal error={revoke.error} lead="Not revoked." /> : null}
      </div>
    </Dialog>
  )
}
