import type { PatchDetail } from '@rebootless/shared/contract/patches.ts'
import { exactTime } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'

/** Publishers' detached signatures over the file; those of keys that were taken back stay, and count no more. */
export const SignatureList = ({ patch }: { patch: PatchDetail }) =>
  patch.signatures.length === 0 ? (
    <p className="text-ink-3">No publisher has signed the file.</p>
  ) : (
    <ul aria-label="Publishers’ signatures" className="grid gap-2">
      {patch.signatures.map((one) => (
        <li key={one.keyId} className={one.revokedAt === null ? '' : 'text-ink-3'}>
          <b className="font-semibold">
            <HostText value={one.publisher} max={64} />
          </b>
          {one.revokedAt === null
            ? ': good'
            : `: counts no more, its key was taken back on ${exactTime(one.revokedAt)}`}
          <span className="block text-12 wrap-anywhere text-ink-3">
            Key <code className="mono">{one.publicKey}</code>, handed in by <HostText value={one.addedBy} max={64} /> on{' '}
            {exactTime(one.addedAt)}
          </span>
        </li>
      ))}
    </ul>
  )
