import { count, percent } from './duration.ts'

/** Tasks on new and on old code, to scale; what is left is never thinner than 2 px. */
export const TaskBar = ({
  total,
  remaining,
  target,
  tall = false,
}: {
  total: number
  remaining: number
  target: 'patching' | 'unpatching'
  tall?: boolean
}) => {
  const switched = total - remaining
  const [onNew, onOld] = target === 'patching' ? [switched, remaining] : [remaining, switched]
  const share = total === 0 ? 1 : switched / total
  return (
    <span className="flex items-center gap-2" title={`${count(remaining)} of ${count(total)} tasks have not switched`}>
      <span
        aria-hidden
        className={`flex flex-1 gap-px overflow-hidden rounded-[1.5px] bg-sunken ${tall ? 'h-2' : 'h-1.5'}`}
      >
        <i
          className={`basis-0 bg-new-fill transition-[flex-grow] duration-(--motion-calm) ${onNew > 0 ? 'min-w-0.5' : ''}`}
          style={{ flexGrow: onNew }}
        />
        <i
          className={`basis-0 bg-old-fill transition-[flex-grow] duration-(--motion-calm) ${onOld > 0 ? 'min-w-0.5' : ''}`}
          style={{ flexGrow: onOld }}
        />
      </span>
      {tall ? null : <span className="w-12 text-right text-12 text-ink-2">{percent(share)}</span>}
    </span>
  )
}
