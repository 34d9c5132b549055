import { Placeholder } from '../../../ui/notice.tsx'

/** A rollout's page before its first answer, in its final geometry. */
export const RolloutLoading = () => (
  <div aria-busy="true">
    <p role="status" className="sr-only">
      The rollout is loading.
    </p>
    <div className="flex h-14 items-center gap-6 border-b border-line px-6 max-desk:px-4">
      <Placeholder className="w-24" />
      <Placeholder className="w-56 max-desk:hidden" />
    </div>
    <div className="grid h-20 content-center gap-3 border-b border-line bg-sunken px-6 max-desk:px-4">
      <Placeholder className="w-[480px]" />
      <Placeholder className="w-32" />
    </div>
    <div className="flex gap-6 border-b border-line px-6 py-5 max-desk:px-4">
      {['w-32', 'w-56', 'w-72'].map((width) => (
        <div key={width} className={`grid gap-3 ${width} max-desk:first:w-full`}>
          <Placeholder className="w-20" />
          <div aria-hidden className="h-36 animate-shimmer rounded-mark bg-sunken" />
        </div>
      ))}
    </div>
  </div>
)
