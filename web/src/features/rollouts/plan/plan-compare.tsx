import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { planToYaml } from '@rebootless/shared/domain/rollouts/plan-yaml.ts'
import { useQuery } from '@tanstack/react-query'
import { type DragEvent, useState } from 'react'
import { Refusal } from '../../../shell/refusal.tsx'
import { Field } from '../../../ui/field.tsx'
import { visibleText } from '../../../ui/host-text.tsx'
import { Placeholder } from '../../../ui/notice.tsx'
import { rolloutListQuery, rolloutQuery } from '../queries.ts'
import { templatesQuery } from '../template-queries.ts'
import { OpenFileButton, textOfFile } from './open-file-button.tsx'
import { PlanDiff } from './plan-diff.tsx'

/** A plan held against another rollout's, against a template, or against a file. */
export const PlanCompare = ({
  plan,
  text,
  self,
  first,
}: {
  plan: RolloutPlan
  /** The plan as text, where it was written as one. */
  text?: string
  /** The rollout that the plan is of: it is not offered. */
  self?: string | undefined
  /** The rollout that is chosen at first. */
  first?: string | undefined
}) => {
  const [chosen, setChosen] = useState(first === undefined ? '' : `rollout ${first}`)
  const [file, setFile] = useState<{ name: string; text: string } | null>(null)
  const [failure, setFailure] = useState<Error | null>(null)
  const rollouts = useQuery(rolloutListQuery())
  const templates = useQuery(templatesQuery)
  const [kind, id = ''] = chosen.split(' ')
  const other = useQuery({ ...rolloutQuery(id), enabled: kind === 'rollout' })
  const template = templates.data?.items.find((one) => kind === 'template' && one.id === id)
  const open = async (opened: File) => {
    setFailure(null)
    try {
      setFile({ name: opened.name, text: await textOfFile(opened) })
      setChosen('file')
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error('The file could not be read.'))
    }
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    const [dropped] = event.dataTransfer.files
    if (dropped !== undefined) void open(dropped)
  }
  const against =
    kind === 'file'
      ? file
      : kind === 'rollout' && other.data !== undefined
        ? { name: other.data.name, text: planToYaml(other.data.plan) }
        : template === undefined
          ? null
          : { name: template.name, text: planToYaml({ ...plan, ...template.plan }) }
  return (
    <section aria-label="Compare" className="grid gap-3" onDragOver={(event) => event.preventDefault()} onDrop={drop}>
      <div className="flex flex-wrap items-end gap-2">
        <div className="w-72 max-w-full">
          <Field label="Compare with">
            {(control) => (
              <select {...control} value={chosen} onChange={(event) => setChosen(event.target.value)}>
                <option value="">nothing</option>
                {file === null ? null : <option value="file">{visibleText(file.name, 80)}</option>}
                <optgroup label="Templates">
                  {(templates.data?.items ?? []).map((one) => (
                    <option key={one.id} value={`template ${one.id}`}>
                      {visibleText(one.name, 80)}
                    </option>
                  ))}
                </optgroup>
                <optgroup label="Rollouts">
                  {(rollouts.data?.items ?? [])
                    .filter((one) => one.id !== self)
                    .map((one) => (
                      <option key={one.id} value={`rollout ${one.id}`}>
                        {visibleText(one.name, 80)}
                      </option>
                    ))}
                </optgroup>
              </select>
            )}
          </Field>
        </div>
        <div className="pb-1">
          <OpenFileButton label="With a file" onFile={(opened) => void open(opened)} />
        </div>
      </div>
      {failure === null ? null : <Refusal error={failure} lead="Not opened." />}
      {kind === 'rollout' && other.isError ? <Refusal error={other.error} lead="It could not be read." /> : null}
      {kind === 'rollout' && other.isPending ? <Placeholder className="w-64" /> : null}
      {against === null ? null : (
        <PlanDiff
          before={against.text}
          after={text ?? planToYaml(plan)}
          beforeName={against.name}
          afterName={plan.name.trim() === '' ? 'this plan' : plan.name}
        />
      )}
    </section>
  )
}
