import type { KeptRolloutPolicy } from '@rebootless/shared/contract/rollout-policy.ts'
import { policyWords } from '@rebootless/shared/domain/rollouts/policy-words.ts'
import { Pencil, Trash2 } from 'lucide-react'
import { Button } from '../../../ui/button.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { HostText } from '../../../ui/host-text.tsx'
import { Placeholder } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/section.tsx'
import { TimeAgo } from '../../../ui/time-ago.tsx'
import { PlanYaml } from '../plan/plan-yaml.tsx'
import { policyText } from './policy-text.ts'

/** What every rollout over some hosts must hold, each in words and as its file. */
export const PolicyList = ({
  policies,
  onChange,
  onDelete,
}: {
  policies: readonly KeptRolloutPolicy[]
  /** Left out, both: whoever looks may not. */
  onChange?: ((policy: KeptRolloutPolicy) => void) | undefined
  onDelete?: ((policy: KeptRolloutPolicy) => void) | undefined
}) =>
  policies.map((policy) => (
    <Section
      key={policy.name}
      title={policy.name}
      about={
        <>
          For hosts of <code className="mono wrap-anywhere text-ink-2">{policy.hosts}</code>:{' '}
          <HostText value={policy.reason} max={1000} />
        </>
      }
      actions={
        onChange === undefined || onDelete === undefined ? null : (
          <>
            <Button onClick={() => onChange(policy)} aria-label={`Change ${policy.name}`}>
              <Pencil size={14} aria-hidden />
              Change
            </Button>
            <Button kind="danger" onClick={() => onDelete(policy)} aria-label={`Take ${policy.name} away`}>
              <Trash2 size={14} aria-hidden />
              Take away
            </Button>
          </>
        )
      }
    >
      <ul className="grid gap-1 border-l-2 border-line-3 pl-3">
        {policyWords(policy.requires).map((sentence) => (
          <li key={sentence}>
            <HostText value={sentence} max={600} />
          </li>
        ))}
      </ul>
      <p className="mt-3 text-12 text-ink-3">
        Set by {policy.updatedBy}, <TimeAgo at={policy.updatedAt} suffix=" ago" />
      </p>
      <details className="mt-2">
        <summary className="cursor-pointer py-1 text-12 font-medium text-ink-2 touch:py-3">As YAML</summary>
        <div className="mt-2 grid gap-2">
          <PlanYaml text={policyText(policy)} label={`${policy.name} as YAML`} />
          <div>
            <CopyButton text={() => policyText(policy)} />
          </div>
        </div>
      </details>
    </Section>
  ))

/** Before the first answer, in its final geometry. */
export const PolicyListLoading = () => (
  <div aria-busy="true">
    <p role="status" className="sr-only">
      The policies are loading.
    </p>
    {['w-40', 'w-56'].map((width) => (
      <div key={width} className="grid gap-4 border-b border-line px-6 py-6 max-desk:px-4">
        <Placeholder className="w-24" />
        <Placeholder className={width} />
        <Placeholder className="w-64" />
      </div>
    ))}
  </div>
)
