import type { KeptRolloutPolicy } from '@rebootless/shared/contract/rollout-policy.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'
import { ReasonedAct } from '../../../shell/reasoned-act.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { DialogHead } from '../../../ui/dialog-head.tsx'

/** Takes a policy away, with a reason. */
export const DeletePolicyDialog = ({ policy, onClose }: { policy: KeptRolloutPolicy; onClose: () => void }) => {
  const cache = useQueryClient()
  const { name } = policy
  const remove = useMutation({
    mutationFn: (reason: string) =>
      api.delete('/api/v1/rollout-policies/:name', { params: { name }, body: { reason } }),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: queryKeys.rolloutPolicies })
      onClose()
    },
  })
  const title = `Take ${name} away`
  return (
    <Dialog label={title} onClose={onClose} className="max-w-[400px] overflow-y-auto">
      <DialogHead title={title} onClose={onClose} />
      <div className="grid gap-3 p-4">
        <p>
          Rollouts over <code className="mono wrap-anywhere">{policy.hosts}</code> are held to it no more. One that
          waits for nothing else begins at once.
        </p>
        <ReasonedAct
          {...{ act: 'Take away', name, dangerous: true, lead: 'Not taken away.' }}
          pending={remove.isPending}
          error={remove.error}
          onAct={remove.mutate}
        />
      </div>
    </Dialog>
  )
}
