import type { KeptRolloutPolicy } from '@rebootless/shared/contract/rollout-policy.ts'
import { FLEET_ADMINS, isAmong } from '@rebootless/shared/domain/audiences.ts'
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { sessionQuery } from '../features/access/queries.ts'
import { DeletePolicyDialog } from '../features/rollouts/policies/delete-policy-dialog.tsx'
import { PolicyDialog } from '../features/rollouts/policies/policy-dialog.tsx'
import { PolicyList, PolicyListLoading } from '../features/rollouts/policies/policy-list.tsx'
import { policiesQuery } from '../features/rollouts/policies/queries.ts'
import { Crumb } from '../shell/crumb.tsx'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'

type Open =
  | { readonly kind: 'write'; readonly policy: KeptRolloutPolicy | null }
  | { readonly kind: 'delete'; readonly policy: KeptRolloutPolicy }

/** What every rollout over some hosts must hold. */
export const RolloutPoliciesPage = () => {
  usePageTitle('Rollout policies')
  const list = useQuery(policiesQuery)
  const mayWrite = isAmong(useQuery(sessionQuery).data, FLEET_ADMINS)
  const [open, setOpen] = useState<Open | null>(null)
  const close = () => setOpen(null)
  const policies = list.data?.items ?? []
  const write = (policy: KeptRolloutPolicy | null) => setOpen({ kind: 'write', policy })
  const newPolicy = (
    <Button kind="primary" onClick={() => write(null)}>
      <Plus size={14} aria-hidden />
      New policy
    </Button>
  )
  return (
    <>
      <PageHeader
        updatedAt={null}
        crumbs={<Crumb to="/rollouts">Rollouts</Crumb>}
        title="Policies"
        actions={mayWrite && policies.length > 0 ? newPolicy : null}
      />
      {list.isPending ? (
        <PolicyListLoading />
      ) : list.isError ? (
        <ProblemNotice what="The policies" error={list.error} onRetry={() => void list.refetch()} />
      ) : policies.length > 0 ? (
        <PolicyList
          policies={policies}
          onChange={mayWrite ? write : undefined}
          onDelete={mayWrite ? (policy) => setOpen({ kind: 'delete', policy }) : undefined}
        />
      ) : (
        <Notice
          mark={<StateGlyph state="unsupported" size={20} />}
          title="No policy yet"
          actions={mayWrite ? newPolicy : null}
        >
          <p>
            A policy says what every rollout over some hosts must hold: how small it begins, how long it soaks, which
            gates and limits it has. A plan that lacks any of it is not kept, and says why.
          </p>
          {mayWrite ? null : <p>Admins of the whole fleet write them.</p>}
        </Notice>
      )}
      {open?.kind === 'write' ? <PolicyDialog policies={policies} policy={open.policy} onClose={close} /> : null}
      {open?.kind === 'delete' ? <DeletePolicyDialog policy={open.policy} onClose={close} /> : null}
    </>
  )
}
