import type { Gate } from '@rebootless/shared/contract/rollout-plan.ts'
import { Plus } from 'lucide-react'
import { Button } from '../../../ui/button.tsx'
import { RowButtons } from './list-buttons.tsx'
import { DurationField, NumberField, SelectField, TextField } from './plan-fields.tsx'

type Kind = Gate['kind']

const GATE_WORDS: Readonly<Record<Kind, { word: string; about: string }>> = {
  transitions: { word: 'Transitions', about: 'So many hosts have the change in effect, so soon after each was told.' },
  'kernel log': {
    word: 'Kernel log',
    about: 'No oops, warning, lockup, hung task or new taint since a host was told.',
  },
  agents: { word: 'Agents', about: 'Every host’s agent is heard.' },
  pressure: { word: 'Pressure', about: 'Its mean over the wave grew by no more, against the hour before.' },
  prometheus: { word: 'Prometheus query', about: 'The server asks it; what comes back is held against a number.' },
  http: { word: 'HTTP probe', about: 'The server asks for an address and wants this status.' },
  approval: { word: 'People', about: 'So many people let the next wave begin, each with a reason.' },
}
const KINDS = Object.keys(GATE_WORDS) as Kind[]

const newGate = (kind: Kind): Gate => {
  switch (kind) {
    case 'transitions':
      return { kind, percent: 100, withinSeconds: 1800 }
    case 'pressure':
      return { kind, of: 'cpu', growthPercent: 20 }
    case 'prometheus':
      return { kind, url: '', query: '', is: '<', value: 1 }
    case 'http':
      return { kind, url: '', status: 200 }
    case 'approval':
      return { kind, people: 1 }
    default:
      return { kind }
  }
}

/** What must be so before the next wave begins. */
export const GateList = ({
  at,
  gates,
  onChange,
}: {
  /** `gates`, or those of a wave. */
  at: string
  gates: readonly Gate[]
  onChange: (gates: Gate[]) => void
}) => (
  <div data-field={at} className="grid gap-2">
    {gates.length === 0 ? <p className="text-ink-3">No gate: the next wave begins when the soak is over.</p> : null}
    <ol className="divide-y divide-line rounded-control border border-line-2 empty:hidden">
      {gates.map((gate, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a gate has no identity but its place
        <li key={place} className="grid gap-2 px-3 py-2">
          <div className="flex items-start gap-3">
            <p className="min-w-0 flex-1 py-1">
              <span className="font-medium">{GATE_WORDS[gate.kind].word}</span>
              <span className="block text-12 text-ink-3">{GATE_WORDS[gate.kind].about}</span>
            </p>
            <RowButtons
              list={at}
              what={`gate ${place + 1}, ${GATE_WORDS[gate.kind].word}`}
              {...{ place, all: gates, onChange }}
            />
          </div>
          <GateFields
            at={`${at}[${place}]`}
            gate={gate}
            onChange={(next) => onChange(gates.map((one, index) => (index === place ? next : one)))}
          />
        </li>
      ))}
    </ol>
    <fieldset className="flex flex-wrap gap-1.5">
      <legend className="sr-only">Add a gate</legend>
      {KINDS.map((kind, index) => (
        <Button
          key={kind}
          data-row-add={index === 0 ? at : undefined}
          aria-label={`Add gate: ${GATE_WORDS[kind].word}`}
          disabled={gates.length >= 20}
          onClick={() => onChange([...gates, newGate(kind)])}
        >
          <Plus size={12} aria-hidden />
          {GATE_WORDS[kind].word}
        </Button>
      ))}
    </fieldset>
  </div>
)

const PRESSURES = { cpu: 'processor', memory: 'memory', io: 'input and output', load: 'load' } as const
const COMPARISONS = { '<': 'less than', '<=': 'at most', '>': 'more than', '>=': 'at least' } as const
const ROW = 'grid grid-cols-[repeat(auto-fill,minmax(150px,1fr))] gap-3 pb-1'

const GateFields = ({ at, gate, onChange }: { at: string; gate: Gate; onChange: (gate: Gate) => void }) => {
  switch (gate.kind) {
    case 'transitions':
      return (
        <div className={ROW}>
          <NumberField
            {...{ label: 'Per cent of hosts', at: `${at}.percent`, value: gate.percent }}
            onChange={(percent) => onChange({ ...gate, percent })}
          />
          <DurationField
            {...{ label: 'Within', at: `${at}.withinSeconds`, seconds: gate.withinSeconds }}
            onChange={(withinSeconds) => onChange({ ...gate, withinSeconds })}
          />
        </div>
      )
    case 'pressure':
      return (
        <div className={ROW}>
          <SelectField
            {...{ label: 'Of', at: `${at}.of`, value: gate.of, options: PRESSURES }}
            onChange={(of) => onChange({ ...gate, of })}
          />
          <NumberField
            {...{ label: 'Growth, per cent', at: `${at}.growthPercent`, value: gate.growthPercent }}
            onChange={(growthPercent) => onChange({ ...gate, growthPercent })}
          />
        </div>
      )
    case 'prometheus':
      return (
        <div className="grid gap-3 pb-1">
          <TextField
            {...{ label: 'Address of Prometheus', at: `${at}.url`, value: gate.url, type: 'url' }}
            placeholder="https://prometheus.example.org"
            onChange={(url) => onChange({ ...gate, url })}
          />
          <TextField
            {...{ label: 'Query', at: `${at}.query`, value: gate.query, max: 2000 }}
            placeholder="sum(rate(http_requests_total{code=~&quot;5..&quot;}[5m]))"
            onChange={(query) => onChange({ ...gate, query })}
          />
          <div className={ROW}>
            <SelectField
              {...{ label: 'Is', at: `${at}.is`, value: gate.is, options: COMPARISONS }}
              onChange={(is) => onChange({ ...gate, is })}
            />
            <NumberField
              {...{ label: 'Value', at: `${at}.value`, value: gate.value }}
              onChange={(value) => onChange({ ...gate, value })}
            />
          </div>
        </div>
      )
    case 'http':
      return (
        <div className="grid gap-3 pb-1 desk:grid-cols-[1fr_120px]">
          <TextField
            {...{ label: 'Address', at: `${at}.url`, value: gate.url, type: 'url' }}
            placeholder="https://shop.example.org/healthz"
            onChange={(url) => onChange({ ...gate, url })}
          />
          <NumberField
            {...{ label: 'Status', at: `${at}.status`, value: gate.status }}
            onChange={(status) => onChange({ ...gate, status })}
          />
        </div>
      )
    case 'approval':
      return (
        <div className={ROW}>
          <NumberField
            {...{ label: 'People', at: `${at}.people`, value: gate.people }}
            onChange={(people) => onChange({ ...gate, people })}
          />
        </div>
      )
    default:
      return null
  }
}
