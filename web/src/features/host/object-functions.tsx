import type { LivepatchObject } from '@rebootless/shared/contract/kernel.ts'
import { HostText } from '../../ui/host-text.tsx'

/** As the agent puts it for kGraft and kpatch's first core, which name functions alone. */
const NOT_NAMED = 'unknown'

/** Functions that a patch replaces, by the object that holds them. */
export const ObjectFunctions = ({ objects }: { objects: readonly LivepatchObject[] }) => (
  <ul className="mt-2 grid gap-3">
    {objects.map((object) => (
      <li key={object.name}>
        <p className="flex items-baseline gap-2 text-12">
          {object.name === NOT_NAMED ? (
            <span className="text-ink-3">The system does not say which object holds them.</span>
          ) : (
            <>
              <span className="mono font-medium">
                <HostText value={object.name} max={64} />
              </span>
              <span className="text-ink-3">
                {object.patched === true
                  ? 'patched'
                  : object.patched === false
                    ? 'waits, its module is not loaded'
                    : 'this kernel does not say whether it is patched'}
              </span>
            </>
          )}
        </p>
        <ul className="mt-1 columns-[240px] gap-x-6">
          {object.functions.map((one) => (
            <li key={`${one.name},${one.sympos}`} className="mono truncate text-[12px] leading-5 text-ink-2">
              <HostText value={one.name} max={120} />
              {one.sympos > 1 ? <span className="text-ink-3">, sympos {one.sympos}</span> : null}
            </li>
          ))}
        </ul>
      </li>
    ))}
  </ul>
)
