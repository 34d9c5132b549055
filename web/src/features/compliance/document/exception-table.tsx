import type { ComplianceException } from '@rebootless/shared/contract/compliance-policy.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { utcDay } from '../day.ts'
import { ExceptionSubjectText } from '../exception-subject.tsx'
import { DocumentPart, DocumentTable } from './document-table.tsx'

/** What is accepted now, by whom, why and until when. */
export const ExceptionTable = ({
  exceptions,
  isPast,
}: {
  exceptions: readonly ComplianceException[]
  isPast: boolean
}) => (
  <DocumentPart title="Exceptions in effect">
    {exceptions.length === 0 ? (
      <p>None.</p>
    ) : (
      <DocumentTable
        caption="Exceptions in effect"
        rows={exceptions}
        rowKey={({ id }) => id}
        columns={[
          { word: 'What', cell: ({ subject, hosts }) => <ExceptionSubjectText subject={subject} hosts={hosts} /> },
          { word: 'Owner', cell: ({ owner }) => <HostText value={owner} max={120} /> },
          { word: 'Why', cell: ({ reason }) => <HostText value={reason} max={400} /> },
          { word: 'Approved by', cell: ({ approvedBy }) => approvedBy ?? '–' },
          { word: 'Until', right: true, cell: ({ until }) => utcDay(Date.parse(until)) },
        ]}
      />
    )}
    {!isPast ? null : <p>These are in effect now, not on the day that this document tells of.</p>}
  </DocumentPart>
)
