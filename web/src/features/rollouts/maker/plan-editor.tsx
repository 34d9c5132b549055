import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { type PlanError, planToYaml, readPlanYaml } from '@rebootless/shared/domain/rollouts/plan-yaml.ts'
import { Download } from 'lucide-react'
import { type DragEvent, useEffect, useId, useRef, useState } from 'react'
import { ApiProblem } from '../../../api/api-problem.ts'
import { api } from '../../../api/client.ts'
import { Refusal } from '../../../shell/refusal.tsx'
import { Button } from '../../../ui/button.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { OpenFileButton, textOfFile } from '../plan/open-file-button.tsx'
import { PlanCompare } from '../plan/plan-compare.tsx'
import { saveFile } from '../plan/save-file.ts'
import type { Draft } from './draft.ts'

const TYPING_MS = 350
/** In place of a name and a reason that are not yet given, which the form asks for at its end. */
const NOT_YET = '-'

interface Loose {
  metadata?: { name?: unknown }
  spec?: { reason?: unknown }
}

/** What the text says, as a plan with its defaults; the server holds it against the schema. */
const checkPlan = async (value: unknown, signal: AbortSignal): Promise<RolloutPlan> => {
  const { metadata, spec } = (typeof value === 'object' && value !== null ? value : {}) as Loose
  const [noName, noReason] = [metadata?.name === '', spec?.reason === '']
  const given = {
    ...(value as object),
    ...(noName ? { metadata: { ...metadata, name: NOT_YET } } : {}),
    ...(noReason ? { spec: { ...spec, reason: NOT_YET } } : {}),
  }
  const asked = noName || noReason ? given : value
  // The contract's schema judges it, there: what comes from a text has no type yet.
  const body = asked as Parameters<typeof api.post<'/api/v1/rollouts/check'>>[1]['body']
  const { plan } = await api.post('/api/v1/rollouts/check', { body, signal })
  return { ...plan, ...(noName ? { name: '' } : {}), ...(noReason ? { reason: '' } : {}) }
}

/** The plan as the file that `rebootless apply` takes. What is written here is in the form at once, and the other way round. */
export const PlanEditor = ({
  draft,
  compareWith,
  onPlan,
  onText,
}: {
  draft: Draft
  /** A rollout that the plan is a copy of. */
  compareWith: string | undefined
  onPlan: (plan: RolloutPlan) => void
  /** A text that is not, or not yet, a plan. */
  onText: (text: string) => void
}) => {
  const [written, setWritten] = useState(() => ({ text: draft.text ?? planToYaml(draft.plan), of: draft.plan }))
  // Something else changed the plan while the text was one: it is written anew.
  const text = draft.text ?? (written.of === draft.plan ? written.text : planToYaml(draft.plan))
  const [errors, setErrors] = useState<readonly PlanError[]>([])
  const [failure, setFailure] = useState<Error | null>(null)
  const area = useRef<HTMLTextAreaElement>(null)
  const id = useId()
  const take = useRef(onPlan)
  take.current = onPlan
  useEffect(() => {
    if (draft.text === null) return
    const unread = draft.text
    const aborter = new AbortController()
    const timer = setTimeout(async () => {
      const source = readPlanYaml(unread)
      setFailure(null)
      if (!source.ok) return setErrors(source.errors)
      try {
        const plan = await checkPlan(source.value, aborter.signal)
        setErrors([])
        setWritten({ text: unread, of: plan })
        take.current(plan)
      } catch (error) {
        if (aborter.signal.aborted) return
        const mistakes = error instanceof ApiProblem ? error.mistakes : []
        setErrors(source.errorsOf(mistakes))
        setFailure(mistakes.length > 0 || !(error instanceof Error) ? null : error)
      }
    }, TYPING_MS)
    return () => {
      clearTimeout(timer)
      aborter.abort()
    }
  }, [draft.text])
  const open = async (file: File) => {
    try {
      onText(await textOfFile(file))
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error('The file could not be read.'))
    }
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    const [file] = event.dataTransfer.files
    if (file !== undefined) void open(file)
  }
  const goToLine = (line: number) => {
    const start =
      text
        .split('\n')
        .slice(0, line - 1)
        .join('\n').length + (line > 1 ? 1 : 0)
    const end = text.indexOf('\n', start)
    area.current?.focus()
    area.current?.setSelectionRange(start, end < 0 ? text.length : end)
  }
  const lines = text.split('\n')
  const wrong = new Set(errors.map(({ line }) => line))
  return (
    <div className="grid gap-4 px-6 py-5 max-desk:px-4">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <p className="max-w-[460px] text-ink-3">
          The same plan as the file that <code className="mono">rebootless apply</code> takes. Write here, open a file,
          or drop one.
        </p>
        <div className="flex flex-wrap gap-2">
          <OpenFileButton label="Open a file" onFile={(file) => void open(file)} />
          <CopyButton text={() => text} />
          <Button onClick={() => saveFile(draft.plan.name, text)}>
            <Download size={14} aria-hidden />
            Download
          </Button>
        </div>
      </div>
      <div className="max-h-[64vh] overflow-y-auto rounded-control border border-line-3 bg-sheet focus-within:outline-2 focus-within:outline-ink">
        <div className="mono flex text-[12px] leading-5">
          <div aria-hidden className="flex-none border-r border-line py-2 text-right text-ink-3 select-none">
            {lines.map((_, index) => (
              <div
                // biome-ignore lint/suspicious/noArrayIndexKey: a line has no identity but its number
                key={index}
                className={`w-11 pr-2 ${wrong.has(index + 1) ? 'bg-danger-tint font-medium text-danger-text' : ''}`}
              >
                {index + 1}
              </div>
            ))}
          </div>
          <textarea
            ref={area}
            aria-label="The plan as YAML"
            aria-invalid={errors.length > 0}
            aria-describedby={errors.length > 0 ? `${id}-errors` : undefined}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            wrap="off"
            rows={lines.length}
            value={text}
            onChange={(event) => onText(event.target.value)}
            onDragOver={(event) => event.preventDefault()}
            onDrop={drop}
            className="block min-w-0 flex-1 resize-none overflow-x-auto overflow-y-hidden bg-transparent px-3 py-2 whitespace-pre outline-none touch:text-16 touch:leading-5"
          />
        </div>
      </div>
      <div id={`${id}-errors`} role="status">
        {errors.length === 0 ? (
          <p className="text-12 text-ink-3">{draft.text === null ? 'The form says the same.' : 'Reading it…'}</p>
        ) : (
          <>
            <p className="text-12 font-medium text-danger-text">
              {plural(errors.length, 'mistake')}; the form holds the plan as it was before.
            </p>
            <ul aria-label="Mistakes" className="mt-1 grid gap-1">
              {errors.map(({ line, text: what }) => (
                <li key={`${line} ${what}`} className="flex items-center gap-2 text-12 text-danger-text">
                  <button
                    type="button"
                    className="min-h-6 flex-none underline decoration-line-3 underline-offset-2 touch:min-h-11"
                    onClick={() => goToLine(line)}
                  >
                    Line {line}
                  </button>
                  <HostText value={what} max={400} />
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
      {failure === null ? null : <Refusal error={failure} lead="The text could not be looked at." />}
      <PlanCompare plan={draft.plan} text={text} first={compareWith} />
    </div>
  )
}
