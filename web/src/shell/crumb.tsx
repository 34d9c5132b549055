import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'

/** Where a page is below another, in its header. */
export const Crumb = ({
  to,
  children,
}: {
  to: '/alerts' | '/approvals' | '/compliance' | '/compliance/cves' | '/hosts' | '/patches' | '/rollouts'
  children: string
}) => (
  <>
    <Link to={to} className="transition-colors hover:text-ink touch:py-3">
      {children}
    </Link>
    <ChevronRight size={14} aria-hidden className="flex-none text-ink-4" />
  </>
)
