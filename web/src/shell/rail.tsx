import { Link } from '@tanstack/react-router'
import { OctagonPause, Search } from 'lucide-react'
import { AlertCount } from '../features/alerts/alert-count.tsx'
import { AccountButton } from './account.tsx'
import { BrandMark } from './brand.tsx'
import { APPROVALS_PAGE, BAR_PAGES, PAGES } from './pages.ts'
import { useOffered } from './use-offered.ts'
import { WaitingCount } from './waiting-approvals.tsx'

const ITEM =
  'flex items-center gap-2.5 rounded-control text-ink-2 transition-colors hover:bg-sunken max-wide:size-10 max-wide:justify-center wide:h-8 wide:px-2'

interface Ways {
  onFind: () => void
  /** Stops all changes, or lets them go on. */
  onFreeze: () => void
  frozen: boolean
}

/** The left rail at a desk: words at 1400 px and more, icons below. */
export const Rail = ({ onFind, onFreeze, frozen }: Ways) => {
  const pages = useOffered(PAGES)
  return (
    <header className="no-print border-r border-line bg-paper px-2 max-desk:hidden">
      <div className="sticky top-0 flex h-dvh flex-col gap-3 py-3">
        <Link
          to="/"
          className="flex h-8 items-center gap-2 px-2 text-[15px] font-semibold tracking-tight max-wide:justify-center"
        >
          <BrandMark />
          <span className="max-wide:sr-only">Rebootless</span>
        </Link>
        <button
          type="button"
          onClick={onFind}
          aria-label="Find or go"
          aria-keyshortcuts="Control+K Meta+K"
          className="flex h-8 items-center gap-2 rounded-control border border-line-2 bg-sheet px-2 text-left text-ink-3 transition-colors hover:border-line-3 max-wide:size-10 max-wide:justify-center"
        >
          <Search size={14} aria-hidden />
          <span className="flex-1 max-wide:hidden">Find or go</span>
          <kbd className="font-sans text-11 max-wide:hidden">Ctrl K</kbd>
        </button>
        <nav aria-label="Pages">
          <ul className="grid gap-px">
            {pages.map(({ to, word, icon: Icon, keys }) => (
              <li key={to}>
                <Link
                  to={to}
                  title={`${word} (${keys})`}
                  activeOptions={{ exact: to === '/', includeSearch: false }}
                  className={`group relative ${ITEM} current:bg-ink/8 current:font-medium current:text-ink`}
                >
                  <Icon size={16} strokeWidth={1.75} aria-hidden className="text-ink-3 group-current:text-ink" />
                  <span className="flex-1 max-wide:sr-only">{word}</span>
                  {to === '/alerts' ? <AlertCount /> : null}
                  <kbd
                    aria-hidden
                    className="font-sans text-11 text-ink-3 opacity-0 transition-opacity group-hover:opacity-100 max-wide:hidden"
                  >
                    {keys}
                  </kbd>
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div className="mt-auto grid gap-px border-t border-line pt-2">
          <Link
            to={APPROVALS_PAGE.to}
            title={`${APPROVALS_PAGE.word} (${APPROVALS_PAGE.keys})`}
            className={`group relative ${ITEM} current:bg-ink/8 current:font-medium current:text-ink`}
          >
            <APPROVALS_PAGE.icon
              size={16}
              strokeWidth={1.75}
              aria-hidden
              className="text-ink-3 group-current:text-ink"
            />
            <span className="flex-1 max-wide:sr-only">{APPROVALS_PAGE.word}</span>
            <WaitingCount />
          </Link>
          <button
            type="button"
            onClick={onFreeze}
            aria-haspopup="dialog"
            title={frozen ? 'Let changes go on' : 'Stop all changes'}
            className={`${ITEM} w-full ${frozen ? 'text-danger-text' : ''}`}
          >
            <OctagonPause
              size={16}
              strokeWidth={1.75}
              aria-hidden
              className={`flex-none ${frozen ? '' : 'text-ink-3'}`}
            />
            <span className="flex-1 truncate text-left max-wide:sr-only">
              {frozen ? 'Changes are stopped' : 'Stop all changes'}
            </span>
          </button>
          <AccountButton className={`${ITEM} w-full`} onFreeze={onFreeze} frozen={frozen} />
        </div>
      </div>
    </header>
  )
}

/** The bottom bar of a phone, within the thumb's reach. */
export const BottomBar = ({ onFind, onFreeze, frozen }: Ways) => {
  const item = 'grid h-14 place-content-center justify-items-center gap-0.5 text-11 text-ink-3'
  return (
    <nav
      aria-label="Pages"
      className="fixed inset-x-0 bottom-0 z-20 border-t border-line bg-sheet pb-[env(safe-area-inset-bottom)] desk:hidden"
    >
      <ul className="grid grid-cols-6">
        {BAR_PAGES.map(({ to, word, icon: Icon }) => (
          <li key={to}>
            <Link
              to={to}
              activeOptions={{ exact: to === '/', includeSearch: false }}
              className={`${item} current:font-medium current:text-ink`}
            >
              <Icon size={20} strokeWidth={1.75} aria-hidden />
              {word}
            </Link>
          </li>
        ))}
        <li>
          <button type="button" onClick={onFind} className={`${item} w-full`}>
            <Search size={20} strokeWidth={1.75} aria-hidden />
            Find
          </button>
        </li>
        <li>
          <AccountButton className={`${item} w-full`} stacked onFreeze={onFreeze} frozen={frozen} />
        </li>
      </ul>
    </nav>
  )
}
