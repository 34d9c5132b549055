import type { ComplianceSummary } from '@rebootless/shared/contract/compliance.ts'
import { Link } from '@tanstack/react-router'
import { Button, buttonClass } from '../../ui/button.tsx'
import { plural } from '../../ui/duration.ts'
import { Notice } from '../../ui/notice.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'
import { momentWord } from './day.ts'
import type { Scope } from './scope.ts'

/** No host was judged: what would fill the page. */
export const NothingJudged = ({
  summary,
  scope: { at, filter },
  onClear,
}: {
  summary: ComplianceSummary
  scope: Scope
  onClear: () => void
}) => {
  const { hosts } = summary.counts
  const narrowed = filter !== '' || at !== undefined
  return (
    <Notice
      mark={<StateGlyph state="unknown" size={20} />}
      title={hosts > 0 ? 'No host is judged yet' : filter === '' ? 'No host to tell of' : 'No host matches'}
      actions={
        <>
          {narrowed ? (
            <Button size="large" kind="primary" onClick={onClear}>
              Show all hosts, now
            </Button>
          ) : null}
          {hosts === 0 && !narrowed ? (
            <Link to="/hosts" className={buttonClass('primary', 'large')}>
              Add hosts
            </Link>
          ) : null}
        </>
      }
    >
      <p>
        {hosts > 0
          ? `${plural(hosts, 'host')} ${hosts === 1 ? 'was' : 'were'} read and ${hosts === 1 ? 'waits' : 'wait'} to be judged against what the CVE feeds say. That takes a minute at most after feeds were read first.`
          : at !== undefined
            ? `Nothing was recorded of these hosts by ${momentWord(at)}.`
            : filter !== ''
              ? 'No host matches the filter.'
              : 'Once an agent has read its host, it is judged against what the CVE feeds say, and the sentence stands here.'}
      </p>
    </Notice>
  )
}
