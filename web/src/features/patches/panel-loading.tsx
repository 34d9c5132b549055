import { Placeholder } from '../../ui/notice.tsx'

/** A part of a patch's page before its first answer. */
export const PanelLoading = ({ what }: { what: string }) => (
  <div aria-busy="true" className="grid gap-4 px-6 py-5 max-desk:px-4">
    <p role="status" className="sr-only">
      {what} is being fetched.
    </p>
    {['w-96', 'w-56', 'w-80', 'w-64', 'w-72'].map((width) => (
      <Placeholder key={width} className={width} />
    ))}
  </div>
)
