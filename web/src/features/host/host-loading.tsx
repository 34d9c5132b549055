import { Placeholder } from '../../ui/notice.tsx'

/** The host's page in its final geometry, before the first answer. */
export const HostLoading = () => (
  <div aria-busy="true">
    <p role="status" className="sr-only">
      The host is loading.
    </p>
    <div className="flex h-[68px] items-center gap-3 px-6 max-desk:px-4">
      <Placeholder className="h-5 w-44" />
      <Placeholder className="w-28" />
    </div>
    <div className="mx-6 grid grid-cols-2 border-t border-line max-desk:mx-4 desk:grid-cols-4">
      {['w-36', 'w-24', 'w-20', 'w-28', 'w-32', 'w-16', 'w-12', 'w-10'].map((width) => (
        <span key={width} className="grid h-[77px] content-center gap-2 desk:nth-[-n+4]:h-[93px]">
          <Placeholder className="w-14" />
          <Placeholder className={width} />
        </span>
      ))}
    </div>
    <div className="h-14 animate-shimmer border-y border-line bg-sunken" />
    <div className="flex h-11 items-center gap-8 border-b border-line px-6 max-desk:px-4">
      {['a', 'b', 'c', 'd', 'e'].map((key) => (
        <Placeholder key={key} className="w-16" />
      ))}
    </div>
    <div aria-hidden className="m-6 h-64 animate-shimmer rounded-mark bg-sunken" />
  </div>
)
