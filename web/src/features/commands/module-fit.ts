import type { ModuleFacts } from '@rebootless/shared/contract/module-facts.ts'
import { visibleText } from '../../ui/host-text.tsx'

/**
 * Why a module cannot go into a kernel; undefined: it was built for it. The kernel compares the release, and its own
 * flags behind it, with the module's vermagic (kernel/module/version.c, same_magic); the agent looks at the rest.
 */
export const fitOf = ({ vermagic }: Pick<ModuleFacts, 'vermagic'>, kernelRelease: string): string | undefined => {
  const [release = ''] = vermagic.split(' ')
  return release === kernelRelease
    ? undefined
    : `It does not fit: it was built for ${visibleText(release, 128)}, and ${visibleText(kernelRelease, 128)} runs.`
}
