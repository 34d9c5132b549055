import type { BlockingGroup } from '@rebootless/shared/contract/rollout-transition.ts'
import { Link } from '@tanstack/react-router'
import { AdviceRow } from '../../../ui/advice-row.tsx'
import { plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { TaskStack } from '../../../ui/task-stack.tsx'
import { TimeAgo } from '../../../ui/time-ago.tsx'

/** One of the tasks explained for all of them: their stack, why they do not switch, what can be done, and where. */
export const BlockingGroupDetail = ({ group }: { group: BlockingGroup }) => (
  <div className="grid animate-appear gap-x-6 gap-y-4 px-6 pt-1 pb-5 pl-[56px] max-desk:px-4 desk:grid-cols-2">
    <div className="min-w-0">
      <h4 className="mb-1.5 text-11 font-medium text-ink-3">Stack of the one that waits longest, innermost first</h4>
      <TaskStack frames={group.stack} sleepsIn={group.wchan} />
      <h4 className="mt-4 mb-1 text-11 font-medium text-ink-3">
        {group.hosts.length < group.hostCount
          ? `Hosts that wait longest, ${group.hosts.length} of ${group.hostCount}`
          : plural(group.hostCount, 'host')}
      </h4>
      <ul>
        {group.hosts.map(({ id, name, since }) => (
          <li key={id} className="flex items-center justify-between gap-3 border-t border-line py-1 touch:py-2.5">
            <Link
              to="/hosts/$id"
              params={{ id }}
              search={{ tab: 'transition' }}
              className="quiet-link min-w-0 truncate"
            >
              <HostText value={name} max={80} />
            </Link>
            <span className="text-12 text-ink-3">
              <TimeAgo at={since} />
            </span>
          </li>
        ))}
      </ul>
      <p className="mt-1.5 text-12">
        <Link to="/hosts" search={{ filter: group.filter }} className="quiet-link inline-block min-h-6 py-0.5">
          All such hosts of the fleet
        </Link>
      </p>
    </div>
    <div className="min-w-0">
      <h4 className="mb-1.5 text-11 font-medium text-ink-3">In plain words</h4>
      <p className="max-w-[62ch] text-14 leading-[22px] wrap-anywhere">
        <HostText value={group.explanation} max={2000} />
      </p>
      <h4 className="mt-4 mb-1 text-11 font-medium text-ink-3">What can be done, on each host</h4>
      <ul>
        {group.advice.map((advice) => (
          <AdviceRow key={advice.action} advice={advice} />
        ))}
      </ul>
    </div>
  </div>
)
