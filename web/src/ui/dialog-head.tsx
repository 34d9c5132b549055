import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton } from './button.tsx'

/** The head of a dialog: what it is, and the way out, in view however far it is scrolled. */
export const DialogHead = ({ title, onClose }: { title: ReactNode; onClose: () => void }) => (
  <div className="sticky top-0 z-10 flex items-center justify-between gap-3 border-b border-line bg-raised py-2 pr-2 pl-4">
    <h2 className="min-w-0 truncate text-14">{title}</h2>
    <IconButton aria-label="Close" onClick={onClose}>
      <X size={16} aria-hidden />
    </IconButton>
  </div>
)
