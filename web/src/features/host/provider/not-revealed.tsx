import { declarationOf } from '@rebootless/shared/domain/provider-facts.ts'
import { Part } from './part.tsx'
import { type Withheld, withheldBy } from './provider-words.ts'

/** By the provider's own declaration: what nobody can read of such a host, however long they look. */
export const NotRevealed = ({ name }: { name: string }) => {
  const declaration = declarationOf(name)
  if (declaration === null)
    return (
      <Part title="What this system does not reveal">
        <p className="text-ink-3">This server does not know the system; the agent that told of it is newer.</p>
      </Part>
    )
  const { never, atTimes } = withheldBy(declaration)
  return (
    <Part title="What this system does not reveal">
      {never.length === 0 ? <p className="text-ink-3">Nothing that a page here asks for.</p> : <Notes rows={never} />}
      {atTimes.length === 0 ? null : (
        <>
          <p className="mt-3 mb-1 text-12 font-medium text-ink-2">Told only at times, or by a detour</p>
          <Notes rows={atTimes} />
        </>
      )}
      {declaration.heldAgainst === 'documents' ? (
        <p className="mt-2 text-12 text-ink-3">
          The agent reads this system as its vendor's documents describe it; no recording of a real host was there to
          hold it against.
        </p>
      ) : null}
    </Part>
  )
}

const Notes = ({ rows }: { rows: readonly Withheld[] }) => (
  <dl>
    {rows.map(({ what, note }) => (
      <div key={what} className="grid gap-x-4 border-t border-line py-1.5 desk:grid-cols-[180px_minmax(0,1fr)]">
        <dt className="font-medium">{what}</dt>
        <dd className="text-ink-2">{note}</dd>
      </div>
    ))}
  </dl>
)
