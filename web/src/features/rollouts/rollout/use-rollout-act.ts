import type { RolloutAct, RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'
import { announce } from '../../../live/announcer.ts'
import { refresh } from '../../../live/refresh.ts'
import { visibleText } from '../../../ui/host-text.tsx'

const send = (id: string, act: RolloutAct): Promise<RolloutDetail> => {
  const { reason } = act
  const params = { id }
  switch (act.kind) {
    case 'start':
      return api.post('/api/v1/rollouts/:id/start', { params, body: { reason } })
    case 'pause':
      return api.post('/api/v1/rollouts/:id/pause', { params, body: { reason } })
    case 'resume':
      return api.post('/api/v1/rollouts/:id/resume', { params, body: { reason } })
    case 'promote':
      return api.post('/api/v1/rollouts/:id/promote', { params, body: { reason } })
    case 'abort':
      return api.post('/api/v1/rollouts/:id/abort', { params, body: { reason } })
    case 'reverse': {
      const { fromWave, afterwards } = act
      return api.post('/api/v1/rollouts/:id/reverse', { params, body: { reason, fromWave, afterwards } })
    }
    case 'exclude':
      return api.post('/api/v1/rollouts/:id/exclude', { params, body: { reason, hosts: act.hosts } })
    case 'approve gate':
      return api.post('/api/v1/rollouts/:id/approve-gate', { params, body: { reason, wave: act.wave, gate: act.gate } })
  }
}

/** Does an act, and shows what came of it. */
export const useRolloutAct = (id: string, onDone: () => void) => {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (act: RolloutAct) => send(id, act),
    onSuccess: (rollout) => {
      cache.setQueryData(queryKeys.rollout(id), rollout)
      refresh(cache, queryKeys.rollouts)
      announce(visibleText(rollout.sentence, 300))
      onDone()
    },
  })
}
