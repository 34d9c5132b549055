import { ALERT_SEVERITIES, type AlertRuleId, type AlertSeverity } from '@rebootless/shared/domain/alerts/alert-words.ts'
import { useQuery } from '@tanstack/react-query'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { ChoiceList } from '../../ui/choice-list.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import type { FieldsProps } from './place-fields.tsx'
import { alertRulesQuery } from './queries.ts'

const SEVERITY_ABOUT: Readonly<Record<AlertSeverity, { label: string; about: string }>> = {
  page: { label: 'Page', about: 'What wakes somebody.' },
  ticket: { label: 'Page and ticket', about: 'And what waits for working hours.' },
  info: { label: 'Every severity', about: 'And what is good to know.' },
}

/** Which alerts go there. A rule may name this channel too, and is sent there then whatever is chosen here. */
export const AlertFields = ({ draft, onChange, mayBeNone }: FieldsProps & { mayBeNone: boolean }) => (
  <div className="grid gap-3">
    <ChoiceList
      label="Alerts"
      value={draft.alerts}
      onChange={(alerts) => onChange({ alerts })}
      choices={[
        { value: 'all', label: 'Of every rule', about: 'Of rules that come later too.' },
        { value: 'some', label: 'Of some rules', about: 'As chosen below.' },
        ...(mayBeNone
          ? [{ value: 'none' as const, label: 'None', about: 'But of rules that name this channel.' }]
          : []),
      ]}
    />
    {draft.alerts === 'none' ? null : (
      <ChoiceList
        label="How urgent"
        value={draft.severityAtLeast}
        onChange={(severityAtLeast) => onChange({ severityAtLeast })}
        choices={ALERT_SEVERITIES.map((value) => ({ value, ...SEVERITY_ABOUT[value] }))}
      />
    )}
    {draft.alerts === 'some' ? <Rules chosen={draft.rules} onChange={(rules) => onChange({ rules })} /> : null}
  </div>
)

const Rules = ({
  chosen,
  onChange,
}: {
  chosen: readonly AlertRuleId[]
  onChange: (rules: readonly AlertRuleId[]) => void
}) => {
  const rules = useQuery(alertRulesQuery)
  if (rules.isError) return <ProblemNotice error={rules.error} onRetry={() => void rules.refetch()} what="The rules" />
  if (rules.data === undefined) return <Placeholder className="h-24" />
  return (
    <fieldset className="grid gap-1">
      <legend className="mb-1 text-12 font-medium text-ink-2">Rules</legend>
      <div className="grid grid-cols-2 gap-x-4 gap-y-1 max-desk:grid-cols-1">
        {rules.data.items.map(({ id, title }) => (
          <label key={id} className="flex cursor-pointer gap-2 touch:min-h-11 touch:items-center">
            <input
              type="checkbox"
              className="mt-1 size-3.5 flex-none accent-ink touch:mt-0"
              checked={chosen.includes(id)}
              onChange={({ target }) =>
                onChange(target.checked ? [...chosen, id] : chosen.filter((other) => other !== id))
              }
            />
            <span>{title}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
