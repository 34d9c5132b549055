import type { AuthorisationSummary, CommandView } from '@rebootless/shared/contract/commands-api.ts'
import { actTitle } from '@rebootless/shared/domain/act-words.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { Refusal } from '../../shell/refusal.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { Notice, Placeholder } from '../../ui/notice.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { ACT_ICONS } from './act-icons.ts'
import { CommandProgress } from './command-progress.tsx'
import { CommandMark } from './command-state.tsx'
import { authorisationQuery, commandsQuery } from './queries.ts'

/** Commands, newest first: of one host, or of one request. A row opens to its whole life. */
export default function CommandList({
  asked,
  showHost = false,
}: {
  asked: { host: string } | { authorisation: string }
  showHost?: boolean
}) {
  const commands = useQuery(commandsQuery(asked))
  const [opened, setOpened] = useState<string | null>(null)
  if (commands.isPending)
    return (
      <div aria-busy="true" className="divide-y divide-line border-b border-line">
        {['w-40', 'w-56', 'w-48'].map((width) => (
          <div key={width} className="flex h-12 items-center gap-6 px-6 max-desk:px-4">
            <Placeholder className={width} />
            <Placeholder className="w-20" />
          </div>
        ))}
      </div>
    )
  if (commands.isError && !commands.data)
    return <ProblemNotice what="The commands" error={commands.error} onRetry={() => void commands.refetch()} />
  const { items } = commands.data
  if (items.length === 0)
    return (
      <Notice mark={<StateGlyph state="unsupported" size={20} />} title="Nothing has been asked of this host">
        <p>
          Choose <b className="font-semibold">Act</b> at the top of the page. Whatever is asked for stands here, with
          who asked, who approved, and what the host made of it.
        </p>
      </Notice>
    )
  return (
    <ul aria-label="Commands">
      {items.map((command) => (
        <Row
          key={command.id}
          command={command}
          showHost={showHost}
          open={opened === command.id}
          onToggle={() => setOpened(opened === command.id ? null : command.id)}
        />
      ))}
    </ul>
  )
}

const titleOf = (command: CommandView): string =>
  command.part === 'reversal' ? `Take ${command.patch ?? 'it'} out again` : actTitle(command)

const Row = ({
  command,
  showHost,
  open,
  onToggle,
}: {
  command: CommandView
  showHost: boolean
  open: boolean
  onToggle: () => void
}) => {
  const Icon = ACT_ICONS[command.part === 'reversal' ? 'disable' : command.action]
  const id = `command-${command.id}`
  return (
    <li className={`border-b border-line ${open ? 'bg-paper/60' : ''}`}>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={onToggle}
        className="flex min-h-11 w-full flex-wrap items-center gap-x-4 gap-y-0.5 px-6 py-2 text-left transition-colors hover:bg-hover focus-visible:-outline-offset-2 max-desk:px-4"
      >
        <ChevronRight
          size={14}
          aria-hidden
          className={`flex-none text-ink-3 transition-transform duration-(--motion-calm) ${open ? 'rotate-90' : ''}`}
        />
        <span className="flex w-24 flex-none">
          <CommandMark command={command} />
        </span>
        <span className="flex min-w-0 flex-[2] basis-52 items-center gap-2 font-medium">
          <Icon size={14} strokeWidth={1.75} aria-hidden className="flex-none text-ink-3" />
          <span className="min-w-0 truncate">
            <HostText value={showHost ? command.hostName : titleOf(command)} max={120} />
            {showHost && command.part === 'reversal' ? (
              <span className="font-normal text-ink-3">, taken out again</span>
            ) : null}
          </span>
        </span>
        <span className="min-w-0 flex-[3] basis-72 truncate text-12 text-ink-3 max-desk:basis-full">
          <HostText value={briefOf(command)} max={200} />
        </span>
        <span className="w-16 flex-none text-right text-12 text-ink-3 max-desk:hidden">
          <TimeAgo at={command.createdAt} suffix=" ago" />
        </span>
      </button>
      {open ? (
        <div id={id} className="max-w-[760px] animate-appear px-6 pt-1 pb-5 pl-[50px] max-desk:px-4">
          <Life command={command} showHost={showHost} />
        </div>
      ) : null}
    </li>
  )
}

/** Who asked, by which rollout, and what the host says or is waited for. */
const briefOf = ({ state, waitingFor, detail, requestedBy, rollout }: CommandView): string => {
  const by = rollout === null ? `by ${requestedBy}` : `by ${requestedBy}, rollout ${rollout.name}`
  const said = state === 'waiting' ? waitingFor : detail
  return said === null ? by : `${by}: ${said}`
}

const Life = ({ command, showHost }: { command: CommandView; showHost: boolean }) => {
  const authorisation = useQuery(authorisationQuery(command.authorisationId))
  if (authorisation.isError && !authorisation.data)
    return <Refusal error={authorisation.error} lead="The request could not be read." />
  const known: AuthorisationSummary | undefined = authorisation.data
  return (
    <div className="grid gap-3">
      {known === undefined ? (
        <Placeholder className="w-72" />
      ) : (
        <CommandProgress authorisation={known} command={command} />
      )}
      <p className="flex flex-wrap gap-x-4 text-12">
        {showHost ? (
          <Link
            to="/hosts/$id"
            params={{ id: command.hostId }}
            search={{ tab: 'commands' }}
            className="quiet-link touch:py-3"
          >
            <HostText value={command.hostName} max={120} />
          </Link>
        ) : (
          <Link to="/approvals/$id" params={{ id: command.authorisationId }} className="quiet-link touch:py-3">
            {command.state === 'waiting' && command.rollout === null
              ? 'The request, and how to cancel it'
              : 'The request'}
          </Link>
        )}
        {command.rollout === null ? null : (
          <Link to="/rollouts/$id" params={{ id: command.rollout.id }} className="quiet-link touch:py-3">
            Rollout <HostText value={command.rollout.name} max={120} />
          </Link>
        )}
      </p>
    </div>
  )
}
