import type { ApiToken } from '@rebootless/shared/contract/tokens.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ReasonedAct } from '../../shell/reasoned-act.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { HostText, visibleText } from '../../ui/host-text.tsx'

/** Ends a token everywhere. */
export const RevokeTokenDialog = ({ token, onClose }: { token: ApiToken; onClose: () => void }) => {
  const cache = useQueryClient()
  const revoke = useMutation({
    mutationFn: (reason: string) => api.delete('/api/v1/tokens/:id', { params: { id: token.id }, body: { reason } }),
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
          and streams that it holds end. It cannot be taken back.
        </p>
        <ReasonedAct
          act="Revoke"
          name={token.name}
          dangerous
          lead="Not revoked."
          pending={revoke.isPending}
          error={revoke.error}
          onAct={revoke.mutate}
        />
      </div>
    </Dialog>
  )
}
