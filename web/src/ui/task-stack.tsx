import type { BlockingTask } from '@rebootless/shared/contract/transition.ts'
import { HostText } from './host-text.tsx'

/** A kernel stack as /proc prints it, the replaced function marked: that frame is what holds the task. */
export const TaskStack = ({ frames, sleepsIn }: { frames: BlockingTask['stack']; sleepsIn: BlockingTask['wchan'] }) => {
  if (frames === null)
    return (
      <p className="rounded-control border border-dashed border-line-3 px-3 py-3 text-ink-3">
        The stack could not be read. Only root may read it.{' '}
        {sleepsIn === null ? null : (
          <>
            The task sleeps in{' '}
            <code className="mono text-ink-2">
              <HostText value={sleepsIn} max={100} />
            </code>
            .
          </>
        )}
      </p>
    )
  if (frames.length === 0)
    return (
      <p className="rounded-control border border-line px-3 py-3 text-ink-3">
        The stack was empty: the task was running.
      </p>
    )
  return (
    <ol className="mono overflow-hidden rounded-control border border-line-2 bg-sheet text-[12px]">
      {frames.map((frame, index) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: a frame is its place; the same function may stand there twice
          key={index}
          className={`flex min-h-6 items-center gap-3 border-l-[3px] px-3 py-0.5 ${frame.held ? 'border-old-fill bg-old-tint' : 'border-transparent'}`}
        >
          <span className="w-5 flex-none text-right text-ink-3">{index}</span>
          <span className="min-w-0 flex-1 wrap-anywhere text-ink-3">
            <span className={frame.held ? 'font-semibold text-old-text' : 'text-ink'}>
              <HostText value={frame.function} max={200} />
            </span>
            {frame.offset === null ? '' : <HostText value={`+${frame.offset}`} max={40} />}
            {frame.module === null ? '' : <HostText value={` [${frame.module}]`} max={70} />}
          </span>
          {frame.held ? (
            <span className="font-sans text-11 whitespace-nowrap text-old-text">patched, holds the task</span>
          ) : index === 0 ? (
            <span className="font-sans text-11 whitespace-nowrap text-ink-3">sleeps here</span>
          ) : null}
        </li>
      ))}
    </ol>
  )
}
