import { Link } from '@tanstack/react-router'
import { OctagonX, ShieldCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { Button } from '../../ui/button.tsx'
import { count, exactTime, plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import type { Verification } from './use-verification.ts'
import type { Verdict } from './verify-log.ts'

/** How far the verification is, and what it found. */
export const VerifyPanel = ({ verification, onAgain }: { verification: Verification; onAgain: () => void }) => {
  if (verification.kind === 'idle') return null
  if (verification.kind === 'failed') {
    return <ProblemNotice what="The verification" error={verification.error} onRetry={onAgain} />
  }
  return (
    <section aria-label="Verification" className="animate-appear border-b border-line bg-paper px-6 py-4 max-desk:px-4">
      <div role="status">
        {verification.kind === 'running' ? (
          <Running done={verification.done} last={verification.last} />
        ) : (
          <Judgement verdict={verification.verdict} />
        )}
      </div>
    </section>
  )
}

const Running = ({ done, last }: { done: number; last: number }) => (
  <div className="flex max-w-[560px] items-center gap-3">
    <progress
      aria-label="Entries verified"
      max={Math.max(1, last)}
      value={done}
      className="h-1.5 flex-1 appearance-none overflow-hidden rounded-full [&::-moz-progress-bar]:bg-ink [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-ink"
    />
    <span className="text-12 whitespace-nowrap text-ink-2">
      {count(done)} of {count(last)}
    </span>
  </div>
)

const Judgement = ({ verdict }: { verdict: Verdict }) => {
  const { faults, forgedHeads, broken, entries } = verdict
  const falsified = faults.length > 0 || forgedHeads > 0
  return (
    <div className="flex gap-3">
      {falsified ? (
        <OctagonX size={20} aria-hidden className="flex-none text-danger-text" />
      ) : (
        <ShieldCheck size={20} aria-hidden className="flex-none" />
      )}
      <div className="grid min-w-0 gap-2">
        <h2 className="text-14">
          {falsified ? 'The log was falsified' : `${plural(entries, 'entry', 'entries')} verified`}
        </h2>
        {falsified ? (
          <>
            <ul className="grid gap-1">
              {faults.map(({ sequence, detail }) => (
                <li key={`${sequence} ${detail}`}>
                  <HostText value={detail} max={300} />{' '}
                  <Link
                    to="/audit"
                    search={(before) => ({ ...before, entry: String(sequence) })}
                    resetScroll={false}
                    className="quiet-link whitespace-nowrap"
                  >
                    Open {count(sequence)}
                  </Link>
                </li>
              ))}
              {forgedHeads > 0 ? (
                <li>{plural(forgedHeads, 'signed head')} with a signature that is not good.</li>
              ) : null}
            </ul>
            <p className="text-ink-2">
              Somebody with rights on the database changed it. Export the log now, keep older exports, and hold it
              against the heads that hosts keep:{' '}
              <code className="mono">rebootless audit verify FILE --head audit-head.json</code>
            </p>
          </>
        ) : (
          <Sound verdict={verdict} />
        )}
        {broken === null ? null : (
          <p>
            The server signs no more heads: <HostText value={broken} max={500} /> What is written from now on is
            chained, and nothing vouches for it, until a database whose log is sound is back.
          </p>
        )}
        <Small>
          Signed with <code className="mono wrap-anywhere select-all">{verdict.publicKey}</code>
        </Small>
        {verdict.signaturesChecked ? null : (
          <Small>
            This browser knows no Ed25519: the heads were held against the log, their signatures were not checked.
          </Small>
        )}
        {verdict.roleOwnsLog ? (
          <Small>
            Rebootless works under a database role that owns the log and could lift its guard. A role without that right
            is described in the documents; until then signed heads alone show what was changed.
          </Small>
        ) : null}
      </div>
    </div>
  )
}

const Small = ({ children }: { children: ReactNode }) => <p className="max-w-[640px] text-12 text-ink-3">{children}</p>

const Sound = ({ verdict: { entries, head } }: { verdict: Verdict }) => {
  if (entries === 0) return <p className="text-ink-2">The log is empty.</p>
  if (head === null) {
    return (
      <p className="text-ink-2">
        Each entry follows the one before it. No head was signed yet: the first comes within a minute.
      </p>
    )
  }
  return (
    <p className="text-ink-2">
      Each follows the one before it, and those up to {count(head.sequence)} are the ones that the server signed{' '}
      <span title={exactTime(head.at)}>
        <TimeAgo at={head.at} suffix=" ago" />
      </span>
      .
      {entries > head.sequence
        ? ` ${plural(entries - head.sequence, 'entry', 'entries')} after that: chained, not signed yet.`
        : ''}
    </p>
  )
}

export const VerifyButton = ({ running, onVerify }: { running: boolean; onVerify: () => void }) => (
  <Button onClick={onVerify} disabled={running} title={running ? 'The verification is under way' : undefined}>
    <ShieldCheck size={14} aria-hidden />
    Verify
  </Button>
)
