import type { CommandAction } from '@rebootless/shared/domain/words.ts'
import {
  Download,
  type LucideIcon,
  PackagePlus,
  Power,
  PowerOff,
  Radio,
  RefreshCw,
  RotateCcw,
  Undo2,
  Zap,
} from 'lucide-react'

export const ACT_ICONS: Readonly<Record<CommandAction, LucideIcon>> = {
  load: PackagePlus,
  enable: Power,
  disable: PowerOff,
  reverse: Undo2,
  retry: RotateCcw,
  signal: Radio,
  force: Zap,
  update: Download,
  refresh: RefreshCw,
}
