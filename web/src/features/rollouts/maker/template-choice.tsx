import type { RolloutTemplate } from '@rebootless/shared/contract/rollout-templates.ts'
import { useQuery } from '@tanstack/react-query'
import { visibleText } from '../../../ui/host-text.tsx'
import { templatesQuery } from '../template-queries.ts'

/** How the rollout is to go, from those that are kept. */
export const TemplateChoice = ({ onTake }: { onTake: (template: RolloutTemplate) => void }) => {
  const templates = useQuery(templatesQuery).data?.items ?? []
  return (
    <select
      aria-label="Take a template"
      // It stays at its first word: what was taken is in the plan, which may be changed since.
      value=""
      onChange={(event) => {
        const taken = templates.find(({ id }) => id === event.target.value)
        if (taken !== undefined) onTake(taken)
      }}
      className="h-7 max-w-44 rounded-control border border-line-2 bg-sheet px-2 text-12 font-medium touch:h-11"
    >
      <option value="">Take a template</option>
      {templates.map(({ id, name, about }) => (
        <option key={id} value={id} title={visibleText(about, 300)}>
          {visibleText(name, 80)}
        </option>
      ))}
    </select>
  )
}
