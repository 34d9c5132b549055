import type { HostActions } from '@rebootless/shared/contract/commands-api.ts'
import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { TransitionView } from '@rebootless/shared/contract/host-transition.ts'
import type { ReactNode } from 'react'
import { count, plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { aboutAct, type PossibleAction } from './act-words.ts'
import { approvalsWord } from './approvals-word.ts'

const TASKS_SHOWN = 8

export interface ActedHost {
  readonly host: Pick<HostDetail, 'id' | 'name' | 'kernelRelease' | 'stack'>
  /** The running one; null: none runs. */
  readonly transition: TransitionView | null
  readonly possible: HostActions
}

/** What an act does, what it touches, what it costs, and who has to agree. */
export const ActSubject = ({
  acted: { host, transition, possible },
  act,
  approvals,
}: {
  acted: ActedHost
  act: PossibleAction
  approvals: number
}) => {
  const { what, costs } = aboutAct(act, transition)
  return (
    <dl className="grid grid-cols-[88px_minmax(0,1fr)] gap-x-3 gap-y-2.5">
      <Row word="What">{what}</Row>
      <Row word="Touches">
        <b className="font-semibold">
          <HostText value={host.name} max={255} />
        </b>
        , kernel{' '}
        <code className="mono">
          <HostText value={host.kernelRelease} max={128} />
        </code>
        {act.patch === null ? null : (
          <>
            , livepatch{' '}
            <code className="mono">
              <HostText value={act.patch} max={64} />
            </code>
          </>
        )}
        <Tasks act={act} transition={transition} />
      </Row>
      <Row word="Costs">
        <span className={act.action === 'force' ? 'font-medium text-danger-text' : ''}>{costs}</span>
      </Row>
      <Row word="Approval">
        <Approval possible={possible} approvals={approvals} />
      </Row>
      {possible.hours === null ? null : (
        <Row word="Hours">
          The host allows changes <HostText value={possible.hours} max={200} />.
        </Row>
      )}
      {act.waitsFor === null ? null : (
        <Row word="Waits for">
          <HostText value={act.waitsFor} max={300} />
        </Row>
      )}
    </dl>
  )
}

const Row = ({ word, children }: { word: string; children: ReactNode }) => (
  <>
    <dt className="text-12 leading-5 font-medium text-ink-3">{word}</dt>
    <dd className="min-w-0 wrap-anywhere text-ink-2">{children}</dd>
  </>
)

const Tasks = ({ act, transition }: { act: PossibleAction; transition: TransitionView | null }) => {
  if (transition === null || transition.patch !== act.patch) return null
  if (act.action === 'reverse')
    return <>, {plural(transition.tasksTotal - transition.tasksRemaining, 'task')} that went over already</>
  if (act.action !== 'force' && act.action !== 'signal') return null
  const { blocking, blockingTotal } = transition
  return (
    <>
      , and {plural(blockingTotal, 'task')}:
      <ul className="mono mt-0.5 text-[12px]">
        {blocking.slice(0, TASKS_SHOWN).map((task) => (
          <li key={task.tid}>
            {task.tid} <HostText value={task.comm} max={64} />
          </li>
        ))}
        {blockingTotal > TASKS_SHOWN ? <li>and {count(blockingTotal - TASKS_SHOWN)} more</li> : null}
      </ul>
    </>
  )
}

const CLASSES = {
  observe: 'The host only lets itself be observed.',
  lab: 'None: the host is of class lab.',
} as const

const Approval = ({ possible, approvals }: { possible: HostActions; approvals: number }) => {
  const { hostClass, approvers } = possible
  if (hostClass !== 'production') return CLASSES[hostClass]
  return (
    <>
      <span className="font-medium text-ink">
        {approvalsWord(approvals).replace(/^./, (first) => first.toUpperCase())} of the host
      </span>
      , none of them whoever asks.{' '}
      {approvers.length === 0 ? (
        'Its agent.json names none, so nothing can be approved.'
      ) : (
        <>
          Its agent.json names{' '}
          {approvers.map(({ name, publicKey }, index) => (
            <span key={publicKey} title={publicKey}>
              {index === 0 ? '' : index === approvers.length - 1 ? ' and ' : ', '}
              <HostText value={name} max={64} />
            </span>
          ))}
          .
        </>
      )}
    </>
  )
}
