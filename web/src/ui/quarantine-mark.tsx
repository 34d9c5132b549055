import { ShieldAlert } from 'lucide-react'

/** Beside a name, where a host is seen and not commanded. */
export const QuarantineMark = ({ quarantined }: { quarantined: boolean }) =>
  quarantined ? (
    <span title="Quarantined: it is seen and not commanded" className="flex-none text-danger-text">
      <ShieldAlert size={14} aria-hidden />
      <span className="sr-only">quarantined</span>
    </span>
  ) : null
