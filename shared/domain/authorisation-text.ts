import type { Authorisation } from '../contract/command.ts'
import { printable } from './printable.ts'
import { AGENT_ITSELF } from './updatable-providers.ts'
import type { CommandAction } from './words.ts'

/** One field of the signed text, in full words; `values` holds one line or many. */
export interface AuthorisationField {
  /** Its key in the payload, so that the two can be held side by side. */
  readonly field: keyof Authorisation
  readonly title: string
  readonly values: readonly string[]
}

const ACTS: Readonly<Record<CommandAction, string>> = {
  load: 'Load a livepatch module into the kernel',
  enable: 'Remove a disabled livepatch’s module and insert it anew',
  disable: 'Take a livepatch out of the kernel',
  reverse: 'Turn the running transition round',
  retry: 'Take a stalled transition out and begin it anew',
  signal: 'Wake the tasks that block a transition',
  force: 'End a transition by force, whatever the remaining tasks run; only a restart makes the kernel sound again',
  update: 'Have the vendor’s own tool fetch and apply its patches',
  refresh: 'Read the host anew and change nothing',
}

const REPLACE_AGENT =
  'Replace Rebootless’s own agent, which runs as root, by the release of the makers that is named below'

const WAYS: Readonly<Record<NonNullable<Authorisation['target']>, string>> = {
  patching: 'patching: the one by which the livepatch goes in',
  unpatching: 'unpatching: the one by which the livepatch goes out',
}

const yes = (value: boolean, text: string): string => (value ? `Yes: ${text}` : 'No')

/**
 * What an approver reads before he signs: every field of the payload, in its order here, and nothing else. The page and
 * `rebootless approve` print the same. Characters that could paint on a screen are shown as escapes (threat-model T04).
 */
export const authorisationText = (authorisation: Authorisation): AuthorisationField[] => {
  const { action, artefact, kernel, blockingTasks, hosts } = authorisation
  const isOfAgents = action === 'update' && authorisation.provider === AGENT_ITSELF
  const fields: Record<keyof Authorisation, readonly [title: string, ...values: string[]]> = {
    action: ['What is done', `${action}: ${isOfAgents ? REPLACE_AGENT : ACTS[action]}`],
    patch: ['Livepatch', authorisation.patch ?? 'None named'],
    artefact:
      artefact === null
        ? ['Module file', 'None']
        : [
            'Module file',
            `SHA-256 ${artefact.sha256}`,
            `${artefact.size} bytes`,
            `Release counter ${artefact.releaseCounter}`,
          ],
    kernel:
      kernel === null
        ? ['Running kernel', 'Any']
        : ['Running kernel', kernel.release, `Build id ${kernel.buildId ?? 'not fixed'}`],
    provider: ['Vendor’s tool', authorisation.provider ?? 'None'],
    target: ['Transition', authorisation.target === null ? 'None named' : WAYS[authorisation.target]],
    blockingTasks: [
      'Tasks seen to block',
      ...(blockingTasks.length === 0 ? ['None named'] : blockingTasks.map(({ tid, name }) => `${tid} ${name}`)),
    ],
    hosts: [`Hosts, ${hosts.length} in all`, ...hosts.map(({ id, notBefore }) => `${id}, not before ${notBefore}`)],
    expiresAt: ['Good until', authorisation.expiresAt],
    rollout: ['Rollout', authorisation.rollout ?? 'None'],
    downgrade: ['Downgrade', yes(authorisation.downgrade, 'an older release may take the place of a newer one')],
    reversal: [
      'Reversal approved too',
      yes(authorisation.reversal, 'until it expires, this patch may be taken out again'),
    ],
    reason: ['Reason', authorisation.reason],
    requestedBy: ['Asked for by', authorisation.requestedBy],
    requestedAt: ['Asked for at', authorisation.requestedAt],
    id: ['Number of this authorisation', authorisation.id],
    version: ['Form of this text', String(authorisation.version)],
  }
  return Object.entries(fields).map(([field, [title, ...values]]) => ({
    field: field as keyof Authorisation,
    title,
    values: values.map(printable),
  }))
}
