import { Link } from '@tanstack/react-router'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { StateGlyph } from '../../../ui/state-glyph.tsx'
import { narrowedWords } from './narrowed-words.ts'
import type { DebtAsked } from './queries.ts'

/** The list is empty: because of what is asked for, because no host is there, or because none needs a boot. */
export const NoHostListed = ({
  asked,
  hosts,
  onAll,
  onEveryHost,
}: {
  asked: DebtAsked
  /** That the filter matches, whether they need a boot or not. */
  hosts: number
  /** The same hosts, narrowed no further. */
  onAll: () => void
  onEveryHost: () => void
}) => {
  const { filter = '' } = asked
  const words = narrowedWords(asked)
  const everyHost =
    filter === '' ? null : (
      <Button size="large" kind={words === '' ? 'primary' : 'plain'} onClick={onEveryHost}>
        Clear the filter
      </Button>
    )
  if (hosts > 0 && words === '')
    return (
      <Notice mark={<StateGlyph state="patched" size={20} />} title="No host needs a boot" actions={everyHost}>
        <p>
          {filter === '' ? '' : 'None of those that the filter matches. '}A host comes here when a transition was
          forced, when live patches for its kernel end, when only another kernel fixes a CVE, or when a newer one waits.
        </p>
      </Notice>
    )
  if (hosts === 0 && filter === '')
    return (
      <Notice
        mark={<StateGlyph state="unknown" size={20} />}
        title="No host to tell of"
        actions={
          <Link to="/hosts" className={buttonClass('primary', 'large')}>
            Add hosts
          </Link>
        }
      >
        <p>Once an agent has read its host, it stands here if it needs a boot.</p>
      </Notice>
    )
  return (
    <Notice
      mark={<StateGlyph state="unsupported" size={20} />}
      title="No host matches"
      actions={
        <>
          {words === '' || hosts === 0 ? null : (
            <Button size="large" kind="primary" onClick={onAll}>
              Show all
            </Button>
          )}
          {everyHost}
        </>
      }
    >
      <p>
        {hosts === 0
          ? 'None of the hosts that you may see matches the filter.'
          : `The list is narrowed to: ${words}${filter === '' ? '' : '; and by the filter'}.`}
      </p>
    </Notice>
  )
}
