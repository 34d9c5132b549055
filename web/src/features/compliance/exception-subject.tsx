import type { ExceptionSubject } from '@rebootless/shared/contract/compliance-policy.ts'
import { HostText } from '../../ui/host-text.tsx'

/** What is accepted, and on which hosts, in a few words. */
export const ExceptionSubjectText = ({ subject, hosts }: { subject: ExceptionSubject; hosts: string }) => (
  <>
    {subject.kind === 'cve' ? (
      <span className="mono">{subject.cveId}</span>
    ) : (
      `All ${subject.severity === 'unknown' ? 'CVEs that are not scored' : `${subject.severity} CVEs`}`
    )}{' '}
    on{' '}
    {hosts === '' ? (
      'all hosts'
    ) : (
      <code className="mono wrap-anywhere">
        <HostText value={hosts} max={200} />
      </code>
    )}
  </>
)

/** The same as text, for a title or a reader. */
export const exceptionTitle = (subject: ExceptionSubject): string =>
  subject.kind === 'cve'
    ? subject.cveId
    : subject.severity === 'unknown'
      ? 'CVEs that are not scored'
      : `all ${subject.severity} CVEs`
