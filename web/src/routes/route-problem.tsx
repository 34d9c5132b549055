import { useQueryErrorResetBoundary } from '@tanstack/react-query'
import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router'
import { ApiProblem } from '../api/api-problem.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { buttonClass } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'
import { isMissingPart, OtherVersion } from './other-version.tsx'

/** The same for what lies outside the shell, as a page of its own. */
export const RootNotFound = () => (
  <main className="min-h-dvh">
    <h1 className="sr-only">Rebootless</h1>
    <NotFoundPage />
  </main>
)

export const RootProblem = (given: ErrorComponentProps) => (
  <main className="min-h-dvh">
    <h1 className="sr-only">Rebootless</h1>
    <RouteProblem {...given} />
  </main>
)

/** A route that could not get what it needs. */
const RouteProblem = ({ error, reset }: ErrorComponentProps) => {
  const router = useRouter()
  const queries = useQueryErrorResetBoundary()
  if (error instanceof ApiProblem && (error.code === 'host_not_found' || error.code === 'query_invalid'))
    return <HostNotFound />
  if (isMissingPart(error)) return <OtherVersion />
  return (
    <ProblemNotice
      what="This page"
      error={error instanceof Error ? error : new Error(String(error))}
      onRetry={() => {
        queries.reset()
        reset()
        void router.invalidate()
      }}
    />
  )
}

export const HostNotFound = () => (
  <Notice
    mark={<StateGlyph state="unsupported" size={20} />}
    title="No such host"
    actions={
      <Link to="/hosts" className={buttonClass('primary', 'large')}>
        All hosts
      </Link>
    }
  >
    <p>It was removed, or the address is wrong. A host that enrols again gets a new address.</p>
  </Notice>
)

export const NotFoundPage = () => (
  <Notice
    mark={<StateGlyph state="unsupported" size={20} />}
    title="No such page"
    actions={
      <Link to="/" className={buttonClass('primary', 'large')}>
        Fleet
      </Link>
    }
  >
    <p>Rebootless has no page at this address.</p>
  </Notice>
)
