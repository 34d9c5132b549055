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
    <div className="grid h-20 grid-cols-1 content-center gap-3 border-b border-line bg-sunken px-6 max-desk:px-4">
      <Placeholder className="w-[480px]" />
      <Placeholder className="w-32" />
    </div>
    <div className="flex h-11 items-center gap-6 border-b border-line px-6 max-desk:px-4">
      {['w-16', 'w-12', 'w-8', 'w-16'].map((width, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a tab is its place
        <Placeholder key={place} className={width} />
      ))}
    </div>
    <div className="flex gap-6 border-b border-line px-6 py-5 max-desk:flex-col max-desk:px-4">
      {['desk:w-32', 'desk:w-56', 'flex-1'].map((width) => (
        <div key={width} className={`grid gap-3 ${width}`}>
          <Placeholder className="w-20" />
          <div aria-hidden className="h-24 animate-shimmer rounded-mark bg-sunken" />
        </div>
      ))}
    </div>
    <div aria-hidden className="grid max-desk:hidden wide:grid-cols-[minmax(0,1fr)_400px]">
      <div className="grid grid-cols-[minmax(0,1fr)_264px]">
        {['w-40', 'w-16'].map((width) => (
          <Panel key={width} title={width} />
        ))}
      </div>
      <Panel title="w-20" />
    </div>
  </div>
)

const Panel = ({ title }: { title: string }) => (
  <div className="grid h-52 content-start gap-4 border-l border-line px-6 py-5 first:border-l-0">
    <Placeholder className={title} />
    <Placeholder className="w-64" />
    <Placeholder className="w-40" />
  </div>
)
