import { AUDITORS, type AudienceOfPage } from '@rebootless/shared/domain/audiences.ts'
import {
  Bell,
  ChartNoAxesGantt,
  FlaskConical,
  LayoutGrid,
  type LucideIcon,
  Package,
  ScrollText,
  Server,
  Settings,
  ShieldCheck,
  Signature,
} from 'lucide-react'

interface Page<
  To = '/' | '/hosts' | '/patches' | '/rollouts' | '/compliance' | '/alerts' | '/lab' | '/audit' | '/settings',
> {
  readonly to: To
  readonly word: string
  readonly icon: LucideIcon
  readonly keys: string
  readonly about: string
  /** Left out: everybody. */
  readonly audience?: AudienceOfPage
}

/** The pages that exist, as rail, bottom bar, palette and key list show them. */
export const PAGES: readonly Page[] = [
  {
    to: '/',
    word: 'Fleet',
    icon: LayoutGrid,
    keys: 'g f',
    about: 'Answers, what needs someone, transitions under way',
  },
  { to: '/hosts', word: 'Hosts', icon: Server, keys: 'g h', about: 'Every host, filtered and sorted' },
  {
    to: '/patches',
    word: 'Patches',
    icon: Package,
    keys: 'g p',
    about: 'Every module, set and vendor’s update, and which hosts it fits',
  },
  {
    to: '/rollouts',
    word: 'Rollouts',
    icon: ChartNoAxesGantt,
    keys: 'g r',
    about: 'Changes that go over the fleet wave by wave, and why each stands where it stands',
  },
  {
    to: '/compliance',
    word: 'Compliance',
    icon: ShieldCheck,
    keys: 'g c',
    about: 'Which hosts are within their SLA, by which CVEs they are not, and the evidence',
  },
  {
    to: '/alerts',
    word: 'Alerts',
    icon: Bell,
    keys: 'g n',
    about: 'What needs somebody, grouped by cause, with what to do and what was done last time',
  },
  {
    to: '/lab',
    word: 'Lab',
    icon: FlaskConical,
    keys: 'g l',
    about: 'Five ways to patch a running kernel, side by side on one simulated machine',
  },
  {
    to: '/audit',
    word: 'Audit',
    icon: ScrollText,
    keys: 'g a',
    about: 'Who did what, and whether the log is whole',
    audience: AUDITORS,
  },
  { to: '/settings', word: 'Settings', icon: Settings, keys: 'g s', about: 'Your account, people, tokens' },
]

/** At the foot of the rail, with how many wait for whoever looks. */
export const APPROVALS_PAGE: Page<'/approvals'> = {
  to: '/approvals',
  word: 'Approvals',
  icon: Signature,
  keys: 'g v',
  about: 'What was asked for, what waits for a signature, and your keys',
}

const ASIDE: readonly string[] = ['/patches', '/compliance', '/lab', '/audit', '/settings']

/** A phone's bar has room for what is needed at three in the morning; the rest is under Find and You. */
export const BAR_PAGES = PAGES.filter(({ to }) => !ASIDE.includes(to))
