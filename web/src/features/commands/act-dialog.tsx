import { actTitle } from '@rebootless/shared/domain/act-words.ts'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { announce } from '../../live/announcer.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { ActForm } from './act-form.tsx'
import { ActList, keyOf } from './act-list.tsx'
import type { ActedHost } from './act-subject.tsx'
import type { PossibleAction } from './act-words.ts'
import { CommandProgress } from './command-progress.tsx'
import { commandStateWord, isOver } from './command-state.tsx'
import { authorisationQuery, commandsQuery } from './queries.ts'

const GONE = 'This cannot be done any more: the host has moved on.'

/** What can be done to a host: the choice, then the act with all that belongs to it, then how far it is. */
export default function ActDialog({
  acted,
  first,
  onClose,
}: {
  acted: ActedHost
  /** What was chosen on the page already; null: the list. */
  first: PossibleAction | null
  onClose: () => void
}) {
  const [chosen, setChosen] = useState(first)
  const [asked, setAsked] = useState<string | null>(null)
  // As it stands now: what can be done changes under the reader's eyes, and what he has written must stay all the same.
  const act =
    chosen === null
      ? null
      : (acted.possible.actions.find((one) => keyOf(one) === keyOf(chosen)) ?? { ...chosen, refusal: GONE })
  const title = chosen === null ? 'What can be done' : actTitle(chosen)
  return (
    <Dialog label={visibleText(title, 120)} onClose={onClose} className="mt-[6vh]! max-h-[88vh]! overflow-y-auto">
      <DialogHead title={<HostText value={title} max={120} />} onClose={onClose} />
      {asked !== null ? (
        <Progress id={asked} onClose={onClose} />
      ) : act === null ? (
        <ActList actions={acted.possible.actions} onChoose={setChosen} />
      ) : (
        <ActForm
          key={keyOf(act)}
          acted={acted}
          act={act}
          onAsked={({ id }) => setAsked(id)}
          onBack={() => setChosen(null)}
        />
      )}
    </Dialog>
  )
}

const Progress = ({ id, onClose }: { id: string; onClose: () => void }) => {
  const authorisation = useQuery(authorisationQuery(id))
  const commands = useQuery(commandsQuery({ authorisation: id }))
  const command = commands.data?.items[0]
  const word = command === undefined ? null : commandStateWord(command)
  useEffect(() => {
    if (word !== null) announce(`The command: ${word}`)
  }, [word])
  const error = authorisation.error ?? commands.error
  return (
    <div className="grid gap-4 p-4">
      {authorisation.data !== undefined && command !== undefined ? (
        <CommandProgress authorisation={authorisation.data} command={command} />
      ) : error === null ? (
        <div aria-busy="true" className="grid gap-3">
          <Placeholder className="w-48" />
          <Placeholder className="w-72" />
        </div>
      ) : (
        <Refusal error={error} lead="How far it is could not be read." />
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Button size="large" kind="primary" data-autofocus onClick={onClose}>
          Close
        </Button>
        {command !== undefined && isOver(command) ? null : (
          <span className="text-12 text-ink-3">It goes on by itself, and stands under Commands.</span>
        )}
      </div>
    </div>
  )
}
