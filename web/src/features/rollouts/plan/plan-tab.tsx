import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { planToYaml } from '@rebootless/shared/domain/rollouts/plan-yaml.ts'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { Section } from '../../../ui/section.tsx'
import { templateOf } from '../maker/draft.ts'
import { PlanCompare } from './plan-compare.tsx'
import { PlanYaml } from './plan-yaml.tsx'
import { saveFile } from './save-file.ts'
import { SaveTemplateDialog } from './save-template-dialog.tsx'

/** The plan of a rollout as text: to read, to take along, to hold against another. */
export const PlanTab = ({
  id,
  plan,
  refused,
}: {
  id: string
  plan: RolloutPlan
  /** Why whoever looks makes none; null: they do. */
  refused: string | null
}) => {
  const text = planToYaml(plan)
  const [saving, setSaving] = useState(false)
  return (
    <>
      <Section
        title="As YAML"
        about="The same as the file that rebootless apply takes."
        actions={
          <>
            <CopyButton text={text} label="Copy" />
            <Button onClick={() => saveFile(plan.name, text)}>
              <Download size={14} aria-hidden />
              Download
            </Button>
            <Button disabled={refused !== null} title={refused ?? undefined} onClick={() => setSaving(true)}>
              Save as template…
            </Button>
          </>
        }
      >
        <PlanYaml text={text} />
      </Section>
      <Section title="Difference" about="To another rollout, to a template, or to a file that is dropped here.">
        <PlanCompare plan={plan} self={id} />
      </Section>
      {saving ? <SaveTemplateDialog plan={templateOf(plan)} onClose={() => setSaving(false)} /> : null}
    </>
  )
}
