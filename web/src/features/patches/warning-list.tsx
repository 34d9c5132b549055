import type { PatchWarning } from '@rebootless/shared/contract/patches.ts'
import { Info, type LucideIcon, OctagonAlert, TriangleAlert } from 'lucide-react'
import { HostText } from '../../ui/host-text.tsx'

const LEVELS: Readonly<Record<PatchWarning['level'], { word: string; icon: LucideIcon; tone: string }>> = {
  danger: { word: 'Danger', icon: OctagonAlert, tone: 'text-danger-text' },
  warning: { word: 'Warning', icon: TriangleAlert, tone: 'text-old-text' },
  note: { word: 'Note', icon: Info, tone: 'text-ink-3' },
}

/** What somebody should know before a patch is kept and used, gravest first. */
export const WarningList = ({ warnings }: { warnings: readonly PatchWarning[] }) => {
  const gravest = (['danger', 'warning', 'note'] as const).flatMap((level) =>
    warnings.filter((warning) => warning.level === level),
  )
  return gravest.length === 0 ? (
    <p className="text-ink-3">Nothing speaks against it, as far as the file and the hosts show.</p>
  ) : (
    <ul aria-label="Warnings" className="grid gap-2">
      {gravest.map(({ code, level, text }) => {
        const { word, icon: Icon, tone } = LEVELS[level]
        return (
          <li key={code} className="flex gap-2.5">
            <Icon size={16} strokeWidth={1.75} aria-hidden className={`mt-0.5 flex-none ${tone}`} />
            <span className="min-w-0 text-ink-2">
              <b className={`font-semibold ${tone}`}>{word}.</b> <HostText value={text} max={700} />
            </span>
          </li>
        )
      })}
    </ul>
  )
}
