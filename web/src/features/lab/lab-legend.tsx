/** How the pictures are to be read. */
export const LabLegend = () => (
  <ul
    aria-label="Legend"
    className="flex flex-wrap items-center gap-x-4 gap-y-1 px-6 py-2 text-12 text-ink-3 max-desk:px-4"
  >
    <li className="flex items-center gap-1.5">
      <i aria-hidden className="h-[3px] w-5 bg-old-fill" />
      old code
    </li>
    <li className="flex items-center gap-1.5">
      <i aria-hidden className="h-[7px] w-5 bg-new-fill" />
      new code
    </li>
    <li className="flex items-center gap-1.5">
      <i aria-hidden className="flex">
        <i className="mt-0.5 h-[3px] w-2.5 bg-old-mid" />
        <i className="h-[7px] w-2.5 bg-new-mid" />
      </i>
      asleep
    </li>
    <li className="flex items-center gap-1.5">
      <i aria-hidden className="grid w-5 gap-[3px]">
        <i className="h-[3px] bg-old-mid" />
        <i className="border-t-2 border-dotted border-ink-2" />
      </i>
      asleep in a patched function
    </li>
    <li className="flex items-center gap-1.5">
      <i aria-hidden className="hatched h-3 w-5 border border-ink text-ink" />
      stopped or frozen
    </li>
    <li className="flex items-center gap-1.5">
      <i aria-hidden className="h-[3px] w-5 bg-none-fill" />
      neither: no consistency
    </li>
    <li className="flex items-center gap-1.5">
      <i aria-hidden className="h-2 w-px bg-ink-3" />a try
    </li>
    <li className="max-desk:hidden">Pale is still to come</li>
  </ul>
)
