import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Download, Printer } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { sessionQuery } from '../features/access/queries.ts'
import { PastBand } from '../features/compliance/day-picker.tsx'
import { ComplianceDocument } from '../features/compliance/document/compliance-document.tsx'
import { documentQuery, documentText, sha256 } from '../features/compliance/document/document-data.ts'
import type { Scope } from '../features/compliance/scope.ts'
import { Crumb } from '../shell/crumb.tsx'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { Button } from '../ui/button.tsx'
import { download } from '../ui/download.ts'
import { visibleText } from '../ui/host-text.tsx'
import { Placeholder } from '../ui/notice.tsx'

const route = getRouteApi('/signed-in/compliance/print')

/** A CSS string, for the foot of each page: https://www.w3.org/TR/css-syntax-3/#consume-string-token. */
const cssString = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`

/** Compliance as a document: on paper, or as a PDF by the browser's own print. */
export const CompliancePrintPage = () => {
  usePageTitle('Compliance document')
  const { at, filter = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const scope: Scope = useMemo(() => ({ at, filter }), [at, filter])
  const answer = useQuery(documentQuery(scope))
  const madeBy = useQuery(sessionQuery).data?.username ?? ''
  const data = answer.data
  const text = useMemo(() => (data === undefined ? undefined : documentText(data)), [data])
  const [hash, setHash] = useState<string | null>()
  useEffect(() => {
    let wanted = true
    if (text !== undefined)
      void sha256(text).then((found) => {
        if (wanted) setHash(found)
      })
    return () => {
      wanted = false
    }
  }, [text])
  const asOf = data?.summary.judgedAt
  useEffect(() => {
    if (asOf === undefined) return
    const { style } = document.documentElement
    const hosts = filter === '' ? 'all hosts' : visibleText(filter, 60)
    style.setProperty(
      '--document-line',
      cssString(`Rebootless compliance, as of ${asOf.slice(0, 16).replace('T', ' ')} UTC, ${hosts}`),
    )
    return () => void style.removeProperty('--document-line')
  }, [asOf, filter])
  return (
    <>
      <div className="print:hidden">
        <PageHeader
          updatedAt={null}
          crumbs={<Crumb to="/compliance">Compliance</Crumb>}
          title="Document"
          actions={
            <span className="flex gap-2">
              <Button
                disabled={text === undefined}
                onClick={() => {
                  if (text !== undefined)
                    download(new Blob([text], { type: 'application/json' }), `compliance-${asOf?.slice(0, 10)}.json`)
                }}
              >
                <Download size={14} aria-hidden />
                Its data
              </Button>
              <Button kind="primary" disabled={hash === undefined} onClick={() => window.print()}>
                <Printer size={14} aria-hidden />
                Print
              </Button>
            </span>
          }
        />
        {at === undefined ? null : (
          <PastBand at={at} onNow={() => void navigate({ search: filter === '' ? {} : { filter } })} />
        )}
      </div>
      {answer.isPending ? (
        <div aria-busy="true" className="mx-auto grid max-w-[182mm] gap-5 px-4 py-10">
          <p role="status" className="sr-only">
            The document is being made.
          </p>
          {['w-40', 'w-full', 'w-80', 'w-full', 'w-full', 'w-64'].map((width, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: placeholders are all alike
            <Placeholder key={index} className={width} />
          ))}
        </div>
      ) : data === undefined ? (
        <ProblemNotice
          what="The document"
          error={answer.error ?? new Error('')}
          onRetry={() => void answer.refetch()}
        />
      ) : (
        <ComplianceDocument data={data} scope={scope} hash={hash} madeBy={madeBy} />
      )}
    </>
  )
}
