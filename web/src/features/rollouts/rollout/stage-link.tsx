import type { HostStage } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

/** To the table of hosts, to those at a stage. */
export const StageLink = ({ id, stage, children }: { id: string; stage: HostStage; children: ReactNode }) => (
  <Link
    to="/rollouts/$id"
    params={{ id }}
    search={{ tab: 'hosts', stage }}
    resetScroll={false}
    className="inline-flex min-h-6 min-w-6 items-center gap-1.5 hover:text-ink touch:min-h-11"
  >
    {children}
  </Link>
)
